"""Write a network as a file that runs: with the weights that its own file holds, or with random ones."""

from __future__ import annotations

from io import BufferedWriter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import numpy as np

from zoodiff import disk
from zoodiff.fault import Refusal
from zoodiff.reducing import emit

if TYPE_CHECKING:
    import onnx

    from zoodiff.reading.reference import Network
    from zoodiff.record import Graph

MODEL, WEIGHTS = "model.onnx", "weights.bin"
Origin = Literal["own", "random"]
SEED: Final = 0
_GAIN: Final = 2.0
_PAGE: Final = 4096
"""bytes: weights begin where a memory page does, so that they can be mapped"""
_INLINE: Final = 1024
"""Bytes below which a constant stays in the model: shapes and axes must, and the rest costs little."""
_BY_VALUE: Final = ("If", "Loop", "Scan", "NonZero", "NonMaxSuppression", "Compress", "Unique")
"""Operators that do more or less work as values are, so that random weights say nothing of it."""


class Runnable(NamedTuple):
    """A model in a folder, which onnxruntime can load."""

    path: Path
    weights: Origin
    inputs: list[tuple[str, str, list[int]]]
    """name, element type and dimensions"""


def write(network: Network, graph: Graph, folder: Path, random: bool = False) -> Runnable:
    """Write a network to `folder` at the input sizes of `graph`, weights in a file beside it.

    A file that holds weights keeps them unless `random` ones are asked for (see `emit.random_value`). Raises Refusal
    where the file's weights cannot be read, where random ones tell nothing, or where the folder takes no more.
    """
    whole = None if random else _whole(network)
    with disk.writing(folder), (folder / WEIGHTS).open("wb") as file:
        model = _own(whole, network, graph, file) if whole is not None else _random(network, graph, file)
        (folder / MODEL).write_bytes(model.SerializeToString())
    inputs = [(value.name, value.dtype or "float32", [d or 1 for d in value.shape or ()]) for value in graph.inputs]
    return Runnable(folder / MODEL, "random" if whole is None else "own", inputs)


def _whole(network: Network) -> onnx.ModelProto | None:
    """The model where it brings all its weights; a skeleton has their dimensions alone, an origin paper's none."""
    if network.path is None and (network.proto is None or network.on_paper):
        return None
    model = _read(network)
    return model if all(_held(tensor) for tensor in model.graph.initializer) else None


def _held(tensor: onnx.TensorProto) -> bool:
    import onnx

    if tensor.data_location == onnx.TensorProto.EXTERNAL or 0 in tensor.dims or tensor.raw_data:
        return True
    return bool(getattr(tensor, onnx.helper.tensor_dtype_to_field(tensor.data_type)))


def _read(network: Network) -> onnx.ModelProto:
    """A copy of the model, weights and all; those in other files are left there."""
    import onnx

    if network.proto is not None:
        model = onnx.ModelProto()
        model.CopyFrom(network.proto)
        return model
    assert network.path is not None
    try:
        return onnx.load(network.path, load_external_data=False)
    except Exception as error:  # whatever the parser makes of bytes that are none of a model
        raise Refusal(f"{network.ref!r} cannot be read with its weights: {error}") from None


def _random(network: Network, graph: Graph, file: BufferedWriter) -> onnx.ModelProto:
    if varying := sorted({node.op for node in graph.nodes if node.op in _BY_VALUE}):
        raise Refusal(f"how long {', '.join(varying)} takes depends on values: random weights would not tell")
    values = emit.Weights(graph, SEED, _GAIN)

    def put(into: onnx.GraphProto, name: str, value: np.ndarray[Any, Any]) -> None:
        _put(into.initializer.add(name=name, dims=value.shape), value, file)
        values.pop(name, None)

    return emit.filled(network.skeleton(), graph, values, put=put)


def _own(model: onnx.ModelProto, network: Network, graph: Graph, file: BufferedWriter) -> onnx.ModelProto:
    """The file's own model, changed in place; weights outside it are read from beside it, never from elsewhere."""
    import onnx
    from onnx import external_data_helper, numpy_helper

    beside = str(network.path.parent if network.path else Path())
    for tensor in model.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            try:
                external_data_helper.load_external_data_for_tensor(tensor, beside)
            except Exception as error:  # of several kinds: a missing file, a path that leaves the folder, a short file
                raise Refusal(
                    f"{network.ref!r}: the weight {tensor.name!r} is in another file, which cannot be read: {error}",
                    "Give random weights with --random, or put that file beside the model.",
                ) from None
            tensor.data_location = onnx.TensorProto.DEFAULT
            del tensor.external_data[:]
        listed = tensor.float_data or tensor.double_data  # other types listed number by number are small
        data = tensor.raw_data or (numpy_helper.to_array(tensor).tobytes() if listed else b"")
        if len(data) >= _INLINE:
            _outside(tensor, data, file)
    emit.resize(model, graph)
    return model


def _put(tensor: onnx.TensorProto, value: np.ndarray[Any, Any], file: BufferedWriter) -> None:
    import onnx

    tensor.data_type = onnx.helper.np_dtype_to_tensor_dtype(value.dtype)
    if value.nbytes < _INLINE:
        tensor.raw_data = value.tobytes()
    else:
        _outside(tensor, value.tobytes(), file)


def _outside(tensor: onnx.TensorProto, data: bytes, file: BufferedWriter) -> None:
    """Write a tensor's data beside the model, and say there where."""
    import onnx

    file.seek(-(-file.tell() // _PAGE) * _PAGE)
    for field in ("raw_data", "float_data", "double_data"):
        tensor.ClearField(field)
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, told in (("location", WEIGHTS), ("offset", file.tell()), ("length", len(data))):
        tensor.external_data.add(key=key, value=str(told))
    file.write(data)
