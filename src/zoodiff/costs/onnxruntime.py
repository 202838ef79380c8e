"""Operators that onnxruntime adds (`com.microsoft`): quantised, fused, and for transformers.

Source of inputs and attributes: onnxruntime, docs/ContribOperators.md. A quantised form dequantises what it reads (2
per element), computes as the plain form does, and quantises what it writes (4 per element).
"""

from __future__ import annotations

import math

from zoodiff.costs._cost import Cost, CostFunction, Role, Uncountable, dims, free, per_element, present, size
from zoodiff.costs.activation import GELU, GELU_TANH, SIGMOID, gelu
from zoodiff.costs.activation import PER_ELEMENT as ACTIVATION
from zoodiff.costs.attention import ROTATION, Heads
from zoodiff.costs.convolution import convolution
from zoodiff.costs.normalization import group, layer, root_mean_square
from zoodiff.costs.pooling import average, global_average
from zoodiff.costs.product import gemm
from zoodiff.costs.quantised import DEQUANTISE, QUANTISE, dynamic, quantised_convolution, settings
from zoodiff.costs.reduction import reduction
from zoodiff.record import Graph, Node

ACTIVATIONS = {
    "": 0,
    **{
        name: ACTIVATION[name]
        for name in ("Relu", "LeakyRelu", "Sigmoid", "HardSigmoid", "Elu", "Softplus", "Softsign")
    },
    "Clip": 2,
    "Tanh": 1,
}
"""Operations per element of what can be fused into a convolution or product, by its `activation` attribute."""


# ---------------------------------------------------------------- quantised


def quantised(plain: CostFunction, inputs: tuple[int, ...] = (0,)) -> CostFunction:
    """The rule of the plain operator on the tensors at `inputs`, with dequantisation and quantisation around it."""

    def rule(node: Node, graph: Graph) -> Cost:
        data = tuple(node.inputs[position] for position in inputs)
        cost = plain(Node(node.op, data, node.outputs, node.attributes), graph)
        conversion = DEQUANTISE * sum(size(graph, name) for name in data) + QUANTISE * size(graph, node.outputs[0])
        return Cost(cost.macs, cost.other + conversion)

    return rule


def quantised_concat(node: Node, graph: Graph) -> Cost:
    """Every element changes its scale: 2 to dequantise, 4 to quantise."""
    return Cost(0, (DEQUANTISE + QUANTISE) * size(graph, node.outputs[0]))


def quantised_gemm(node: Node, graph: Graph) -> Cost:
    """Gemm of inputs 0 and 3, bias at 6; each output element is quantised (4) or, without y_scale, scaled (1)."""
    plain = Node("Gemm", (node.inputs[0], node.inputs[3], *node.inputs[6:7]), node.outputs, node.attributes)
    cost = gemm(plain, graph)
    return Cost(cost.macs, cost.other + size(graph, node.outputs[0]) * (QUANTISE if present(node.inputs, 7) else 1))


def scaled_matmul(bias: int) -> CostFunction:
    """An integer product that is turned back into floats (1 per element), and a bias at this position."""

    def rule(node: Node, graph: Graph) -> Cost:
        output = size(graph, node.outputs[0])
        return Cost(output * dims(graph, node.inputs[0])[-1], output * (1 + present(node.inputs, bias)))

    return rule


def dynamic_matmul(node: Node, graph: Graph) -> Cost:
    """The first operand is quantised on the way (6 per element), then as the scaled product; the bias is input 4."""
    cost = scaled_matmul(4)(node, graph)
    return Cost(cost.macs, cost.other + dynamic(node, graph).other)


def packed_matmul(node: Node, graph: Graph) -> Cost:
    """Output elements x attribute K; the K x N packed weights are dequantised (2 each); the bias is input 5."""
    inner, columns = node.attributes.get("K"), node.attributes.get("N")
    if inner is None or columns is None:
        raise Uncountable("attributes K and N are missing")
    output = size(graph, node.outputs[0])
    return Cost(output * inner, DEQUANTISE * inner * columns + (output if present(node.inputs, 5) else 0))


# ---------------------------------------------------------------- fused


def _activation(node: Node) -> int:
    name = node.attributes.get("activation", "")
    if name not in ACTIVATIONS:
        raise Uncountable(f"no cost is defined for the fused activation {name!r}")
    return ACTIVATIONS[name]


def fused_convolution(node: Node, graph: Graph) -> Cost:
    """A convolution, the addition of a fourth input if there is one, and the activation."""
    cost = convolution(node, graph)
    each = present(node.inputs, 3) + _activation(node)
    return Cost(cost.macs, cost.other + each * size(graph, node.outputs[0]))


def fused_gemm(node: Node, graph: Graph) -> Cost:
    """Gemm and the activation."""
    cost = gemm(node, graph)
    return Cost(cost.macs, cost.other + _activation(node) * size(graph, node.outputs[0]))


