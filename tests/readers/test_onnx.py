"""The ONNX reader: every way to write a constant, functions, subgraphs, disorder, damage; weights are never opened."""

from __future__ import annotations

import json
import math
import os
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from networks import LIGHT, network
from zoodiff.fault import Refusal
from zoodiff.measuring.count import count
from zoodiff.readers import onnx as reader
from zoodiff.record import Constant, Graph


def read(model: onnx.ModelProto, **inputs: tuple[int | None, ...]) -> Graph:
    return reader.from_proto(model, "test", inputs)


CONV = "net (float[1,3,8,8] x) => (float[] y) { y = Conv (x, w) }"


@pytest.mark.parametrize("data", [True, False])
def test_weights_are_shapes(tmp_path: Path, data: bool) -> None:
    """With data or by dimensions alone: the same graph."""
    model = network(CONV, data=data, w=(64, 3, 3, 3))
    onnx.save(model, tmp_path / "a.onnx")
    graph = reader.read(tmp_path / "a.onnx")
    assert graph.constants == {"w": Constant("w", "float32", (64, 3, 3, 3), None)}
    assert graph.shape("y") == (1, 64, 6, 6)
    assert (graph.inputs[0].name, graph.inputs[0].dtype, graph.opset) == ("x", "float32", 17)
    assert graph.unknown == ()


def test_a_model_in_memory_is_left_as_it_is() -> None:
    model = network(CONV, data=True, w=(64, 3, 3, 3))
    before = model.SerializeToString()
    read(model, x=(1, 3, 10, 10))
    assert model.SerializeToString() == before


CONSTANTS = {
    "value": (numpy_helper.from_array(np.arange(6, dtype=np.int32).reshape(2, 3), "t"), "int32", (2, 3)),
    "value_float": (2.5, "float32", ()),
    "value_floats": ([1.0, 2.0], "float32", (2,)),
    "value_int": (7, "int64", ()),
    "value_ints": ([3, 4, 5], "int64", (3,)),
}


@pytest.mark.parametrize(("kind", "value", "dtype", "shape"), [(k, *v) for k, v in CONSTANTS.items()], ids=CONSTANTS)
def test_constant_nodes_are_constants(kind: str, value: object, dtype: str, shape: tuple[int, ...]) -> None:
    model = network("net (float[1] x) => (float[] y) { y = Relu (x) }")
    model.graph.node.insert(0, helper.make_node("Constant", [], ["c"], **{kind: value}))
    model.graph.node.append(helper.make_node("Cast", ["c"], ["z"], to=1))
    constant = read(model).constants["c"]
    assert (constant.dtype, constant.shape) == (dtype, shape)
    assert constant.data is not None
    expected = numpy_helper.to_array(value) if isinstance(value, TensorProto) else np.array(value)
    np.testing.assert_array_equal(constant.data, expected)


def sparse(name: str) -> onnx.SparseTensorProto:
    """A 100 x 100 matrix with three values."""
    values = helper.make_tensor(name, TensorProto.FLOAT, (3,), [1.0, 2.0, 3.0])
    indices = helper.make_tensor("", TensorProto.INT64, (3,), [0, 150, 9999])
    return helper.make_sparse_tensor(values, indices, (100, 100))


def test_sparse_tensors_have_the_shape_of_what_they_stand_for() -> None:
    model = network("net (float[5,100] x) => (float[] y) { y = MatMul (x, s) }")
    model.graph.sparse_initializer.append(sparse("s"))
    graph = read(model)
    assert (graph.constants["s"].dtype, graph.constants["s"].shape) == ("float32", (100, 100))
    node = network("net (float[5,100] x) => (float[] y) { y = MatMul (x, s) }")
    node.graph.node.insert(0, helper.make_node("Constant", [], ["s"], sparse_value=sparse("")))
    assert read(node).constants["s"].shape == (100, 100)


def test_weights_by_constant_of_shape() -> None:
    model = network("""net (float[1,3,8,8] x) => (float[] y) {
        s = Constant <value_ints=[64,3,3,3]> ()
        w = ConstantOfShape (s)
        y = Conv (x, w)
    }""")
    graph = read(model)
    assert [node.op for node in graph.nodes] == ["Conv"]
    assert graph.constants["w"].shape == (64, 3, 3, 3)
    assert count(graph).params.value == 64 * 27


