"""Rewrites that change no function: what exporters do differently, and no difference between networks.

A disguise edits a network and says at how many places; 0 where it does not apply. Tensors keep the names by which nodes
are known, but for `rename`, which says what they are called since.
Each is proven by running before and after on equal weights.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from random import Random

import numpy as np
import onnx
from onnx import numpy_helper

from planted.network import COMMUTATIVE, UNARY, Illegal, Net, Window, assign, attribute, make
from planted.opset import clip_bounds

Disguise = Callable[[Net, Random], int]

DISGUISES: dict[str, Disguise] = {}


def disguise(found: Disguise) -> Disguise:
    """Enter a disguise under its function's name."""
    DISGUISES[found.__name__] = found
    return found


def some(net: Net, random: Random, *ops: str) -> Iterator[onnx.NodeProto]:
    """About half of the nodes with one of these operators, and one at least."""
    found = [node for node in net.nodes if node.op_type in ops]
    yield from _half(found, random)


def _half(found: list[onnx.NodeProto], random: Random) -> list[onnx.NodeProto]:
    chosen = [node for node in found if random.random() < 0.5]
    return chosen or (random.sample(found, 1) if found else [])


# ---------------------------------------------------------------- names and order


@disguise
def rename(net: Net, random: Random) -> int:
    """Every tensor and every node has another name."""
    old = [value.name for value in net.inputs] + list(net.weights) + [n for node in net.nodes for n in node.output if n]
    numbers = random.sample(range(10 * len(old)), len(old))
    names = {name: f"t{number}" for name, number in zip(old, numbers, strict=True)}
    for node in net.nodes:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]
        node.name = f"n{random.randrange(10**9)}"
    for name, tensor in list(net.weights.items()):
        tensor.name = names[name]
    net.weights = {tensor.name: tensor for tensor in net.weights.values()}
    for value in (*net.inputs, *net.outputs):
        value.name = names[value.name]
    net.renamed = names
    return len(names)


@disguise
def reorder(net: Net, random: Random) -> int:
    """The nodes stand in another order that is as good."""
    before = [node.output[0] for node in net.nodes]
    net.nodes = net.ordered(random.randrange)
    return sum(node.output[0] != name for node, name in zip(net.nodes, before, strict=True))


@disguise
def swap_operands(net: Net, random: Random) -> int:
    """Operators that commute have their operands in another order."""
    changed = 0
    for node in some(net, random, *sorted(COMMUTATIVE)):
        if len(set(node.input)) > 1:
            node.input[:] = [*node.input[1:], node.input[0]]
            changed += 1
    return changed


# ---------------------------------------------------------------- what does nothing


@disguise
def identities(net: Net, random: Random) -> int:
    """Identity here and there."""
    return sum(_between(net, random, lambda name, new: make("Identity", [name], new)) for _ in range(5))


@disguise
def dropout(net: Net, random: Random) -> int:
    """Dropout, which does nothing in inference."""
    return sum(_between(net, random, lambda name, new: make("Dropout", [name], new)) for _ in range(3))


@disguise
def arithmetic_identities(net: Net, random: Random) -> int:
    """Multiplications by one and additions of zero."""
    one, zero = net.constant(1.0), net.constant(0.0)
    times = _between(net, random, lambda name, new: make("Mul", [name, one], new))
    return times + _between(net, random, lambda name, new: make("Add", [zero, name], new))


@disguise
def dead_nodes(net: Net, random: Random) -> int:
    """Operators whose result nobody takes."""
    for name in _floats(net, random, 3):
        net.nodes.append(make("Relu", [name], net.fresh("unused")))
    return 3


def _floats(net: Net, random: Random, number: int) -> list[str]:
    """Activations, at random."""
    known = ("Conv", "Relu", "BatchNormalization", "Gemm", "MaxPool", "LeakyRelu", "Concat")
    found = [node.output[0] for node in net.nodes if node.op_type in known and len(net.shape(node.output[0])) > 1]
    return random.sample(found, min(number, len(found)))