def fused_matmul(node: Node, graph: Graph) -> Cost:
    """MatMul with transA (of the last two dimensions) and alpha (1 per output element where it is not 1)."""
    shape, output = dims(graph, node.inputs[0]), size(graph, node.outputs[0])
    if node.attributes.get("transBatchA", 0):
        raise Uncountable("transBatchA is not counted")
    contracted = shape[-2] if node.attributes.get("transA", 0) and len(shape) > 1 else shape[-1]
    return Cost(output * contracted, output if node.attributes.get("alpha", 1.0) != 1.0 else 0)


def with_bias(each: int, position: int) -> CostFunction:
    """So many operations per output element, 1 more where the optional bias is there."""

    def rule(node: Node, graph: Graph) -> Cost:
        return Cost(0, size(graph, node.outputs[0]) * (each + present(node.inputs, position)))

    return rule


def group_activation(node: Node, graph: Graph) -> Cost:
    """Group normalisation of (N, H, W, C) with `groups`, then Swish (5 per element) where `activation` is 1."""
    shape = dims(graph, node.inputs[0])
    channels_first = Node(node.op, node.inputs, node.outputs, {"num_groups": node.attributes.get("groups", 1)})
    swish = (SIGMOID + 1) * math.prod(shape) if node.attributes.get("activation", 0) else 0
    return Cost(0, group(channels_first, graph).other + swish)


# ---------------------------------------------------------------- transformers


def skip(normalise: CostFunction, shift: int | None, bias: int) -> CostFunction:
    """The sum of input, skip and an optional bias (at `bias`), normalised; `shift` is where beta may be."""

    def rule(node: Node, graph: Graph) -> Cost:
        beta = node.inputs[shift : shift + 1] if shift is not None else ()
        plain = Node(node.op, (node.inputs[0], node.inputs[2], *beta), node.outputs)
        sums = size(graph, node.inputs[0]) * (1 + present(node.inputs, bias))
        return Cost(0, normalise(plain, graph).other + sums)

    return rule


def embedding(node: Node, graph: Graph) -> Cost:
    """The sum of word, position and (if any) segment embeddings, normalised over the last dimension."""
    plain = Node(node.op, (node.outputs[0], node.inputs[5], node.inputs[6]), node.outputs)
    sums = size(graph, node.outputs[0]) * (2 if present(node.inputs, 4) else 1)
    return Cost(0, layer(plain, graph).other + sums)


