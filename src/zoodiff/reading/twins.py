"""onnxruntime's own operators, and the standard ones that have outputs of the same shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import onnx

ONNXRUNTIME: Final = "com.microsoft"
"""The domain of onnxruntime's own operators."""
STANDARD_TWINS: Final = {
    "QLinearAdd": ("Add", (0, 3)),
    "QLinearMul": ("Mul", (0, 3)),
    "QLinearLeakyRelu": ("LeakyRelu", (0,)),
    "QLinearSigmoid": ("Sigmoid", (0,)),
    "QLinearSoftmax": ("Softmax", (0,)),
    "QLinearGlobalAveragePool": ("GlobalAveragePool", (0,)),
    "QLinearAveragePool": ("AveragePool", (0,)),
    "FusedConv": ("Conv", (0, 1, 2)),
    "FusedGemm": ("Gemm", (0, 1, 2)),
    "FusedMatMul": ("MatMul", (0, 1)),
    "QGemm": ("Gemm", (0, 3)),
    "Gelu": ("Relu", (0,)),
    "FastGelu": ("Relu", (0,)),
    "BiasGelu": ("Relu", (0,)),
    "QuickGelu": ("Relu", (0,)),
    "SkipLayerNormalization": ("Relu", (0,)),
    "SkipSimplifiedLayerNormalization": ("Relu", (0,)),
    "RotaryEmbedding": ("Relu", (0,)),
    "DynamicQuantizeMatMul": ("MatMul", (0, 1)),
    "MatMulIntegerToFloat": ("MatMul", (0, 1)),
    "MultiHeadAttention": ("Relu", (0,)),
    "GroupQueryAttention": ("Relu", (0,)),
}
"""Its operators whose output has the shape of a standard operator's on the inputs named."""


def replace(model: onnx.ModelProto) -> bool:
    """Put a standard operator of the same shape where onnxruntime has one of its own; True where there was one."""
    import onnx

    replaced = False
    for node in model.graph.node:
        twin = STANDARD_TWINS.get(node.op_type) if node.domain == ONNXRUNTIME else None
        if twin is None:
            continue
        replaced = True
        node.op_type, node.domain = twin[0], ""
        inputs = [node.input[i] for i in twin[1] if i < len(node.input)]
        del node.input[:]
        node.input.extend(inputs)
        allowed = onnx.defs.get_schema(twin[0]).attributes
        attributes = [attribute for attribute in node.attribute if attribute.name in allowed]
        del node.attribute[:]
        node.attribute.extend(attributes)
    return replaced
