"""What is known of a tensor: its element type, its dimensions and, where it is small, its values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import numpy as np
import onnx
from onnx import numpy_helper

from zoodiff.fault import Refusal

SMALL: Final = 4096
"""Elements: what is larger is not a shape, and is not computed."""

Dims = tuple[int | None, ...]


class Known(NamedTuple):
    """What is known of a tensor: its element type (as onnx numbers them) and dimensions; None: not even the rank."""

    dtype: int
    dims: Dims | None

    @property
    def elements(self) -> int | None:
        """How many elements it has; None where that is not known."""
        return None if self.dims is None or None in self.dims else math.prod(d or 0 for d in self.dims)


NOTHING: Final = Known(onnx.TensorProto.UNDEFINED, None)

Found = dict[str, Known]
Constants = dict[str, np.ndarray[Any, Any]]


def known(tensor: onnx.TypeProto.Tensor) -> Dims | None:
    """The dimensions of a tensor type; None for a dimension, or for all of it, that is not known."""
    if not tensor.HasField("shape"):
        return None
    return tuple([d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim])


@lru_cache(maxsize=1024)
def typed(serialised: bytes) -> Known | None:
    """A tensor's type, by the bytes of its TypeProto: few differ in a network; None: it is no tensor."""
    kind = onnx.TypeProto.FromString(serialised)
    return Known(kind.tensor_type.elem_type, known(kind.tensor_type)) if kind.HasField("tensor_type") else None


def held(tensor: onnx.TensorProto, dims: tuple[int, ...]) -> np.ndarray[Any, Any] | None:
    """The values of a tensor, where it holds them in the file and is small enough for them to be worth having.

    `dims` are the tensor's own. Raises Refusal where the values do not fit them or the type.
    """
    size = math.prod(dims)
    if size > SMALL:
        return None
    field = _FIELDS.get(tensor.data_type, "")
    present = size == 0 or tensor.raw_data or (field and getattr(tensor, field))
    if not present or field == "string_data" or tensor.data_location == tensor.EXTERNAL:
        return None
    return _array(tensor)


def _array(tensor: onnx.TensorProto) -> np.ndarray[Any, Any]:
    plain = _PLAIN.get(tensor.data_type)
    try:
        if plain is not None and tensor.raw_data:  # what to_array does for these, without its many questions
            return np.frombuffer(tensor.raw_data, plain).reshape(tuple(tensor.dims))
        values: np.ndarray[Any, Any] = numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError) as error:
        raise Refusal(f"the tensor {tensor.name!r} is damaged: {error}", "Fetch the file again.") from None
    return values


_FIELDS: Final = {kind: onnx.helper.tensor_dtype_to_field(kind) for kind in onnx.helper.get_all_tensor_dtypes()}
"""Where a tensor of each element type has its values if they are not raw bytes."""
_PLAIN: Final[dict[int, str]] = {
    onnx.TensorProto.FLOAT: "<f4",
    onnx.TensorProto.INT64: "<i8",
    onnx.TensorProto.INT32: "<i4",
}


def evaluate(node: onnx.NodeProto, constants: Constants, found: Found) -> Sequence[np.ndarray[Any, Any]] | None:
    """The node's outputs where they follow from what is known and are small; None where not."""
    if node.domain not in ("", "ai.onnx"):
        return None
    if node.op_type in ("Shape", "Size") and node.input:
        dims = found.get(node.input[0], NOTHING).dims
        if node.input[0] in constants:
            dims = constants[node.input[0]].shape
        return None if dims is None or None in dims else _shape_of(node, [d for d in dims if d is not None])
    if any(name and name not in constants for name in node.input):
        return None
    sizes = [found[name].elements if name in found else None for name in node.output if name]
    if any(size is not None and size > SMALL for size in sizes):
        return None
    if node.op_type in _GROWING and None in sizes:
        return None
    return computed(node, {name: constants[name] for name in node.input if name})


_GROWING: Final = frozenset("ConstantOfShape Expand Tile Range Pad OneHot EyeLike".split())
_COMPUTED: Final = _GROWING | frozenset(
    "Abs Add And ArgMax ArgMin BitShift Cast CastLike Ceil Clip Concat Constant CumSum DequantizeLinear Div Equal Erf "
    "Exp Flatten Floor Gather GatherND Gemm Greater GreaterOrEqual HardSigmoid Identity IsInf IsNaN "
    "LeakyRelu Less LessOrEqual Log MatMul Max Mean Min Mod Mul Neg NonZero Not Or Pow QuantizeLinear Reciprocal "
    "ReduceL1 ReduceL2 ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Round "
    "ScatterND Sigmoid Sign Sin Cos Slice Softmax Softplus Split Sqrt Squeeze Sub Sum Tanh TopK "
    "Transpose Trilu Unsqueeze Where Xor".split()
)
"""Operators that are computed: none needs more than its operands and outputs, in time or in memory."""


def computed(node: onnx.NodeProto, feeds: Constants) -> list[np.ndarray[Any, Any]] | None:
    """An operator's outputs for small operands; None where it is none that is computed, or the outputs are not small.

    That the outputs of operators that make more of less (Expand, Range) are small must be known beforehand.
    """
    if node.op_type not in _COMPUTED or any(a.name == "num_outputs" and a.i > SMALL for a in node.attribute):
        return None
    if node.op_type not in _GROWING and math.prod([value.size or 1 for value in feeds.values()]) > SMALL**2:
        return None  # operands that broadcast against each other
    from onnx.reference import ReferenceEvaluator

    try:
        with np.errstate(all="ignore"):
            results = list(ReferenceEvaluator(node).run(None, dict(feeds)))
    except Exception:  # operands that the evaluator refuses: then the value stays unknown
        return None
    if any(not isinstance(value, np.ndarray | np.generic) or value.size > SMALL for value in results):
        return None
    return [np.asarray(value) for value in results]


def _shape_of(node: onnx.NodeProto, dims: list[int]) -> Sequence[np.ndarray[Any, Any]] | None:
    span = {a.name: a.i for a in node.attribute}
    numbers = [math.prod(dims)] if node.op_type == "Size" else dims[span.get("start", 0) : span.get("end", len(dims))]
    if any(number > _LARGEST for number in numbers):
        return None
    return [np.array(numbers[0] if node.op_type == "Size" else numbers, np.int64)]


_LARGEST: Final = (1 << 63) - 1