def projected_attention(past: int, masks: tuple[int, ...]) -> CostFunction:
    """Input (B, S, E) by one weight (E, Q + K + V) with a bias at 2, then attention over `num_heads` heads.

    `qkv_hidden_sizes` are Q, K, V, by default a third of the columns each. Past keys (2, B, heads, P, width) may be at
    the position `past`.
    """

    def rule(node: Node, graph: Graph) -> Cost:
        batch, length, width = dims(graph, node.inputs[0])
        columns, heads = dims(graph, node.inputs[1])[1], _heads(node, "num_heads")
        queries, _, values = node.attributes.get("qkv_hidden_sizes", (columns // 3,) * 3)
        before = dims(graph, node.inputs[past])[3] if present(node.inputs, past) else 0
        scores = Heads(batch, heads, length, before + length, queries // heads, values // heads)
        cost = scores.cost(sum(present(node.inputs, mask) for mask in masks))
        projected = batch * length * columns
        bias = projected if present(node.inputs, 2) else 0
        return Cost(cost.macs + projected * width, cost.other + bias)

    return rule


def quantised_attention(node: Node, graph: Graph) -> Cost:
    """As Attention; the integer projection is turned back into floats (1 per element)."""
    cost = projected_attention(8, (5,))(node, graph)
    batch, length, _ = dims(graph, node.inputs[0])
    return Cost(cost.macs, cost.other + batch * length * dims(graph, node.inputs[1])[1])


def multi_head(node: Node, graph: Graph) -> Cost:
    """Query (B, S, E) against key (B, L, E) or (B, heads, L, width), or packed (B, S, heads, 3, width).

    Inputs: query, key, value, bias (1 per element of query, key and value), two masks, past_key (B, heads, P, width).
    """
    heads, query = _heads(node, "num_heads"), dims(graph, node.inputs[0])
    before = dims(graph, node.inputs[6])[2] if present(node.inputs, 6) else 0
    length, elements = query[1], math.prod(query)
    if len(query) == 5:
        width = value_width = query[4]
    else:
        width = query[2] // heads
        key = dims(graph, node.inputs[1])
        elements += math.prod(key)
        if len(key) == 5:
            length, value_width = key[1], key[4]
        else:
            value = dims(graph, node.inputs[2])
            length, value_width = (key[2], value[3]) if len(key) == 4 else (key[1], value[2] // heads)
            elements += math.prod(value)
    masks = sum(present(node.inputs, mask) for mask in (4, 5))
    cost = Heads(query[0], heads, query[1], before + length, width, value_width).cost(masks)
    return Cost(cost.macs, cost.other + (elements if present(node.inputs, 3) else 0))


def grouped_query(node: Node, graph: Graph) -> Cost:
    """`num_heads` query heads share `kv_num_heads` key heads; the key may be packed into the query (B, S, Q + K + V).

    Keys: as many as the present key (output 1) has room for, else past and new ones. Rotation: 3 per element of query
    and key.
    """
    heads, groups = _heads(node, "num_heads"), _heads(node, "kv_num_heads")
    batch, length, columns = dims(graph, node.inputs[0])
    packed = not present(node.inputs, 1)
    width = columns // (heads + 2 * groups if packed else heads)
    if present(node.outputs, 1):
        keys = dims(graph, node.outputs[1])[2]
    else:
        keys = length if packed else dims(graph, node.inputs[1])[1]
        keys += dims(graph, node.inputs[3])[2] if present(node.inputs, 3) else 0
    cost = Heads(batch, heads, length, keys, width, width).cost(1, node.attributes.get("softcap", 0.0) != 0)
    rotated = batch * length * (heads + groups) * width if node.attributes.get("do_rotary", 0) else 0
    return Cost(cost.macs, cost.other + ROTATION * rotated)


def _heads(node: Node, name: str) -> int:
    heads = node.attributes.get(name, 0)
    if not isinstance(heads, int) or heads < 1:
        raise Uncountable(f"attribute {name} is missing")
    return heads


_BINARY_SETTINGS = settings(1, 2, 4, 5, 6, 7)
_UNARY_SETTINGS = settings(1, 2, 3, 4)

_OPERATORS: dict[str, CostFunction] = {
    "QLinearConv": quantised_convolution,
    "QLinearAdd": quantised(per_element(1), (0, 3)),
    "QLinearMul": quantised(per_element(1), (0, 3)),
    "QLinearAveragePool": quantised(average),
    "QLinearGlobalAveragePool": quantised(global_average),
    "QLinearReduceMean": quantised(reduction(per_output=1)),
    "QLinearLeakyRelu": quantised(per_element(2)),
    "QLinearSigmoid": quantised(per_element(SIGMOID)),
    "QLinearSoftmax": quantised(per_element(5)),
    "QLinearWhere": quantised(free, (1, 4)),
    "QLinearConcat": quantised_concat,
    "QGemm": quantised_gemm,
    "QuantizeLinear": per_element(QUANTISE),
    "DequantizeLinear": per_element(DEQUANTISE),
    "MatMulIntegerToFloat": scaled_matmul(6),
    "DynamicQuantizeMatMul": dynamic_matmul,
    "MatMulNBits": packed_matmul,
    "FusedConv": fused_convolution,
    "FusedGemm": fused_gemm,
    "FusedMatMul": fused_matmul,
    "TransposeMatMul": fused_matmul,
    "Gelu": gelu,
    "BiasGelu": per_element(GELU + 1),
    "FastGelu": with_bias(GELU_TANH, 1),
    "QuickGelu": per_element(SIGMOID + 2),  # x * sigmoid(alpha x)
    "BiasAdd": per_element(2),  # input + bias + skip
    "GroupNorm": group_activation,
    "LayerNormalization": layer,
    "SimplifiedLayerNormalization": root_mean_square,
    "SkipLayerNormalization": skip(layer, 3, 4),
    "SkipSimplifiedLayerNormalization": skip(root_mean_square, None, 3),
    "EmbedLayerNormalization": embedding,
    "Attention": projected_attention(4, (3, 5)),
    "QAttention": quantised_attention,
    "MultiHeadAttention": multi_head,
    "GroupQueryAttention": grouped_query,
}

OPERATORS = {
    **{f"com.microsoft::{name}": function for name, function in _OPERATORS.items()},
    "SimplifiedLayerNormalization": root_mean_square,  # onnxruntime puts it into ONNX's own domain
}

_ROLES = {
    "QLinearConv": settings(1, 2, 4, 5, 6, 7) | {8: Role.WEIGHT},
    **dict.fromkeys(("QLinearAdd", "QLinearMul"), _BINARY_SETTINGS),
    **dict.fromkeys(("QLinearAveragePool", "QLinearGlobalAveragePool", "QLinearReduceMean"), _UNARY_SETTINGS),
    **dict.fromkeys(("QLinearLeakyRelu", "QLinearSigmoid", "QLinearSoftmax"), _UNARY_SETTINGS),
    "QLinearWhere": settings(2, 3, 5, 6, 7, 8),
    "QLinearConcat": settings(0, 1),  # the scales and zero points that follow are scalars
    "QGemm": settings(1, 2, 4, 5, 7, 8) | {6: Role.WEIGHT},
    "QuantizeLinear": settings(1, 2),
    "DequantizeLinear": {0: Role.WEIGHT} | settings(1, 2),
    "MatMulIntegerToFloat": settings(2, 3, 4, 5),
    "DynamicQuantizeMatMul": settings(2, 3),
    "MatMulNBits": settings(2, 3, 4),
    "QAttention": settings(3, 4, 6, 7),
}

ROLES = {f"com.microsoft::{name}": roles for name, roles in _ROLES.items()}