@pytest.mark.parametrize("location", ["missing.bin", "../outside.bin", "/dev/zero", "pipe", "w.bin"])
def test_external_data_are_never_opened(tmp_path: Path, location: str) -> None:
    """A named pipe would hang whoever opens it; a device would never end; a file's time of access would change."""
    folder = tmp_path / "model"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    (folder / "w.bin").write_bytes(bytes(64 * 27 * 4))
    os.utime(folder / "w.bin", (1, 1))
    (tmp_path / "outside.bin").write_bytes(bytes(64 * 27 * 4))
    os.utime(tmp_path / "outside.bin", (1, 1))
    model = network(CONV, w=(64, 3, 3, 3))
    weight = model.graph.initializer[0]
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value=location)
    (folder / "a.onnx").write_bytes(model.SerializeToString())
    assert reader.read(folder / "a.onnx").constants["w"] == Constant("w", "float32", (64, 3, 3, 3), None)
    assert (folder / "w.bin").stat().st_atime == 1
    assert (tmp_path / "outside.bin").stat().st_atime == 1


def test_functions_are_inlined() -> None:
    model = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["" : 17, "own" : 1]>
        net (float[1,3,8,8] x) => (float[] y) { a = own.Twice (x, w) y = own.Twice (a, w) }
        <domain: "own", opset_import: ["" : 17, "own" : 1]>
        Once (p, k) => (q) { c = Conv <pads=[1,1,1,1]> (p, k) q = Relu (c) }
        <domain: "own", opset_import: ["" : 17, "own" : 1]>
        Twice (p, k) => (q) { m = own.Once (p, k) q = own.Once (m, k) }
    """)
    model.graph.initializer.append(TensorProto(name="w", data_type=1, dims=(3, 3, 3, 3)))
    graph = read(model)
    assert [node.op for node in graph.nodes] == ["Conv", "Relu"] * 4
    assert graph.shape("y") == (1, 3, 8, 8)
    counts = count(graph)
    assert (counts.macs.value, counts.params.value) == (4 * 3 * 64 * 27, 81)


def test_functions_in_a_circle_are_refused() -> None:
    model = onnx.parser.parse_model("""
        <ir_version: 8, opset_import: ["" : 17, "own" : 1]>
        net (float[1] x) => (float[] y) { y = own.A (x) }
        <domain: "own", opset_import: ["" : 17, "own" : 1]> A (p) => (q) { q = own.B (p) }
        <domain: "own", opset_import: ["" : 17, "own" : 1]> B (p) => (q) { q = own.A (p) }
    """)
    with pytest.raises(Refusal):
        read(model)


def test_if_keeps_both_branches() -> None:
    model = network("""net (float[1,3,8,8] x, bool flag) => (float[] y) {
        y = If (flag) <
            then_branch = then () => (float[1,4,6,6] t) { t = Conv (x, w) },
            else_branch = other () => (float[1,4,6,6] e) { p = Conv (x, w) e = Relu (p) }
        >
    }""", w=(4, 3, 3, 3))  # fmt: skip
    (node,) = read(model).nodes
    branches = [node.attributes["then_branch"], node.attributes["else_branch"]]
    assert [[inner.op for inner in branch.nodes] for branch in branches] == [["Conv"], ["Conv", "Relu"]]


@pytest.mark.parametrize("size", [8, 5, 12])
def test_tensors_inside_a_subgraph_have_shapes_at_any_input_size(size: int) -> None:
    """The file states those of another size, or none: a 3x3 convolution leaves size - 2 positions a side."""
    model = network("""net (float[1,3,8,8] x, bool flag) => (float[] y) {
        y = If (flag) <
            then_branch = then () => (float[1,4,6,6] t) { t = Conv (x, w) },
            else_branch = other () => (float[1,4,6,6] e) <float[1,4,6,6] p> { p = Conv (x, w) e = Identity (p) }
        >
    }""", w=(4, 3, 3, 3))  # fmt: skip
    graph = read(model, x=(1, 3, size, size)) if size != 8 else read(model)
    (node,) = graph.nodes
    positions = (1, 4, size - 2, size - 2)
    assert node.attributes["then_branch"].shape("t") == positions
    assert [node.attributes["else_branch"].shape(name) for name in "pe"] == [positions, positions]
    counts = count(graph)
    assert (counts.complete, counts.macs.value) == (True, 4 * (size - 2) ** 2 * 27)


def test_loop_keeps_its_body() -> None:
    model = network("""net (float[1,8] x, int64 n) => (float[] y) {
        go = Constant <value: tensor = bool {1}> ()
        y = Loop (n, go, x) <body = body (int64 i, bool c, float[1,8] a) => (bool d, float[1,8] b)
            { d = Identity (c) b = MatMul (a, w) }>
    }""", w=(8, 8))  # fmt: skip
    (node,) = read(model).nodes
    assert [inner.op for inner in node.attributes["body"].nodes] == ["Identity", "MatMul"]


def test_unsorted_nodes_are_sorted() -> None:
    model = network(
        "net (float[1,3,8,8] x) => (float[] y) { a = Conv (x, w) b = Relu (a) y = Sigmoid (b) }", w=(4, 3, 3, 3)
    )
    whole = read(model)
    nodes = [onnx.NodeProto.FromString(node.SerializeToString()) for node in model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(reversed(nodes))
    assert read(model) == whole


def test_circles_are_refused_by_name() -> None:
    model = network("net (float[1] x) => (float[] y) { y = Relu (x) }")
    model.graph.node.append(helper.make_node("Add", ["x", "b"], ["a"]))
    model.graph.node.append(helper.make_node("Mul", ["a", "x"], ["b"]))
    with pytest.raises(Refusal, match="circle of operators: Add 'a', Mul 'b'") as caught:
        read(model)
    assert "Relu" not in caught.value.message


def test_what_nothing_produces_is_refused_by_name() -> None:
    model = network("net (float[1] x) => (float[] y) { y = Add (x, ghost) }")
    with pytest.raises(Refusal, match="Add 'y' reads 'ghost', which nothing produces"):
        read(model)


def test_a_file_without_operators_is_refused() -> None:
    with pytest.raises(Refusal, match="holds no operators"):
        read(onnx.ModelProto(ir_version=8))


def test_attributes_are_plain_values() -> None:
    model = network("""net (float[1,3,8,8] x) => (float[] y) {
        a = Conv <strides=[2,2], auto_pad="SAME_UPPER"> (x, w)
        y = LeakyRelu <alpha=0.5> (a)
    }""", w=(4, 3, 3, 3))  # fmt: skip
    conv, leaky = read(model).nodes
    assert conv.attributes == {"strides": (2, 2), "auto_pad": "SAME_UPPER"}
    assert leaky.attributes == {"alpha": 0.5}
    assert conv.domain == ""


def test_weights_listed_among_the_inputs_are_no_inputs() -> None:
    model = network(CONV, ir=3, w=(4, 3, 3, 3))
    model.graph.input.append(helper.make_tensor_value_info("w", TensorProto.FLOAT, (4, 3, 3, 3)))
    assert [value.name for value in read(model).inputs] == ["x"]


def test_several_inputs_and_an_unknown_batch() -> None:
    model = network("net (float[N,4] a, float[N,4] b) => (float[] y) { y = Add (a, b) }")
    assert [value.shape for value in read(model).inputs] == [(1, 4), (1, 4)]
    assert read(model, a=(3, 4), b=(3, 4)).shape("y") == (3, 4)


def by_hand(model: onnx.ModelProto) -> int:
    """Multiply-accumulates of convolutions and dense layers by onnx's own shapes and weights."""
    whole = onnx.shape_inference.infer_shapes(model, data_prop=True)
    shapes = {t.name: list(t.dims) for t in model.graph.initializer}
    for value in (*whole.graph.value_info, *whole.graph.output, *whole.graph.input):
        shapes.setdefault(value.name, [d.dim_value for d in value.type.tensor_type.shape.dim])
    for node in model.graph.node:
        if node.op_type == "ConstantOfShape":
            (shape,) = [t for t in model.graph.initializer if t.name == node.input[0]]
            shapes[node.output[0]] = numpy_helper.to_array(shape).tolist()
    total = 0
    for node in model.graph.node:
        if node.op_type == "Conv":
            total += int(np.prod(shapes[node.output[0]]) * np.prod(shapes[node.input[1]][1:]))
        elif node.op_type == "Gemm":
            total += int(np.prod(shapes[node.input[1]]))
    return total