def _between(net: Net, random: Random, build: Callable[[str, str], onnx.NodeProto]) -> int:
    """Put a node between a tensor and all its readers, or one of them."""
    for name in _floats(net, random, 1):
        readers = net.consumers[name]
        if name in net.returned or not readers:
            return 0
        reader = random.choice([None, *readers])
        new = build(name, net.fresh("between"))
        net.redirect(name, new.output[0], [other for other in readers if reader is not None and other is not reader])
        net.nodes.append(new)
        net.edited()
        return 1
    return 0


# ---------------------------------------------------------------- dense layers


@disguise
def gemm_to_matmul(net: Net, random: Random) -> int:
    """Gemm as MatMul and Add, the matrix turned round where need be."""
    changed = 0
    for node in some(net, random, "Gemm"):
        plain = attribute(node, "alpha", 1.0) == 1 and attribute(node, "beta", 1.0) == 1
        if not plain or attribute(node, "transA", 0):
            continue
        matrix = node.input[1]
        if attribute(node, "transB", 0):
            if matrix not in net.weights:
                continue
            matrix = net.derived(matrix, net.shape(matrix)[::-1], np.transpose)
        output = node.output[0]
        if len(node.input) < 3:
            net.replace(node, make("MatMul", [node.input[0], matrix], output))
        else:
            product = net.fresh("product")
            net.replace(
                node, make("MatMul", [node.input[0], matrix], product), make("Add", [product, node.input[2]], output)
            )
        changed += 1
    return changed


@disguise
def matmul_to_gemm(net: Net, random: Random) -> int:
    """MatMul of two matrices, with an Add of a bias after it, as Gemm."""
    changed = 0
    for node in some(net, random, "MatMul"):
        matrix = node.input[1]
        if len(net.shape(node.input[0])) != 2 or matrix not in net.weights or len(net.shape(matrix)) != 2:
            continue
        inputs = [node.input[0], net.derived(matrix, net.shape(matrix)[::-1], np.transpose)]
        output, follower = node.output[0], net.only_consumer(node.output[0])
        if follower is not None and follower.op_type == "Add":
            bias = next(name for name in follower.input if name != output)
            if bias in net.weights and net.shape(bias) == net.shape(output)[1:]:
                inputs.append(bias)
                output = follower.output[0]
                net.nodes = [other for other in net.nodes if other is not follower]
        net.replace(node, make("Gemm", inputs, output, transB=1))
        changed += 1
    return changed


@disguise
def conv_to_gemm(net: Net, random: Random) -> int:
    """A 1x1 convolution on a map of one pixel as a dense layer."""
    changed = 0
    for node in some(net, random, "Conv"):
        shape, kernel = net.shape(node.input[0]), net.shape(node.input[1])
        plain = shape[2:] == (1, 1) and kernel[2:] == (1, 1) and attribute(node, "group", 1) == 1
        if not plain or node.input[1] not in net.weights or any(attribute(node, "pads", [0])):
            continue
        matrix = net.derived(node.input[1], kernel[:2], lambda data: data)
        flat, product, output = net.fresh("flat"), net.fresh("product"), node.output[0]
        target = net.constant([1, kernel[0], 1, 1], "int64")
        net.replace(
            node,
            make("Flatten", [node.input[0]], flat, axis=1),
            make("Gemm", [flat, matrix, *node.input[2:]], product, transB=1),
            make("Reshape", [product, target], output),
        )
        changed += shape[0] == 1
    return changed


