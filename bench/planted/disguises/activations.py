"""Activations: in one operator or written out."""

from __future__ import annotations

import math
from random import Random

import onnx

from planted.disguises import disguise
from planted.network import Net, attribute, make
from planted.opset import clip_bounds
from planted.places import half, some


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
    for node in half([node for node in net.nodes if net.opset >= 14 and _is_hardswish(net, node)], random):
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