@pytest.mark.parametrize("path", LIGHT, ids=lambda path: path.stem)
def test_the_light_models(path: Path) -> None:
    graph = reader.read(path)
    assert graph.unknown == ()
    counts = count(graph)
    assert counts.complete
    if path.stem in ("light_squeezenet", "light_resnet50", "light_vgg19", "light_zfnet512", "light_densenet121"):
        expected = by_hand(onnx.load(path))
        assert expected > 10**8
        assert counts.macs.value == expected


def test_evidence_models(evidence: Path) -> None:
    """The genuine file's SqueezeNet 1.1 has the parameters of its paper's repository: 4,941,984 bytes of float32."""
    counts = count(reader.read(evidence / "models" / "squeezenet1.1.onnx"))
    assert (counts.macs.value, counts.params.value, counts.weight_bytes) == (349_151_936, 1_235_496, 4_941_984)
    quantised = count(reader.read(evidence / "models" / "shufflenet-v2-12-int8.onnx"))
    assert quantised.complete
    assert quantised.macs.value == 144_907_992  # as its float twin in pairs/023: quantising changes no product


def test_planted_pairs_read_in_full(evidence: Path) -> None:
    for folder in sorted((evidence / "pairs").iterdir()):
        truth = json.loads((folder / "truth.json").read_text())
        for side, macs in zip("ab", truth["macs"], strict=True):
            graph = reader.read(folder / f"{side}.onnx")
            counts = count(graph)
            assert (counts.macs.value, counts.complete, graph.unknown) == (macs, True, ()), (folder.name, side)


