"""What is known of a tensor: its element type, its dimensions and, where it is small, its values."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from zoodiff.fault import Refusal
from zoodiff.kind import MOST
from zoodiff.reading.schema import messages
from zoodiff.record import Raw

if TYPE_CHECKING:
    import numpy as np
    import onnx

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


NOTHING: Final = Known(messages.TensorProto.UNDEFINED, None)

DTYPES: dict[int, str] = {number: label.lower() for label, number in messages.TensorProto.DataType.items()} | {
    messages.TensorProto.FLOAT: "float32",
    messages.TensorProto.DOUBLE: "float64",
    messages.TensorProto.UNDEFINED: "",
}
"""What element types are called, by their number."""

Found = dict[str, Known]
Constants = dict[str, "np.ndarray[Any, Any]"]


def known(tensor: onnx.TypeProto.Tensor) -> Dims | None:
    """The dimensions of a tensor type; None for a dimension, or for all of it, that is not known."""
    if not tensor.HasField("shape"):
        return None
    return tuple([d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim])


def set_dims(tensor: onnx.TypeProto.Tensor, dims: Iterable[int | None]) -> None:
    """Give a tensor type these dimensions, in place of its own; None: one that is not known."""
    tensor.ClearField("shape")
    tensor.shape.SetInParent()
    for size in dims:
        dim = tensor.shape.dim.add()
        if size is not None:
            dim.dim_value = size


@lru_cache(maxsize=MOST)
def typed(serialised: bytes) -> Known | None:
    """A tensor's type, by the bytes of its TypeProto: few differ in a network; None: it is no tensor."""
    kind = messages.TypeProto.FromString(serialised)
    return Known(kind.tensor_type.elem_type, known(kind.tensor_type)) if kind.HasField("tensor_type") else None


def whole(dims: Dims | None) -> bool:
    """Whether every dimension is known."""
    return dims is not None and None not in dims


def distinct(found: Found) -> Collection[Known]:
    """All that tensors are known to be: mostly one object for those that are alike."""
    return {id(each): each for each in found.values()}.values()


def held(tensor: onnx.TensorProto, dims: tuple[int, ...]) -> np.ndarray[Any, Any] | Raw | None:
    """The values of a tensor, where it holds them in the file and is small enough for them to be worth having.

    `dims` are the tensor's own. Raises Refusal where the values do not fit them or the type.
    """
    size = math.prod(dims)
    if size > SMALL or tensor.data_location == tensor.EXTERNAL or tensor.data_type == tensor.STRING:
        return None
    plain = _PLAIN.get(tensor.data_type)
    if plain is not None and len(tensor.raw_data) == size * int(plain[2:]) > 0:
        return Raw(plain, tensor.raw_data)
    if size == 0 or tensor.raw_data or getattr(tensor, _FIELDS.get(tensor.data_type, "int32_data")):
        return _array(tensor)
    return None


def _array(tensor: onnx.TensorProto) -> np.ndarray[Any, Any]:
    from onnx import numpy_helper

    try:
        values: np.ndarray[Any, Any] = numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError) as error:
        raise Refusal(f"the tensor {tensor.name!r} is damaged: {error}", "Fetch the file again.") from None
    return values


_FIELDS: Final[dict[int, str]] = {
    messages.TensorProto.FLOAT: "float_data",
    messages.TensorProto.COMPLEX64: "float_data",
    messages.TensorProto.DOUBLE: "double_data",
    messages.TensorProto.COMPLEX128: "double_data",
    messages.TensorProto.INT64: "int64_data",
    messages.TensorProto.UINT32: "uint64_data",
    messages.TensorProto.UINT64: "uint64_data",
}
"""Where tensors have their values if they are not raw bytes; all others have them in `int32_data` (onnx.proto)."""
_PLAIN: Final[dict[int, str]] = {
    messages.TensorProto.FLOAT: "<f4",
    messages.TensorProto.INT64: "<i8",
    messages.TensorProto.INT32: "<i4",
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
    import numpy as np
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
    import numpy as np

    span = {a.name: a.i for a in node.attribute}
    numbers = [math.prod(dims)] if node.op_type == "Size" else dims[span.get("start", 0) : span.get("end", len(dims))]
    if any(number > _LARGEST for number in numbers):
        return None
    return [np.array(numbers[0] if node.op_type == "Size" else numbers, np.int64)]


_LARGEST: Final = (1 << 63) - 1
