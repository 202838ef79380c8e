"""Single changes that keep a network legal, each with the truth about it in the words of the `diff` contract.

A mutation is a generator: given a network it yields one edit for each place where it could be made. Calling an edit
changes the network and returns the truth; Illegal is raised where the place turns out not to do.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial

import onnx

from planted.network import ACTIVATIONS, BINARY, UNARY, Illegal, Net, Shape, Window, assign, attribute, make
from planted.truth import Change

Edit = Callable[[], Change]
Mutation = Callable[[Net], Iterator[Edit]]

MUTATIONS: dict[str, Mutation] = {}


def mutation(found: Mutation) -> Mutation:
    """Enter a mutation under its function's name."""
    MUTATIONS[found.__name__] = found
    return found


def convolutions(net: Net) -> Iterator[tuple[onnx.NodeProto, Window]]:
    """Convolutions over two axes, on more than one pixel, with explicit pads."""
    for node in net.nodes:
        if node.op_type == "Conv" and len(net.shape(node.input[0])) == 4:
            window = Window(net, node)
            if window.explicit and min(window.size) > 1 and net.shape(node.input[1]):
                yield node, window


def signed(net: Net, name: str) -> bool:
    """Whether a tensor may well be negative, so that an activation on it matters."""
    node = net.producer.get(name)
    if node is None:
        return False
    if node.op_type in ("Conv", "BatchNormalization", "Gemm", "MatMul", "LayerNormalization"):
        return True
    if node.op_type in ("Identity", "Reshape", "Transpose", "MaxPool"):
        return signed(net, node.input[0])
    return node.op_type in ("Add", "Sum") and any(name in net.weights or signed(net, name) for name in node.input)


# ---------------------------------------------------------------- attributes of convolutions and pools


@mutation
def strides(net: Net) -> Iterator[Edit]:
    """The stride of one convolution: 2 to 1 or 1 to 2."""
    for node, window in convolutions(net):
        old = window.strides
        if old in ([1, 1], [2, 2]) and min(window.size) > max(window.kernel):
            yield partial(_set, node, "strides", old, [2, 2] if old == [1, 1] else [1, 1])


@mutation
def stride_swap(net: Net) -> Iterator[Edit]:
    """A stride moves to the next convolution of the unit, and the sizes after it stay."""
    for node, window in convolutions(net):
        follower = _next_conv(net, node)
        if follower is None or len(net.shape(follower.input[0])) != 4:
            continue
        other = Window(net, follower)
        if other.explicit and {tuple(window.strides), tuple(other.strides)} == {(1, 1), (2, 2)}:
            yield partial(_swap_strides, net, node, window, follower, other)