WHOLE = network(
    "net (float[1,3,8,8] x) => (float[] y) { a = Conv (x, w) s = Shape (a) r = Reshape (a, s) y = Relu (r) }",
    data=True,
    w=(16, 3, 3, 3),
).SerializeToString()


@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=6))
@settings(deadline=None, max_examples=150)
def test_a_damaged_file_is_read_or_refused(damage: list[tuple[int, int]]) -> None:
    data = bytearray(WHOLE)
    for position, byte in damage:
        data[position] = byte
    try:
        graph = reader.read_bytes(bytes(data), "damaged")
    except Refusal:
        return
    count(graph)


def test_an_empty_map_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.onnx").touch()
    from zoodiff.reading.read import read as any_file

    with pytest.raises(Refusal, match="is empty"):
        any_file(tmp_path / "empty.onnx")


@pytest.mark.parametrize(
    ("head", "is_onnx"), [(b"\x08\x08", True), (b"\x3a\x05", True), (b"hello", False), (b"\xff" * 9, False)]
)
def test_sniff(head: bytes, is_onnx: bool) -> None:
    assert reader.sniff(head, Path("any")) is is_onnx


# ---------------------------------------------------------------- hostile files


def doubling(levels: int) -> onnx.ModelProto:
    """Functions that call the one before twice: 2 to the power of `levels` operators."""
    opsets = [onnx.helper.make_opsetid("", 17), onnx.helper.make_opsetid("own", 1)]
    call = onnx.helper.make_node
    functions = [onnx.helper.make_function("own", "F0", ["a"], ["b"], [call("Relu", ["a"], ["b"])], opsets)]
    for level in range(1, levels + 1):
        before = f"F{level - 1}"
        body = [call(before, ["a"], ["t"], domain="own"), call(before, ["t"], ["b"], domain="own")]
        functions.append(onnx.helper.make_function("own", f"F{level}", ["a"], ["b"], body, opsets))
    x, y = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1]) for name in "xy")
    graph = onnx.helper.make_graph([call(f"F{levels}", ["x"], ["y"], domain="own")], "net", [x], [y])
    return onnx.helper.make_model(graph, functions=functions, opset_imports=opsets, ir_version=8)


def test_functions_that_multiply_are_counted_before_they_are_inlined() -> None:
    assert len(reader.from_proto(doubling(5), "f").nodes) == 32
    with pytest.raises(Refusal, match="has 1,073,741,824 operators"):
        reader.from_proto(doubling(30), "f")


def test_operators_in_subgraphs_count(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = "then_branch = t () => (float[1] p) { p = Relu(x) }, else_branch = e () => (float[1] q) { q = Neg(x) }"
    model = network(f"net (float[1] x, bool c) => (float[] y) {{ y = If (c) <{inner}> }}")
    monkeypatch.setattr(reader, "MOST_OPERATORS", 3)
    assert len(reader.from_proto(model, "f").nodes) == 1
    monkeypatch.setattr(reader, "MOST_OPERATORS", 2)
    with pytest.raises(Refusal, match="more than 2 operators"):
        reader.from_proto(model, "f")


@pytest.mark.parametrize("text", ["y = Relu(x) y = Neg(x)", "x = Relu(x) y = Neg(x)"])
def test_a_tensor_that_is_made_twice_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="is made twice"):
        reader.from_proto(network(f"net (float[1] x) => (float[] y) {{ {text} }}"), "f")