@disguise
def gemm_to_conv(net: Net, random: Random) -> int:
    """A dense layer on a vector as a 1x1 convolution on one pixel."""
    changed = 0
    for node in some(net, random, "Gemm"):
        matrix, shape = node.input[1], net.shape(node.input[0])
        plain = attribute(node, "alpha", 1.0) == 1 and attribute(node, "beta", 1.0) == 1
        if matrix not in net.weights or not plain or attribute(node, "transA", 0) or shape[:1] != (1,):
            continue
        turned = bool(attribute(node, "transB", 0))
        out, channels = net.shape(matrix) if turned else net.shape(matrix)[::-1]
        if len(node.input) > 2 and net.shape(node.input[2]) != (out,):
            continue
        kernel = net.derived(matrix, (out, channels, 1, 1), lambda data, turned=turned: data if turned else data.T)
        pixel, product, output = net.fresh("pixel"), net.fresh("product"), node.output[0]
        net.replace(
            node,
            make("Reshape", [node.input[0], net.constant([1, channels, 1, 1], "int64")], pixel),
            make("Conv", [pixel, kernel, *node.input[2:]], product, kernel_shape=[1, 1]),
            make("Flatten", [product], output, axis=1),
        )
        changed += 1
    return changed


# ---------------------------------------------------------------- padding


@disguise
def pads_outside(net: Net, random: Random) -> int:
    """The pads of a convolution or pooling as a Pad before it, with a value that changes nothing."""
    changed = 0
    for node in some(net, random, "Conv", "MaxPool", "AveragePool"):
        if len(net.shape(node.input[0])) != 4:
            continue
        window = Window(net, node)
        counted = node.op_type != "AveragePool" or attribute(node, "count_include_pad", 0)
        if not any(window.pads) or not window.explicit or not counted or attribute(node, "ceil_mode", 0):
            continue
        value = 0.0
        if node.op_type == "MaxPool" and not (nonnegative(net, node.input[0]) and random.random() < 0.5):
            value = float(np.finfo(np.float32).min)
        padded = net.fresh("padded")
        pads = [0, 0, *window.pads[:2], 0, 0, *window.pads[2:]]
        if net.opset < 11:
            pad = make("Pad", [node.input[0]], padded, pads=pads, value=value)
        else:
            values = [] if value == 0 and random.random() < 0.5 else [net.constant(value)]
            pad = make("Pad", [node.input[0], net.constant(pads, "int64"), *values], padded, mode="constant")
        node.input[0] = padded
        assign(node, pads=[0, 0, 0, 0])
        net.nodes.append(pad)
        changed += 1
    return changed


@disguise
def pads_inside(net: Net, random: Random) -> int:
    """A Pad of zeros before a convolution, or before a max-pool of what is never negative, as that one's pads."""
    changed = 0
    for node in some(net, random, "Pad"):
        reader, pads = net.only_consumer(node.output[0]), _zero_pads(net, node)
        if reader is None or reader.op_type not in ("Conv", "MaxPool") or pads is None or any(pads[:2] + pads[4:6]):
            continue
        if reader.op_type == "MaxPool" and not nonnegative(net, node.input[0]):
            continue
        window = Window(net, reader)
        whole = [inside + outside for inside, outside in zip(window.pads, [*pads[2:4], *pads[6:]], strict=True)]
        small = all(pad < extent for pad, extent in zip(whole, [*window.kernel] * 2, strict=True))
        if window.explicit and min(whole) >= 0 and (reader.op_type == "Conv" or small):
            assign(reader, pads=whole)
            net.remove([node], node.output[0], node.input[0])
            changed += 1
    return changed


@disguise
def spare_pads(net: Net, random: Random) -> int:
    """Pads at the end that no window reaches come or go, and ceil_mode where both ways round the same."""
    changed = 0
    for node in some(net, random, "Conv", "MaxPool"):
        if len(net.shape(node.input[0])) != 4:
            continue
        window = Window(net, node)
        if not window.explicit or attribute(node, "ceil_mode", 0):
            continue
        if node.op_type == "MaxPool" and not any(window.spare()) and net.opset >= 10:
            assign(node, ceil_mode=1)
            changed += 1
        elif window.effective() != window.pads:
            assign(node, pads=window.effective())
            changed += 1
    return changed


