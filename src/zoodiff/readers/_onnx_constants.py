"""Constants as an ONNX file has them: initializers, sparse tensors, and operators that stand for one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.message import DecodeError

from zoodiff.fault import Refusal
from zoodiff.kind import Memo
from zoodiff.reading.schema import messages
from zoodiff.reading.values import DTYPES, held
from zoodiff.record import Constant, Node, Raw

if TYPE_CHECKING:
    import numpy as np

_NAME: Final = b"\x42"
"""The field of a tensor's name as protobuf has it, before its length."""
_Unnamed = tuple[str, tuple[int, ...], "np.ndarray[Any, Any] | Raw | None"]
_UNNAMED: Final[Memo[tuple[bytes, bytes], _Unnamed | None]] = Memo()
"""Element type, dimensions and values of tensors by their bytes before and after the name; None: there is more."""
_MOST_BYTES: Final = 256
"""Of tensors that are remembered."""


def read_tensors(tensors: Iterable[bytes]) -> Iterator[Constant]:
    """Tensors by their bytes: few differ in more than their names."""
    known = _UNNAMED.opened()
    for serialised in tensors:
        before, _, named = serialised.partition(_NAME)
        end = named[0] + 1 if named else 0
        if 0 < end <= min(len(named), 128) and len(serialised) < _MOST_BYTES:
            rest = named[end:]
            found = known.get((before, rest)) or known.setdefault((before, rest), _unnamed(before, rest))
            if found:
                yield Constant(named[1:end].decode(), *found)
                continue
        yield read_tensor(messages.TensorProto.FromString(serialised))


def _unnamed(before: bytes, rest: bytes) -> _Unnamed | None:
    """A tensor by its bytes before and after the name; None where it cannot be read so.

    Bytes that end in the middle of a field cannot be read: what was taken for the name's field is one, or this fails.
    """
    try:
        messages.TensorProto.FromString(before)
        tensor = messages.TensorProto.FromString(before + rest)
        dims = tuple(tensor.dims)
        if tensor.HasField("name") or min(dims, default=1) < 1:
            return None
        values = held(tensor, dims)
    except (DecodeError, Refusal):  # to be said with its name
        return None
    if values is not None and not isinstance(values, Raw):
        values.setflags(write=False)  # others have them too
    return DTYPES.get(tensor.data_type, ""), dims, values


def read_tensor(tensor: messages.TensorProto) -> Constant:
    """A tensor, with its values where they are few. Raises Refusal where it is damaged."""
    dims = tuple(tensor.dims[:])
    if dims and min(dims) < 0:
        raise Refusal(f"the tensor {tensor.name!r} has a negative dimension: {min(dims)}", "The file is damaged.")
    return Constant(tensor.name, DTYPES.get(tensor.data_type, ""), dims, held(tensor, dims))


def read_sparse(tensor: messages.SparseTensorProto) -> Constant:
    """A sparse tensor, as large as what it stands for."""
    return Constant(tensor.values.name, DTYPES.get(tensor.values.data_type, ""), tuple(tensor.dims))


LITERALS = ("Constant", "ConstantOfShape")


def read_literal(node: Node, proto: Any, constants: Mapping[str, Constant]) -> Constant | None:
    """The constant that a node stands for: a Constant, or a ConstantOfShape whose shape is written in the file.

    The second is how skeletons without external data are written: the weight is there, by its shape alone.
    """
    if node.domain or len(node.outputs) != 1:
        return None
    name = node.outputs[0]
    if node.op == "Constant" and proto.attribute:
        return _of_attribute(name, messages.AttributeProto.FromString(proto.attribute[0]))
    if node.op == "ConstantOfShape" and node.inputs and node.inputs[0] in constants:
        shape = constants[node.inputs[0]].data
        if shape is not None and (shape >= 0).all():
            given = [messages.AttributeProto.FromString(each).t.data_type for each in proto.attribute]
            dtype = DTYPES.get(given[0] if given else messages.TensorProto.FLOAT, "")
            return Constant(name, dtype, tuple(int(d) for d in shape.ravel()))
    return None


def _of_attribute(name: str, attribute: messages.AttributeProto) -> Constant | None:
    if attribute.type == messages.AttributeProto.TENSOR:
        tensor = read_tensor(attribute.t)
        return Constant(name, tensor.dtype, tensor.shape, tensor.values)
    if attribute.type == messages.AttributeProto.SPARSE_TENSOR:
        tensor = read_sparse(attribute.sparse_tensor)
        return Constant(name, tensor.dtype, tensor.shape)
    if attribute.type not in _NUMBERS:
        return None
    import numpy as np
    from onnx.helper import get_attribute_value

    data = np.array(get_attribute_value(attribute), _NUMBERS[attribute.type])
    return Constant(name, str(data.dtype), data.shape, data)


_NUMBERS: Final = {
    messages.AttributeProto.FLOAT: "float32",
    messages.AttributeProto.FLOATS: "float32",
    messages.AttributeProto.INT: "int64",
    messages.AttributeProto.INTS: "int64",
}
"""Element types of constants that are written as an attribute's numbers."""