@pytest.mark.parametrize("opset", [-1, 1 << 31, -(1 << 63)])
def test_an_opset_that_cannot_be(opset: int) -> None:
    model = network("net (float[1] x) => (float[] y) { y = Relu(x) }")
    model.opset_import[0].version = opset
    with pytest.raises(Refusal, match=f"of opset {opset}"):
        reader.from_proto(model, "f")


def test_dimensions_below_zero() -> None:
    with pytest.raises(Refusal, match="'w' has a negative dimension: -4"):
        reader.from_proto(network("net (float[1,3,8,8] x) => (float[] y) { y = Conv(x, w) }", w=(-4, 3, 3, 3)), "f")
    text = "net (float[1] x) => (float[] y) { s = Constant<value=int64[1]{-5}>() c = ConstantOfShape(s) y = Add(x, c) }"
    graph = reader.from_proto(network(text), "f")
    assert all(d is None or d >= 0 for value in graph.values.values() for d in value.shape or ())


@given(
    st.text(max_size=140).filter(lambda name: name != "y"),
    st.lists(st.integers(0, 300), max_size=4) | st.lists(st.integers(1, 1 << 40), max_size=4),
    st.sampled_from([TensorProto.FLOAT, TensorProto.INT64, TensorProto.BFLOAT16]),
    st.sampled_from(["", "data", "external", "doc", "named twice"]),
)
def test_a_weight_is_what_its_tensor_says(name: str, dims: list[int], kind: int, more: str) -> None:
    tensor = TensorProto(name=name, dims=dims, data_type=kind)
    if more == "data":
        tensor.ClearField("dims")
        tensor.dims.append(1)
        tensor.raw_data = b"\1" * {TensorProto.INT64: 8, TensorProto.BFLOAT16: 2}.get(kind, 4)
    elif more == "external":
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="B\x03abc")
    elif more == "doc":
        tensor.doc_string = "B\x03abc"
    parsed = onnx.ModelProto()
    parsed.graph.initializer.append(tensor)
    (written,) = reader.schema.parse_model(parsed.SerializeToString()).graph.initializer
    if more == "named twice":
        written, name = written + b"\x42\x00", ""  # what comes last holds
    (found,) = reader._initializers([written])
    assert (found.name, found.shape) == (name, tuple(tensor.dims))
    assert found.dtype == {TensorProto.FLOAT: "float32", TensorProto.INT64: "int64", 16: "bfloat16"}[kind]
    size = math.prod(tensor.dims)
    assert (found.data is not None) == (more == "data" or (size == 0 and more != "external"))


def test_a_name_that_is_no_text_is_refused() -> None:
    data = network(CONV, w=(2, 3, 3, 3)).SerializeToString()
    assert data.count(b"\x01w") == 2
    with pytest.raises(Refusal, match="no text"):
        reader.read_skeleton(data.replace(b"\x01w", b"\x01\xff"), "f")


def test_huge_numbers_allocate_nothing() -> None:
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    graph = reader.from_proto(
        network("net (float[1,4611686018427387904] x) => (float[] y) { y = MatMul(x, w) }", w=(1 << 62, 1 << 62)), "f"
    )
    assert graph.constants["w"].shape == (1 << 62, 1 << 62)
    for operator in ("Expand", "Tile", "ConstantOfShape", "Range"):
        shape = "int64[2]{4611686018427387904, 4611686018427387904}"
        inputs = {"ConstantOfShape": "s", "Range": "z, b, o"}.get(operator, "x, s")
        text = f"s = Constant<value={shape}>() z = Constant<value_int=0>() o = Constant<value_int=1>() "
        text += f"b = Constant<value_int=4611686018427387904>() y = {operator}({inputs})"
        with suppress(Refusal):
            reader.from_proto(network(f"net (int64[1,1] x) => (int64[] y) {{ {text} }}"), "f")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # kB


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_a_file_without_a_size_is_refused() -> None:
    with pytest.raises(Refusal, match="cannot read '/proc/self/stat'"):
        reader.read(Path("/proc/self/stat"))