@mutation
def kernel(net: Net) -> Iterator[Edit]:
    """The kernel of one convolution, two larger or smaller, with pads that keep the sizes."""
    for node, window in convolutions(net):
        weight = net.own_weight(node, 1)
        if weight is None or len(set(window.kernel)) > 1 or window.kernel[0] % 2 == 0:
            continue
        for change in (-2, 2):
            new = [extent + change for extent in window.kernel]
            pads = [pad + change // 2 * window.dilations[i % 2] for i, pad in enumerate(window.pads)]
            if min(new) > 0 and min(pads) >= 0 and min(window.size) > max(new) * max(window.dilations):
                yield partial(_kernel, net, node, weight, window.kernel, new, pads)


@mutation
def dilation(net: Net) -> Iterator[Edit]:
    """The dilation of one convolution: 1 to 2, with pads that keep the sizes."""
    for node, window in convolutions(net):
        odd = all(extent % 2 and extent > 1 for extent in window.kernel)
        if odd and window.dilations == [1, 1] and min(window.size) > 2 * max(window.kernel):
            pads = [pad + window.kernel[i % 2] // 2 for i, pad in enumerate(window.pads)]
            yield partial(_dilation, node, pads)


@mutation
def groups(net: Net) -> Iterator[Edit]:
    """A convolution becomes grouped, or a grouped one dense; depthwise ones stay."""
    for node, _ in convolutions(net):
        weight, group = net.own_weight(node, 1), attribute(node, "group", 1)
        if weight is None:
            continue
        out, of_group, *kernel_shape = net.shape(weight)
        channels = of_group * group
        for new in (2, 4) if group == 1 else (1,) if of_group > 1 else ():
            if channels % new == 0 and out % new == 0 and channels > new:
                yield partial(_groups, net, node, weight, group, new, (out, channels // new, *kernel_shape))


@mutation
def padding(net: Net) -> Iterator[Edit]:
    """Pads of the same sum on other sides: (0, 0, 1, 1) to (1, 1, 0, 0), or symmetric to one-sided."""
    for node in net.nodes:
        if node.op_type not in ("Conv", "MaxPool") or len(net.shape(node.input[0])) != 4:
            continue
        window = Window(net, node)
        pads, before, after = window.pads, window.pads[:2], window.pads[2:]
        outside = net.op(node.input[0]) == "Pad" or attribute(node, "ceil_mode", 0)
        if not window.explicit or not any(pads) or outside or min(window.size) <= 2 * max(window.kernel):
            continue
        whole = [b + a for b, a in zip(before, after, strict=True)]
        for new in ([*after, *before], [0, 0, *whole], [*whole, 0, 0]):
            old, effective = window.effective(), _effective(net, node, new)
            if effective != old and sum(effective) == sum(old):
                yield partial(_padding, node, pads, old, new, effective)


@mutation
def pool_type(net: Net) -> Iterator[Edit]:
    """One pooling takes the mean for the maximum, or the other way round."""
    for node in net.nodes:
        if node.op_type not in ("MaxPool", "AveragePool") or len(node.output) > 1 or len(net.shape(node.input[0])) != 4:
            continue
        window = Window(net, node)
        if max(window.kernel) > 1 and window.dilations == [1, 1] and min(window.size) > max(window.kernel):
            if attribute(node, "ceil_mode", 0) and net.opset < 10:
                continue
            yield partial(_pool_type, node, "AveragePool" if node.op_type == "MaxPool" else "MaxPool")


@mutation
def count_include_pad(net: Net) -> Iterator[Edit]:
    """A mean counts padded positions, or no longer does."""
    for node in net.nodes:
        if node.op_type == "AveragePool" and len(net.shape(node.input[0])) == 4 and any(Window(net, node).effective()):
            old = attribute(node, "count_include_pad", 0)
            yield partial(_set, node, "count_include_pad", old, 1 - old)


@mutation
def ceil_mode(net: Net) -> Iterator[Edit]:
    """A pooling rounds its size up or down, where that is another size."""
    for node in net.nodes:
        if node.op_type == "MaxPool" and len(net.shape(node.input[0])) == 4 and any(Window(net, node).spare()):
            old = attribute(node, "ceil_mode", 0)
            yield partial(_ceil, net, node, old)


def _set(node: onnx.NodeProto, what: str, old: object, new: object, group: str = "architecture") -> Change:
    assign(node, **{what: new})
    return Change(mutation=what, what=what, op=node.op_type, nodes=[node.output[0]], left=old, right=new, group=group)


def _swap_strides(net: Net, node: onnx.NodeProto, window: Window, follower: onnx.NodeProto, other: Window) -> Change:
    before = net.shape(follower.output[0])
    assign(node, strides=other.strides)
    assign(follower, strides=window.strides)
    if net.inferred().get(follower.output[0]) != before:
        raise Illegal("the size after the two convolutions is another")
    nodes = [node.output[0], follower.output[0]]
    left, right = window.strides, other.strides
    return Change(mutation="stride_swap", what="strides", op="Conv", nodes=nodes, left=left, right=right, pair=True)


def _next_conv(net: Net, node: onnx.NodeProto) -> onnx.NodeProto | None:
    """The only convolution after a convolution, with nothing but normalization and activation between."""
    reader = net.only_consumer(node.output[0])
    while reader is not None and reader.op_type in (*UNARY, "BatchNormalization"):
        reader = net.only_consumer(reader.output[0])
    return reader if reader is not None and reader.op_type == "Conv" and reader.input[0] in net.producer else None


def _kernel(net: Net, node: onnx.NodeProto, weight: str, old: list[int], new: list[int], pads: list[int]) -> Change:
    net.resize(weight, (*net.shape(weight)[:2], *new))
    assign(node, pads=pads)
    change = _set(node, "kernel_shape", old, new)
    change.mutation = "kernel"
    return change


def _dilation(node: onnx.NodeProto, pads: list[int]) -> Change:
    assign(node, pads=pads)
    change = _set(node, "dilations", [1, 1], [2, 2])
    change.mutation = "dilation"
    return change


def _groups(net: Net, node: onnx.NodeProto, weight: str, old: int, new: int, shape: Shape) -> Change:
    net.resize(weight, shape)
    change = _set(node, "group", old, new)
    change.mutation = "groups"
    return change


def _effective(net: Net, node: onnx.NodeProto, pads: list[int]) -> list[int]:
    trial = onnx.NodeProto()
    trial.CopyFrom(node)
    assign(trial, pads=pads)
    return Window(net, trial).effective()


def _padding(node: onnx.NodeProto, pads: list[int], old: list[int], new: list[int], effective: list[int]) -> Change:
    change = _set(node, "pads", pads, new)
    change.mutation, change.also = "padding", {"left": [old], "right": [effective]}
    return change


def _pool_type(node: onnx.NodeProto, new: str) -> Change:
    old, node.op_type = node.op_type, new
    assign(node, count_include_pad=None, storage_order=None, dilations=None)
    return Change(mutation="pool_type", what="op", op=old, nodes=[node.output[0]], left=old, right=new)


def _ceil(net: Net, node: onnx.NodeProto, old: int) -> Change:
    before = net.shape(node.output[0])
    change = _set(node, "ceil_mode", old, 1 - old)
    if net.inferred().get(node.output[0]) == before:
        raise Illegal("rounding up or down is one here")
    return change


# ---------------------------------------------------------------- widths


@mutation
def width(net: Net) -> Iterator[Edit]:
    """The output channels of one convolution, halved or doubled; all that reads them follows."""
    for node, _ in convolutions(net):
        weight = net.own_weight(node, 1)
        if weight is not None and attribute(node, "group", 1) == 1:
            out = net.shape(weight)[0]
            for new in (out // 2, 2 * out):
                if out % 2 == 0 and out > 8:
                    yield partial(_width, net, node, weight, out, new)


@mutation
def mlp_width(net: Net) -> Iterator[Edit]:
    """The hidden width of a transformer's two-layer perceptron, halved."""
    for node in net.nodes:
        weight = _dense_weight(net, node)
        if weight is not None and any(_leads_to_gelu(net, name) for name in node.output):
            out = net.shape(node.output[0])[-1]
            yield partial(_mlp_width, net, node, weight, out, out // 2)


@mutation
def classes(net: Net) -> Iterator[Edit]:
    """The number of classes: outputs of the last layer."""
    if len(net.outputs) != 1:
        return
    name = net.outputs[0].name
    node = net.producer.get(name)
    passed = {*UNARY, "Softmax", "Flatten", "Squeeze", "Reshape"}
    while node is not None and (node.op_type in passed or _bias(net, node)):
        node = net.producer.get(next((name for name in node.input if name in net.producer), ""))
    if node is None or node.op_type not in ("Gemm", "MatMul", "Conv"):
        return
    weight = net.own_weight(node, 1) if node.op_type == "Conv" else _dense_weight(net, node)
    if weight is not None and net.shape(name)[:1] == (1,) and len(net.shape(name)) == 2:
        out = net.shape(name)[1]
        for new in (10, out + 1, 365):
            yield partial(_classes, net, node, weight, out, new)


def _width(net: Net, node: onnx.NodeProto, weight: str, out: int, new: int) -> Change:
    net.resize(weight, (new, *net.shape(weight)[1:]))
    if len(node.input) > 2:
        _resize_own(net, node, 2, (new,))
    follow(net, node.output[0], 1, new - out)
    return Change(mutation="width", what="out_channels", op="Conv", nodes=[node.output[0]], left=out, right=new)


def _mlp_width(net: Net, node: onnx.NodeProto, weight: str, out: int, new: int) -> Change:
    _set_out(net, node, weight, new)
    follow(net, node.output[0], len(net.shape(node.output[0])) - 1, new - out)
    return _dense_change("mlp_width", node, out, new)


def _classes(net: Net, node: onnx.NodeProto, weight: str, out: int, new: int) -> Change:
    _set_out(net, node, weight, new)
    follow(net, node.output[0], 1, new - out)
    net.outputs[0].type.tensor_type.shape.dim[1].dim_value = new
    change = _dense_change("classes", node, out, new)
    change.group = "interface"
    return change


def _dense_change(name: str, node: onnx.NodeProto, out: int, new: int) -> Change:
    also = {"op": ["Gemm", "MatMul", "Conv"]}  # one layer in three spellings
    nodes = [node.output[0]]
    return Change(mutation=name, what="out_channels", op=node.op_type, nodes=nodes, left=out, right=new, also=also)


def _dense_weight(net: Net, node: onnx.NodeProto) -> str | None:
    """The matrix of a dense layer, where it is its own; looking through a transposition."""
    if node.op_type not in ("Gemm", "MatMul") or attribute(node, "transA", 0):
        return None
    turned = net.producer.get(node.input[1])
    if turned is not None and turned.op_type == "Transpose" and net.only_consumer(turned.output[0]) is node:
        return net.own_weight(turned, 0) if len(net.shape(turned.input[0])) == 2 else None
    return net.own_weight(node, 1)


def _axis(net: Net, node: onnx.NodeProto, axis: int) -> int:
    """Which axis of the stored matrix of a dense layer is its inputs (0) or outputs (1)."""
    flipped = bool(attribute(node, "transB", 0)) != (net.op(node.input[1]) == "Transpose")
    return 1 - axis if flipped else axis


def _set_out(net: Net, node: onnx.NodeProto, weight: str, new: int) -> None:
    shape = list(net.shape(weight))
    shape[0 if node.op_type == "Conv" else _axis(net, node, 1)] = new
    net.resize(weight, shape)
    if len(node.input) > 2:
        _resize_own(net, node, 2, (new,))


def _resize_own(net: Net, node: onnx.NodeProto, position: int, shape: Shape) -> None:
    name = net.own_weight(node, position)
    if name is None:
        raise Illegal(f"{node.input[position]} is no parameter of this operator alone")
    net.resize(name, shape)


def _bias(net: Net, node: onnx.NodeProto) -> bool:
    return node.op_type == "Add" and any(name in net.weights for name in node.input)


def _leads_to_gelu(net: Net, name: str) -> bool:
    """Whether a dense layer's output goes through Gelu, fused or with Erf, maybe after a bias."""
    reader = net.only_consumer(name)
    if reader is not None and _bias(net, reader):
        name, reader = reader.output[0], net.only_consumer(reader.output[0])
    if reader is not None:
        return reader.op_type == "Gelu"
    readers = net.consumers[name]
    return any(r.op_type in ("Erf",) or net.op(r.output[0]) == "Div" for r in readers) and any(
        next_reader.op_type == "Erf" for r in readers for next_reader in net.consumers[r.output[0]]
    )


def follow(net: Net, start: str, axis: int, change: int) -> None:
    """Let everything that reads `start` have `change` more channels on `axis`, down to the layers that take them in.

    Raises Illegal where something cannot follow: a sum with other channels, a reshape, a split.
    """
    if start in net.returned and axis != 1:
        raise Illegal("the network returns it")
    grown, waiting = {start: (axis, change)}, deque([start])
    while waiting:
        name = waiting.popleft()
        for node in net.consumers[name]:
            made = _follow(net, node, name, *grown[name])
            if made is not None and node.output[0] not in grown:
                grown[node.output[0]] = made
                waiting.append(node.output[0])
            elif node.op_type == "Concat" and node.output[0] in grown:
                raise Illegal("two operands of a concatenation changed")
    for node in net.nodes:
        if node.op_type in BINARY and node.output[0] in grown:
            whole = [other for other in node.input if net.shape(other) == net.shape(node.output[0])]
            if any(other not in grown and other not in net.weights for other in whole):
                raise Illegal(f"{node.output[0]} adds other channels")


def _follow(net: Net, node: onnx.NodeProto, name: str, axis: int, change: int) -> tuple[int, int] | None:
    """Adapt one reader; where its output has the channels too: on which axis, and how many more."""
    op, shape = node.op_type, net.shape(name)
    if len(shape) <= axis:
        raise Illegal(f"the shape of {name} is not known")
    channels = shape[axis] + change
    if op in (*UNARY, "Softmax", "MaxPool", "AveragePool", "GlobalAveragePool", "LRN"):
        return axis, change
    if op == "BatchNormalization" and axis == 1:
        for position in range(1, 5):
            _resize_own(net, node, position, (channels,))
        return axis, change
    if op == "LayerNormalization" and axis == len(shape) - 1:
        for position in range(1, len(node.input)):
            _resize_own(net, node, position, (channels,))
        return axis, change
    if op == "Conv" and axis == 1 and node.input[0] == name:
        return _follow_conv(net, node, shape[1], channels, change)
    if op in ("Gemm", "MatMul") and node.input[0] == name and axis == len(shape) - 1:
        weight = _dense_weight(net, node)
        if weight is None:
            raise Illegal("a matrix that is not its own")
        dims = list(net.shape(weight))
        dims[_axis(net, node, 0)] = channels
        net.resize(weight, dims)
        return None
    if op in BINARY:
        return _follow_binary(net, node, name, axis, change)
    if op == "Concat" and attribute(node, "axis", 1) % len(shape) == axis:
        return axis, change
    if (op == "Pad" and axis == 1) or (op == "ReduceMean" and _spatial(net, node)):
        return axis, change
    if op == "Transpose":
        return attribute(node, "perm", [])[:].index(axis), change
    if op in ("Flatten", "Squeeze") and axis == 1 and len(shape) == 4 and len(net.shape(node.output[0])) == 2:
        return 1, change * shape[2] * shape[3]
    raise Illegal(f"{op} cannot follow")


def _follow_conv(net: Net, node: onnx.NodeProto, old: int, new: int, change: int) -> tuple[int, int] | None:
    weight, group = net.own_weight(node, 1), attribute(node, "group", 1)
    if weight is None:
        raise Illegal("a kernel that is not its own")
    out, of_group, *kernel_shape = net.shape(weight)
    if group == 1:
        net.resize(weight, (out, new, *kernel_shape))
        return None
    if group != old or out != old or of_group != 1:
        raise Illegal("a grouped convolution cannot follow")
    net.resize(weight, (new, 1, *kernel_shape))
    assign(node, group=new)
    if len(node.input) > 2:
        _resize_own(net, node, 2, (new,))
    return 1, change


def _follow_binary(net: Net, node: onnx.NodeProto, name: str, axis: int, change: int) -> tuple[int, int]:
    rank = len(net.shape(name))
    for position, other in enumerate(node.input):
        shape = net.shape(other)
        at = axis - rank + len(shape)
        if other in net.weights and at >= 0 and shape[at] > 1:
            _resize_own(net, node, position, (*shape[:at], shape[at] + change, *shape[at + 1 :]))
    return axis, change


def _spatial(net: Net, node: onnx.NodeProto) -> bool:
    axes = net.data(node.input[1]) if len(node.input) > 1 else attribute(node, "axes", [])
    return axes is not None and {int(axis) % 4 for axis in axes} == {2, 3} and len(net.shape(node.input[0])) == 4


# ---------------------------------------------------------------- layers


@mutation
def activation_one(net: Net) -> Iterator[Edit]:
    """One activation is another."""
    for node in _activations(net):
        for op in _others(node.op_type):
            yield partial(_activation_one, net, node, op)


@mutation
def activation_all(net: Net) -> Iterator[Edit]:
    """Every ReLU, or every GELU, is another activation."""
    for old in ("Relu", "Gelu"):
        nodes = [node for node in net.nodes if node.op_type == old]
        if len(nodes) > 1 and all(signed(net, node.input[0]) for node in nodes):
            for op in _others(old):
                yield partial(_activation_all, net, nodes, op)


@mutation
def drop_activation(net: Net) -> Iterator[Edit]:
    """One activation is gone."""
    for node in _activations(net):
        yield partial(_drop, net, node, "drop_activation", "Activation")


@mutation
def drop_bn(net: Net) -> Iterator[Edit]:
    """One batch normalization of many is gone."""
    nodes = [node for node in net.nodes if node.op_type == "BatchNormalization"]
    for node in nodes if len(nodes) > 8 else ():
        yield partial(_drop, net, node, "drop_bn", "Normalization")


@mutation
def drop_lrn(net: Net) -> Iterator[Edit]:
    """One local response normalization is gone."""
    for node in net.nodes:
        if node.op_type == "LRN":
            yield partial(_drop, net, node, "drop_lrn", "Normalization")


@mutation
def drop_bias(net: Net) -> Iterator[Edit]:
    """One convolution has no bias any more."""
    for node, _ in convolutions(net):
        if len(node.input) == 3 and net.own_weight(node, 2) is not None:
            yield partial(_drop_bias, node)


@mutation
def bn_epsilon(net: Net) -> Iterator[Edit]:
    """One batch normalization has another epsilon."""
    for node in net.nodes:
        if node.op_type == "BatchNormalization":
            yield partial(_epsilon, [node], "bn_epsilon")


@mutation
def bn_epsilon_all(net: Net) -> Iterator[Edit]:
    """All batch normalizations have another epsilon."""
    nodes = [node for node in net.nodes if node.op_type == "BatchNormalization"]
    if len(nodes) > 1 and len({_eps(node) for node in nodes}) == 1:
        yield partial(_epsilon, nodes, "bn_epsilon_all")


@mutation
def ln_epsilon(net: Net) -> Iterator[Edit]:
    """One layer normalization has another epsilon."""
    for node in net.nodes:
        if node.op_type == "LayerNormalization":
            yield partial(_epsilon, [node], "ln_epsilon")


@mutation
def insert_conv(net: Net) -> Iterator[Edit]:
    """A 3x3 convolution with its ReLU, after a ReLU, where the convolutions before and after are of another kind."""
    for node in net.nodes:
        shape = net.shape(node.output[0])
        if node.op_type == "Relu" and len(shape) == 4 and min(shape[2:]) > 3:
            around = [*_ahead(net, node.output[0]), *_behind(net, node.input[0])]
            if all(not _looks_inserted(net, conv) for conv in around):
                yield partial(_insert_conv, net, node.output[0], shape[1])


def _activations(net: Net) -> Iterator[onnx.NodeProto]:
    for node in net.nodes:
        decomposed = (
            node.op_type == "Clip" and net.op(node.input[0]) == "Add" and _bias(net, net.producer[node.input[0]])
        )
        relu6 = node.op_type != "Clip" or clip_bounds(net, node) == (0.0, 6.0)
        if node.op_type in ACTIVATIONS and not decomposed and relu6 and signed(net, node.input[0]):
            yield node


def clip_bounds(net: Net, node: onnx.NodeProto) -> tuple[float | None, float | None]:
    """Lowest and highest value of a Clip; None where open or not constant."""
    if net.opset < 11:
        return attribute(node, "min", None), attribute(node, "max", None)
    bounds = [net.scalar(name) if name else None for name in [*node.input[1:], "", ""][:2]]
    return bounds[0], bounds[1]


def _others(op: str) -> tuple[str, ...]:
    return ("Relu",) if op != "Relu" else ("LeakyRelu", "Softplus", "Clip", "Sigmoid")


def _turn(net: Net, node: onnx.NodeProto, op: str) -> None:
    node.op_type = op
    del node.attribute[:]
    del node.input[1:]
    if op == "Clip" and net.opset < 11:
        assign(node, min=0.0, max=6.0)
    elif op == "Clip":
        node.input.extend([net.constant(0.0), net.constant(6.0)])


def _activation_one(net: Net, node: onnx.NodeProto, op: str) -> Change:
    old = node.op_type
    _turn(net, node, op)
    return Change(mutation="activation_one", what="op", op="Activation", nodes=[node.output[0]], left=old, right=op)


def _activation_all(net: Net, nodes: list[onnx.NodeProto], op: str) -> Change:
    old, names = nodes[0].op_type, [node.output[0] for node in nodes]
    for node in nodes:
        _turn(net, node, op)
    return Change(
        mutation="activation_all", what="op", op="Activation", nodes=names, left=old, right=op, count=len(names)
    )


def _drop(net: Net, node: onnx.NodeProto, name: str, op: str) -> Change:
    net.remove([node], node.output[0], node.input[0])
    return Change(mutation=name, what="layer", op=op, nodes=[node.output[0]], left=node.op_type)


def _drop_bias(node: onnx.NodeProto) -> Change:
    del node.input[2:]
    also = {"op": ["Gemm"]}  # a convolution of its whole map, in another spelling
    return Change(
        mutation="drop_bias", what="bias", op="Conv", nodes=[node.output[0]], left=True, right=False, group="detail",
        also=also,
    )  # fmt: skip


def _eps(node: onnx.NodeProto) -> float:
    return attribute(node, "epsilon", 1e-5)


def _epsilon(nodes: list[onnx.NodeProto], name: str) -> Change:
    old = _eps(nodes[0])
    new = 1e-3 if old < 5e-4 else 1e-5
    for node in nodes:
        assign(node, epsilon=new)
    names = [node.output[0] for node in nodes]
    also = {"op": ["Normalization"]}
    return Change(
        mutation=name, what="epsilon", op=nodes[0].op_type, nodes=names, left=old, right=new, count=len(names),
        group="detail", also=also,
    )  # fmt: skip


def _insert_conv(net: Net, name: str, channels: int) -> Change:
    middle, last = net.fresh("planted_conv"), net.fresh("planted_relu")
    conv = make("Conv", [name, net.weight((channels, channels, 3, 3), "planted_weight")], middle, pads=[1, 1, 1, 1])
    assign(conv, kernel_shape=[3, 3])
    net.redirect(name, last)
    net.nodes += [conv, make("Relu", [middle], last)]
    return Change(mutation="insert_conv", what="layer", op="Conv", nodes=[middle], right="Conv", companions=["Relu"])


def _looks_inserted(net: Net, node: onnx.NodeProto) -> bool:
    shape = net.shape(node.input[1])
    return len(shape) == 4 and shape[0] == shape[1] and shape[2:] == (3, 3)


def _ahead(net: Net, name: str) -> list[onnx.NodeProto]:
    """The next convolutions after a tensor."""
    return _walk([name], lambda node: node.output, lambda name: net.consumers[name])


def _behind(net: Net, name: str) -> list[onnx.NodeProto]:
    """The last convolutions before a tensor."""
    return _walk([name], lambda node: node.input, lambda name: [net.producer[name]] if name in net.producer else [])


def _walk(
    names: list[str],
    onward: Callable[[onnx.NodeProto], list[str]],
    nodes: Callable[[str], list[onnx.NodeProto]],
) -> list[onnx.NodeProto]:
    found, seen = [], set(names)
    while names:
        for node in nodes(names.pop()):
            if node.op_type == "Conv":
                found.append(node)
                continue
            new = [name for name in onward(node) if name not in seen]
            seen.update(new)
            names += new
    return found


# ---------------------------------------------------------------- blocks and shortcuts


def branch(net: Net, start: str, end: str) -> list[onnx.NodeProto] | None:
    """The nodes from `start` to `end`, where they read only it and parameters, and nothing else reads them."""
    found: dict[int, onnx.NodeProto] = {}
    waiting = [end]
    while waiting:
        name = waiting.pop()
        node = net.producer.get(name)
        if name == start or not name or name in net.weights:
            continue
        if node is None or len(found) > 60:
            return None
        if id(node) not in found:
            found[id(node)] = node
            waiting += node.input
    inside = {name for node in found.values() for name in node.output}
    readers = [reader for name in inside - {end} for reader in net.consumers[name]]
    closed = all(id(reader) in found for reader in readers) and not inside & net.returned
    reached = any(start in node.input for node in found.values())
    return [node for node in net.nodes if id(node) in found] if closed and reached else None


def residuals(net: Net) -> Iterator[tuple[onnx.NodeProto, str, list[onnx.NodeProto]]]:
    """Sums of a tensor and what layers with a convolution make of it: the sum, the tensor, the layers."""
    for node in net.nodes:
        if node.op_type not in ("Add", "Sum") or len(node.input) != 2:
            continue
        for identity, main in (node.input, node.input[::-1]):
            known = identity in net.producer and main in net.producer and len(net.shape(identity)) == 4
            if known and net.shape(identity) == net.shape(main) and net.only_consumer(main) is node:
                nodes = branch(net, identity, main)
                if nodes and any(inner.op_type == "Conv" for inner in nodes):
                    yield node, identity, nodes
                    break


@mutation
def cut_shortcut(net: Net) -> Iterator[Edit]:
    """An identity shortcut is gone: the main branch goes on alone."""
    for node, identity, _ in residuals(net):
        yield partial(_cut, net, node, identity)


@mutation
def shortcut_conv(net: Net) -> Iterator[Edit]:
    """An identity shortcut becomes a 1x1 convolution."""
    for node, identity, _ in residuals(net):
        yield partial(_shortcut_conv, net, node, identity)


@mutation
def shortcut_kind(net: Net) -> Iterator[Edit]:
    """A 1x1 convolution as shortcut becomes a max-pool of its stride, or nothing, where the channels agree."""
    for node in net.nodes:
        if node.op_type != "Add" or any(name not in net.producer for name in node.input):
            continue
        for side in node.input:
            norm = net.producer[side]
            conv = net.producer.get(norm.input[0]) if norm.op_type == "BatchNormalization" else norm
            if conv is None or conv.op_type != "Conv" or net.only_consumer(conv.output[0]) not in (norm, node):
                continue
            out, channels, *kernel_shape = net.shape(conv.input[1])
            if out == channels and kernel_shape == [1, 1] and len(net.consumers[conv.input[0]]) > 1:
                yield partial(_shortcut_kind, net, node, conv, norm)


@mutation
def drop_block(net: Net) -> Iterator[Edit]:
    """A residual unit with an identity shortcut, or a layer of a dense block, is gone."""
    units = list(residuals(net))
    runs = _runs(net, units)
    for at, (node, identity, nodes) in enumerate(units):
        after = net.only_consumer(node.output[0])
        last = (
            after if after is not None and after.op_type in ACTIVATIONS and net.op(identity) == after.op_type else node
        )
        yield partial(_drop_block, net, [*nodes, node], last, identity, runs[at])
    dense = list(_dense_layers(net))
    for nodes in dense:
        alike = [other for other in dense if net.shape(other[-1].input[1]) == net.shape(nodes[-1].input[1])]
        yield partial(_drop_dense, net, nodes, [node.output[0] for other in alike for node in other])


def _dense_layers(net: Net) -> Iterator[list[onnx.NodeProto]]:
    """Layers whose output is joined to their input: their nodes, the concatenation last."""
    for node in net.nodes:
        shaped = all(len(net.shape(name)) == 4 for name in node.input)
        if node.op_type == "Concat" and attribute(node, "axis", 1) == 1 and len(node.input) == 2 and shaped:
            nodes = branch(net, node.input[0], node.input[1])
            if nodes and any(inner.op_type == "Conv" for inner in nodes):
                yield [*nodes, node]


def _cut(net: Net, node: onnx.NodeProto, identity: str) -> Change:
    main = next(name for name in node.input if name != identity)
    net.remove([node], node.output[0], main)
    also = {"what": ["wiring", "op"]}
    return Change(
        mutation="cut_shortcut", what="layer", op="Shortcut", nodes=[node.output[0]], left=node.op_type, also=also
    )


def _shortcut_conv(net: Net, node: onnx.NodeProto, identity: str) -> Change:
    channels, new = net.shape(identity)[1], net.fresh("planted_shortcut")
    conv = make("Conv", [identity, net.weight((channels, channels, 1, 1), "planted_weight")], new, kernel_shape=[1, 1])
    node.input[:] = [new if name == identity else name for name in node.input]
    net.nodes.append(conv)
    return _shortcut_change("shortcut_conv", node, [node.output[0]], "Identity", "Conv")


def _shortcut_kind(net: Net, node: onnx.NodeProto, conv: onnx.NodeProto, norm: onnx.NodeProto) -> Change:
    steps = attribute(conv, "strides", [1, 1])
    gone = [conv] if norm is conv else [conv, norm]
    names = [node.output[0], *(old.output[0] for old in gone)]
    if steps == [1, 1]:
        net.remove(gone, norm.output[0], conv.input[0])
        return _shortcut_change("shortcut_kind", node, names, "Conv", "Identity")
    pool = make("MaxPool", [conv.input[0]], net.fresh("planted_pool"), kernel_shape=[1, 1], strides=steps)
    net.remove(gone, norm.output[0], pool.output[0])
    net.nodes.append(pool)
    return _shortcut_change("shortcut_kind", node, names, "Conv", "MaxPool")


def _shortcut_change(name: str, node: onnx.NodeProto, place: list[str], left: str, right: str) -> Change:
    nodes = [node.output[0]]
    return Change(mutation=name, what="op", op="Shortcut", nodes=nodes, left=left, right=right, places=[place])


def _drop_block(net: Net, nodes: list[onnx.NodeProto], last: onnx.NodeProto, identity: str, run: list[str]) -> Change:
    gone = nodes if last is nodes[-1] else [*nodes, last]
    net.remove(gone, last.output[0], identity)
    return _block_change("drop_block", gone, run)


def _drop_dense(net: Net, nodes: list[onnx.NodeProto], run: list[str]) -> Change:
    join = nodes[-1]
    grown = net.shape(join.input[1])[1]
    follow(net, join.output[0], 1, -grown)
    net.remove(nodes, join.output[0], join.input[0])
    return _block_change("drop_block", nodes, run)


def _block_change(name: str, gone: list[onnx.NodeProto], run: list[str]) -> Change:
    names = [node.output[0] for node in gone]
    places = [sorted({*names, *run})]
    return Change(mutation=name, what="layer", op="Block", nodes=names, left="Block", places=places)


def _runs(net: Net, units: list[tuple[onnx.NodeProto, str, list[onnx.NodeProto]]]) -> list[list[str]]:
    """Per residual unit, the nodes of all units of the same layers and size: which of them is gone cannot be told."""
    kinds = [(net.shape(identity), _kind(net, nodes)) for _, identity, nodes in units]
    found = []
    for kind in kinds:
        alike = [unit for unit, other in zip(units, kinds, strict=True) if other == kind]
        names = [inner.output[0] for node, _, nodes in alike for inner in (*nodes, node)]
        ends = [reader.output[0] for node, _, _ in alike for reader in net.consumers[node.output[0]]]
        found.append(names + ends)
    return found


def _kind(net: Net, nodes: list[onnx.NodeProto]) -> list[tuple[str, Shape]]:
    return [(node.op_type, net.shape(node.output[0])) for node in nodes]


# ---------------------------------------------------------------- the interface


@mutation
def input_size(net: Net) -> Iterator[Edit]:
    """The network takes larger or smaller pictures."""
    if len(net.inputs) != 1:
        return
    shape = net.shape(net.inputs[0].name)
    if len(shape) != 4 or shape[0] != 1:
        return
    spatial = (2, 3) if shape[1] <= 4 else (1, 2)
    for change in (-64, -32, 32, 64):
        if min(shape[axis] for axis in spatial) + change >= 64:
            yield partial(_input_size, net, shape, spatial, change)


def _input_size(net: Net, old: Shape, spatial: tuple[int, int], change: int) -> Change:
    new = [extent + change if axis in spatial else extent for axis, extent in enumerate(old)]
    dims = net.inputs[0].type.tensor_type.shape.dim
    for dim, extent in zip(dims, new, strict=True):
        dim.dim_value = extent
    before = {node.output[0] for node in net.nodes if _whole(net, node)}
    net.shapes = net.inferred()
    if any(_whole(net, node) != (node.output[0] in before) for node in net.nodes):
        raise Illegal("a pooling is global at one size only")
    name = net.inputs[0].name
    return Change(mutation="input_size", what="input_shape", op="Input", nodes=[name], left=list(old), right=new)


def _whole(net: Net, node: onnx.NodeProto) -> bool:
    """Whether a pooling's window is the whole of its input."""
    if node.op_type not in ("AveragePool", "MaxPool"):
        return False
    window = Window(net, node)
    return tuple(window.kernel) == tuple(window.size)