def nonnegative(net: Net, name: str) -> bool:
    """Whether a tensor is never negative."""
    node = net.producer.get(name)
    if node is None:
        return False
    if node.op_type in ("MaxPool", "AveragePool", "Identity", "Dropout", "Concat"):
        return all(nonnegative(net, other) for other in node.input)
    return node.op_type in ("Relu", "Sigmoid", "Softplus") or (
        node.op_type == "Clip" and (clip_bounds(net, node)[0] or -1.0) >= 0
    )


def _zero_pads(net: Net, node: onnx.NodeProto) -> list[int] | None:
    """Pads of a Pad with zeros; None for another."""
    if attribute(node, "mode", b"constant") != b"constant" or len(node.input) > 3:
        return None
    if net.opset < 11:
        return attribute(node, "pads", []) if attribute(node, "value", 0.0) == 0 else None
    pads = net.data(node.input[1])
    zero = len(node.input) < 3 or not node.input[2] or net.scalar(node.input[2]) == 0
    return [int(pad) for pad in pads] if pads is not None and zero and len(pads) == 8 else None


# ---------------------------------------------------------------- activations


@disguise
def relu_forms(net: Net, random: Random) -> int:
    """ReLU as Clip from zero, or as the maximum with zero."""
    changed = 0
    for node in some(net, random, "Relu"):
        node.op_type = random.choice(["Max", "Clip"] if net.opset >= 11 else ["Max"])
        node.input.append(net.constant(0.0))
        changed += 1
    return changed


@disguise
def relu6_forms(net: Net, random: Random) -> int:
    """Clip to (0, 6) as minimum and maximum, or as ReLU and minimum."""
    changed = 0
    for node in some(net, random, "Clip"):
        low, high = clip_bounds(net, node)
        if low != 0 or high is None:
            continue
        inner, top = net.fresh("inner"), net.constant(high)
        first = random.choice(
            [make("Relu", node.input[:1], inner), make("Max", [node.input[0], net.constant(0.0)], inner)]
        )
        net.replace(node, first, make("Min", [inner, top], node.output[0]))
        changed += 1
    return changed


@disguise
def hardswish_forms(net: Net, random: Random) -> int:
    """HardSwish as x * Clip(x + 3, 0, 6) / 6, or with HardSigmoid."""
    changed = 0
    for node in some(net, random, "HardSwish"):
        x, output, gate = node.input[0], node.output[0], net.fresh("gate")
        if random.random() < 0.5:
            sigmoid = make("HardSigmoid", [x], gate, alpha=1 / 6, beta=0.5)
            net.replace(node, sigmoid, make("Mul", [x, gate], output))
        else:
            shifted, product = net.fresh("shifted"), net.fresh("product")
            net.replace(
                node,
                make("Add", [x, net.constant(3.0)], shifted),
                make("Clip", [shifted, net.constant(0.0), net.constant(6.0)], gate),
                make("Mul", [x, gate], product),
                make("Div", [product, net.constant(6.0)], output),
            )
        changed += 1
    return changed


@disguise
def hardswish_fused(net: Net, random: Random) -> int:
    """x * Clip(x + 3, 0, 6) / 6 as HardSwish."""
    changed = 0
    for node in _half([node for node in net.nodes if net.opset >= 14 and _is_hardswish(net, node)], random):
        product = net.producer[node.input[0]]
        gate = next(net.producer[name] for name in product.input if net.op(name) == "Clip")
        shifted = net.producer[gate.input[0]]
        x = next(name for name in product.input if name != gate.output[0])
        net.remove([shifted, gate, product], product.output[0], x)
        net.replace(node, make("HardSwish", [x], node.output[0]))
        changed += 1
    return changed


