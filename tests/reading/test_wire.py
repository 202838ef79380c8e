"""The wire walk keeps everything but the data of large tensors, and no bytes make it crash, hang or grow."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from networks import LIGHT, network
from zoodiff.reading import wire

DATA = ("raw_data", "float_data", "int32_data", "int64_data", "double_data", "uint64_data", "string_data")


def rich() -> onnx.ModelProto:
    """A model with weights in every place where a model can hold them, each of more than `wire.KEEP` bytes."""
    big = np.arange(900, dtype=np.float32).reshape(30, 30)

    def tensor(name: str, kind: int = TensorProto.FLOAT) -> TensorProto:
        values = np.arange(900, dtype=helper.tensor_dtype_to_np_dtype(kind))
        return helper.make_tensor(name, kind, (30, 30), values.tolist())

    def sparse(name: str) -> onnx.SparseTensorProto:
        indices = numpy_helper.from_array(np.arange(900, dtype=np.int64), "")
        values = tensor(name)
        return helper.make_sparse_tensor(values, indices, (100, 100))

    inner = helper.make_graph(
        [helper.make_node("Constant", [], ["c"], value=tensor("c")), helper.make_node("Add", ["c", "own"], ["b"])],
        "inner", [], [helper.make_tensor_value_info("b", TensorProto.FLOAT, None)], [tensor("own")],
    )  # fmt: skip
    nodes = [
        helper.make_node("Constant", [], ["raw"], value=numpy_helper.from_array(big, "raw")),
        helper.make_node("Constant", [], ["loose"], sparse_value=sparse("loose")),
        helper.make_node("If", ["flag"], ["chosen"], then_branch=inner, else_branch=inner),
        helper.make_node("Odd", ["x"], ["odd"], domain="own", tensors=[tensor("t1"), tensor("t2")], doc="short"),
        helper.make_node("Call", ["x"], ["y"], domain="own"),
    ]
    nodes[0].doc_string = "a node's words" * 200
    floats = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [30, 30]) for name in ("x", "y")]
    flag = helper.make_tensor_value_info("flag", TensorProto.BOOL, [])
    kinds = [TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.INT64, TensorProto.INT32, TensorProto.UINT64]
    weights = [tensor(f"w{kind}", kind) for kind in kinds] + [numpy_helper.from_array(big[:2, :2], "small")]
    graph = helper.make_graph(
        nodes, "net", [floats[0], flag], [floats[1]], weights, "a graph's words" * 200, sparse_initializer=[sparse("s")]
    )
    body = [helper.make_node("Constant", [], ["k"], value=tensor("k")), helper.make_node("Add", ["a", "k"], ["r"])]
    call = helper.make_function("own", "Call", ["a"], ["r"], body, [helper.make_opsetid("", 17)])
    model = helper.make_model(graph, functions=[call], ir_version=8, opset_imports=[helper.make_opsetid("", 17)])
    helper.set_model_props(model, {"author": "somebody"})
    return model


def without_data(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model as the walk should leave it, made by onnx's own parser: large messages lose data and words."""

    def clear(tensor: TensorProto) -> None:
        if tensor.ByteSize() > wire.KEEP:
            for field in (*DATA, "doc_string"):
                tensor.ClearField(field)

    def clear_sparse(tensor: onnx.SparseTensorProto) -> None:
        clear(tensor.values)
        clear(tensor.indices)

    def clear_nodes(nodes: list[onnx.NodeProto]) -> None:
        for node in nodes:
            if node.ByteSize() > wire.KEEP:
                node.ClearField("doc_string")
            for attribute in node.attribute:
                for tensor in (attribute.t, *attribute.tensors):
                    clear(tensor)
                for tensor in (attribute.sparse_tensor, *attribute.sparse_tensors):
                    clear_sparse(tensor)
                for graph in (attribute.g, *attribute.graphs):
                    clear_graph(graph)

    def clear_graph(graph: onnx.GraphProto) -> None:
        if graph.ByteSize() > wire.KEEP:
            graph.ClearField("doc_string")
        clear_nodes(graph.node)
        for tensor in graph.initializer:
            clear(tensor)
        for tensor in graph.sparse_initializer:
            clear_sparse(tensor)

    left = onnx.ModelProto()
    left.CopyFrom(model)
    left.ClearField("doc_string")
    clear_graph(left.graph)
    for function in left.functions:
        clear_nodes(function.node)
    return onnx.ModelProto.FromString(left.SerializeToString())


def test_everything_but_large_tensors_is_kept() -> None:
    model = rich()
    whole = model.SerializeToString()
    stripped = wire.strip(whole)
    assert onnx.ModelProto.FromString(stripped) == without_data(model)
    assert len(stripped) < len(whole) / 10
    small = next(t for t in onnx.ModelProto.FromString(stripped).graph.initializer if t.name == "small")
    assert numpy_helper.to_array(small).tolist() == [[0, 1], [30, 31]]


@pytest.mark.parametrize("path", LIGHT, ids=lambda path: path.stem)
def test_real_graphs_without_large_tensors_are_unchanged(path: Path) -> None:
    model = onnx.load(path)
    assert onnx.ModelProto.FromString(wire.strip(path.read_bytes())) == without_data(model)


def test_real_files_with_weights(evidence: Path) -> None:
    for path in sorted((evidence / "models").glob("*.onnx")):
        stripped = wire.strip(path.read_bytes())
        assert onnx.ModelProto.FromString(stripped) == without_data(onnx.load(path))
        assert len(stripped) < path.stat().st_size / 4


def test_training_information_and_words_are_left_out() -> None:
    model = network("net (float[1] x) => (float[1] y) { y = Relu(x) }")
    before = wire.strip(model.SerializeToString())
    model.doc_string = "words" * 1000
    model.training_info.add().algorithm.name = "sgd"
    assert wire.strip(model.SerializeToString()) == before


def test_every_truncation_is_refused_or_is_a_whole_message() -> None:
    """A file cut between two fields of its outermost message is a shorter message; anywhere else it is an error."""
    model = network("net (float[1,3,8,8] x) => (float[] y) { y = Conv (x, w) }", data=True, w=(4, 3, 3, 3))
    whole = model.SerializeToString()
    ends = {0} | {stop for *_, stop in wire.fields(whole, 0, len(whole))}
    assert len(ends) > 3
    for length in range(len(whole)):
        if length in ends:
            assert onnx.ModelProto.FromString(wire.strip(whole[:length])) is not None
        else:
            with pytest.raises(wire.WireError):
                wire.strip(whole[:length])


@given(st.binary(max_size=400))
@settings(deadline=None, max_examples=300)
def test_any_bytes_are_stripped_or_refused(data: bytes) -> None:
    try:
        stripped = wire.strip(data)
    except wire.WireError:
        return
    assert len(stripped) <= len(data)


RICH = rich().SerializeToString()


@given(st.lists(st.tuples(st.integers(0, len(RICH) - 1), st.integers(0, 255)), min_size=1, max_size=12))
@settings(deadline=None, max_examples=200)
def test_a_damaged_model_is_stripped_or_refused(damage: list[tuple[int, int]]) -> None:
    data = bytearray(RICH)
    for position, byte in damage:
        data[position] = byte
    began = time.monotonic()
    try:
        stripped = wire.strip(bytes(data))
    except wire.WireError:
        pass
    else:
        assert len(stripped) <= len(data)
    assert time.monotonic() - began < 5


@given(st.integers(0, 2**64 - 1))
def test_numbers_are_read_as_protobuf_writes_them(value: int) -> None:
    from google.protobuf.internal.encoder import _VarintBytes

    encoded = _VarintBytes(value)
    assert wire.varint(encoded, 0, len(encoded)) == (value, len(encoded))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff" * 11, "longer than 64 bits"),
        (b"\x08\xff", "truncated"),
        (b"\x3a\x7fabc", "truncated"),
        (b"\x09abc", "truncated"),
        (b"\x0b", "wire type 3"),
        (b"\x00\x01", "number 0"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, words: str) -> None:
    with pytest.raises(wire.WireError, match=words):
        wire.strip(data)


def nested(levels: int) -> bytes:
    """A graph in an attribute of a node of a graph, and so on, the innermost too long to be kept whole."""
    message = b"\x52" + wire._encoded(2000) + b"x" * 2000  # a graph's doc_string
    for _ in range(levels):
        message = wire._tagged(1, wire._tagged(5, wire._tagged(6, message)))  # node, attribute, graph
    return wire._tagged(7, message)


def test_depth_has_a_budget() -> None:
    assert len(wire.strip(nested(10))) < 200
    with pytest.raises(wire.WireError, match="nested more than"):
        wire.strip(nested(40))


def test_fields_have_a_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "FIELD_BUDGET", 1000)
    wire.strip(b"\x08\x01" * 1000)
    with pytest.raises(wire.WireError, match="more than 1,000 fields"):
        wire.strip(b"\x08\x01" * 1001)


def test_weights_are_not_touched(tmp_path: Path) -> None:
    """A file whose weights are a hole on disk stays one: nothing is copied, whatever their size."""
    import mmap
    import resource

    size = 1 << 30
    path = tmp_path / "sparse.onnx"
    tensor = wire._encoded(9 << 3 | 2) + wire._encoded(size)
    graph = wire._encoded(5 << 3 | 2) + wire._encoded(len(tensor) + size) + tensor
    with path.open("wb") as file:
        file.write(wire._encoded(7 << 3 | 2) + wire._encoded(len(graph) + size) + graph)
        file.truncate(file.tell() + size)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as buffer:
        stripped = wire.strip(buffer)
    assert onnx.ModelProto.FromString(stripped).graph.initializer[0].raw_data == b""
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB


def test_a_map_whose_pages_are_let_go_reads_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import mmap

    weights = {f"w{i}": (64, 64, 3, 3) for i in range(8)}
    chain = " ".join(f"a{i + 1} = Conv (a{i}, w{i})" for i in range(8))
    model = network(f"net (float[1,64,20,20] a0) => (float[] a8) {{ {chain} }}", data=True, **weights)
    path = tmp_path / "a.onnx"
    onnx.save(model, path)
    monkeypatch.setattr(wire, "PIECE", 1)
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as buffer:
        assert wire.strip(buffer) == wire.strip(path.read_bytes())