def _is_hardswish(net: Net, node: onnx.NodeProto) -> bool:
    """Whether a node is the last of x * Clip(x + 3, 0, 6) / 6, all constants scalars or shared."""
    if node.op_type not in ("Mul", "Div") or net.op(node.input[0]) != "Mul":
        return False
    last = net.scalar(node.input[1])
    sixth = last is not None and math.isclose(last, 6.0 if node.op_type == "Div" else 1 / 6, rel_tol=1e-6)
    product = net.producer[node.input[0]]
    gates = [net.producer[name] for name in product.input if net.op(name) == "Clip"]
    if not sixth or len(gates) != 1 or clip_bounds(net, gates[0]) != (0.0, 6.0):
        return False
    shifted, x = net.producer.get(gates[0].input[0]), {*product.input} - {gates[0].output[0]}
    three = shifted is not None and shifted.op_type == "Add" and any(net.scalar(name) == 3 for name in shifted.input)
    scalars = three and all(net.shape(name) == () for name in shifted.input if name in net.weights)
    inner = (shifted, gates[0], product)
    return bool(scalars and x & set(shifted.input)) and all(net.only_consumer(n.output[0]) is not None for n in inner)


@disguise
def gelu_erf(net: Net, random: Random) -> int:
    """GELU written with the error function."""
    changed = 0
    for node in some(net, random, "Gelu"):
        if attribute(node, "approximate", b"none") != b"none":
            continue
        x, (scaled, error, shifted, product) = node.input[0], (net.fresh("gelu") for _ in range(4))
        net.replace(
            node,
            make("Div", [x, net.constant(math.sqrt(2))], scaled),
            make("Erf", [scaled], error),
            make("Add", [error, net.constant(1.0)], shifted),
            make("Mul", [x, shifted], product),
            make("Mul", [product, net.constant(0.5)], node.output[0]),
        )
        changed += 1
    return changed


@disguise
def sigmoid_forms(net: Net, random: Random) -> int:
    """Sigmoid as 1 / (1 + exp(-x))."""
    changed = 0
    for node in some(net, random, "Sigmoid"):
        minus, power, whole = (net.fresh("sigmoid") for _ in range(3))
        net.replace(
            node,
            make("Neg", [node.input[0]], minus),
            make("Exp", [minus], power),
            make("Add", [power, net.constant(1.0)], whole),
            make("Div", [net.constant(1.0), whole], node.output[0]),
        )
        changed += 1
    return changed


@disguise
def layer_norm_forms(net: Net, random: Random) -> int:
    """LayerNormalization written out: mean, deviation, square, root, scale and shift."""
    changed = 0
    for node in some(net, random, "LayerNormalization"):
        rank = len(net.shape(node.input[0]))
        if attribute(node, "axis", -1) % rank != rank - 1 or len(node.input) < 3:
            continue
        x, scale, shift = node.input
        mean, deviation, square, variance, safe, root, unit, scaled = (net.fresh("norm") for _ in range(8))
        epsilon = net.constant(attribute(node, "epsilon", 1e-5))
        net.replace(
            node,
            _mean(net, x, [-1], mean),
            make("Sub", [x, mean], deviation),
            make("Mul", [deviation, deviation], square),
            _mean(net, square, [-1], variance),
            make("Add", [variance, epsilon], safe),
            make("Sqrt", [safe], root),
            make("Div", [deviation, root], unit),
            make("Mul", [unit, scale], scaled),
            make("Add", [scaled, shift], node.output[0]),
        )
        changed += 1
    return changed


# ---------------------------------------------------------------- pooling and shapes


@disguise
def global_pool_forms(net: Net, random: Random) -> int:
    """The mean of the whole map: GlobalAveragePool, ReduceMean or AveragePool of full size."""
    changed = 0
    for node in [node for node in net.nodes if _is_global(net, node)]:
        x, output = node.input[0], node.output[0]
        size = net.shape(x)[2:]
        forms = [
            make("GlobalAveragePool", [x], output),
            make("AveragePool", [x], output, kernel_shape=size),
            _mean(net, x, [2, 3], output),
        ]
        net.replace(node, random.choice([form for form in forms if form.op_type != node.op_type]))
        changed += 1
    return changed


def _mean(net: Net, x: str, axes: list[int], output: str) -> onnx.NodeProto:
    if net.opset < 18:
        return make("ReduceMean", [x], output, axes=axes, keepdims=1)
    return make("ReduceMean", [x, net.constant(axes, "int64")], output, keepdims=1)


def _is_global(net: Net, node: onnx.NodeProto) -> bool:
    shape = net.shape(node.input[0]) if node.input else ()
    if len(shape) != 4 or net.shape(node.output[0]) != (*shape[:2], 1, 1):
        return False
    if node.op_type == "AveragePool":
        window = Window(net, node)
        return tuple(window.kernel) == shape[2:] and not any(window.pads) and window.explicit
    if node.op_type == "ReduceMean":
        axes = net.data(node.input[1]) if len(node.input) > 1 else np.array(attribute(node, "axes", []))
        return axes is not None and {int(axis) % 4 for axis in axes} == {2, 3}
    return node.op_type == "GlobalAveragePool"


@disguise
def flatten_forms(net: Net, random: Random) -> int:
    """A map as a vector: Flatten, Reshape or, of one pixel, Squeeze."""
    changed = 0
    for node in net.nodes[:]:
        shape, made = net.shape(node.input[0]) if node.input else (), net.shape(node.output[0])
        known = node.op_type in ("Flatten", "Reshape", "Squeeze") and len(shape) == 4 and shape[0] == 1
        if not known or made != (1, math.prod(shape)):
            continue
        x, output = node.input[0], node.output[0]
        target = random.choice([[1, made[1]], [1, -1], [0, -1]])
        forms = [make("Flatten", [x], output, axis=1), make("Reshape", [x, net.constant(target, "int64")], output)]
        if shape[2:] == (1, 1):
            axes = [net.constant([2, 3], "int64")] if net.opset >= 13 else []
            forms.append(make("Squeeze", [x, *axes], output, **({} if axes else {"axes": [2, 3]})))
        net.replace(node, random.choice([form for form in forms if form.op_type != node.op_type]))
        changed += 1
    return changed


@disguise
def shape_chains(net: Net, random: Random) -> int:
    """The target of a Reshape computed from the shape of what it reshapes."""
    changed = 0
    for node in some(net, random, "Reshape"):
        target, shape = net.data(node.input[1]), net.shape(node.input[0])
        made = net.shape(node.output[0])
        if target is None or not shape or not made or shape[0] != made[0]:
            continue
        sizes, first, whole = net.fresh("sizes"), net.fresh("first"), net.fresh("target")
        rest = net.constant([*made[1:]], "int64")
        net.nodes += [
            make("Shape", [node.input[0]], sizes),
            make("Gather", [sizes, net.constant([0], "int64")], first, axis=0),
            make("Concat", [first, rest], whole, axis=0),
        ]
        node.input[1] = whole
        changed += 1
    return changed


@disguise
def constant_nodes(net: Net, random: Random) -> int:
    """Small initializers as Constant nodes."""
    changed = 0
    for name in list(net.weights):
        data = net.data(name)
        if data is not None and data.size <= 64 and random.random() < 0.5 and net.consumers[name]:
            tensor = net.weights.pop(name)
            net.nodes.insert(0, make("Constant", [], name, value=tensor))
            changed += 1
    return changed


@disguise
def constant_initializers(net: Net, random: Random) -> int:
    """Constant nodes as initializers."""
    changed = 0
    for node in some(net, random, "Constant"):
        value = attribute(node, "value", None)
        if value is not None:
            net.weights[node.output[0]] = numpy_helper.from_array(numpy_helper.to_array(value), node.output[0])
            net.nodes = [other for other in net.nodes if other is not node]
            changed += 1
    return changed


# ---------------------------------------------------------------- joins and layout


@disguise
def sum_forms(net: Net, random: Random) -> int:
    """Add of two tensors of one shape as Sum, or the other way round."""
    changed = 0
    for node in some(net, random, "Add", "Sum"):
        computed = [name in net.producer and len(net.shape(name)) > 1 for name in node.input]
        if len(node.input) == 2 and all(computed) and net.shape(node.input[0]) == net.shape(node.input[1]):
            node.op_type = "Sum" if node.op_type == "Add" else "Add"
            changed += 1
    return changed


@disguise
def concat_chained(net: Net, random: Random) -> int:
    """A concatenation of many as a chain of concatenations of two."""
    changed = 0
    for node in some(net, random, "Concat"):
        if len(node.input) < 3 or len(net.shape(node.output[0])) < 2:
            continue
        axis, before, chain = attribute(node, "axis", 1), node.input[0], []
        for name in node.input[1:-1]:
            chain.append(make("Concat", [before, name], net.fresh("chained"), axis=axis))
            before = chain[-1].output[0]
        net.replace(node, *chain, make("Concat", [before, node.input[-1]], node.output[0], axis=axis))
        changed += 1
    return changed


@disguise
def concat_merged(net: Net, random: Random) -> int:
    """A concatenation of concatenations as one of all their parts."""
    parts = {node.output[0]: _parts(net, node) for node in net.nodes if node.op_type == "Concat"}
    nested = [node for node in net.nodes if len(parts.get(node.output[0], ())) > len(node.input)]
    chosen = _half(nested, random)
    for node in chosen:
        node.input[:] = parts[node.output[0]]
    net.edited()
    _sweep(net)
    return len(chosen)


def _parts(net: Net, node: onnx.NodeProto) -> list[str]:
    """What a concatenation joins, those among its operands taken apart that join on the same axis."""
    parts: list[str] = []
    for name in node.input:
        inner = net.producer.get(name)
        alike = inner is not None and inner.op_type == "Concat" and len(net.shape(name)) > 1
        same = alike and attribute(inner, "axis", 1) == attribute(node, "axis", 1)
        parts += inner.input if same else [name]
    return parts


def _sweep(net: Net) -> None:
    """Remove concatenations that nobody reads any more."""
    while True:
        dead = [
            n
            for n in net.nodes
            if n.op_type == "Concat" and not net.consumers[n.output[0]] and n.output[0] not in net.returned
        ]
        if not dead:
            return
        net.nodes = [node for node in net.nodes if all(node is not other for other in dead)]
        net.edited()


@disguise
def nhwc_stretch(net: Net, random: Random) -> int:
    """A run of operators that work element by element with the channels last, between two transpositions."""
    changed = 0
    for node in some(net, random, *sorted(UNARY - {"Dropout", "Clip"})):
        if len(net.shape(node.input[0])) != 4 or len(net.shape(node.output[0])) != 4:
            continue
        last, inner = net.fresh("channels_last"), net.fresh("channels_last")
        x, output = node.input[0], node.output[0]
        net.nodes += [
            make("Transpose", [x], last, perm=[0, 2, 3, 1]),
            make("Transpose", [inner], output, perm=[0, 3, 1, 2]),
        ]
        node.input[0], node.output[0] = last, inner
        changed += 1
    return changed


def apply(name: str, net: Net, random: Random) -> tuple[onnx.ModelProto, dict[str, str]]:
    """Disguise a network: the new model, and the new names of its tensors where they have any.

    Raises Illegal where the disguise does not apply.
    """
    if not DISGUISES[name](net, random):
        raise Illegal(f"{name} does not apply")
    net.edited()
    if name != "reorder":
        net.nodes = net.ordered()
    return net.model(), net.renamed
