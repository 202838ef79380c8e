"""The ONNX reader: files whole and damaged, real and hostile; weights are never opened."""

from __future__ import annotations

import json
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


def test_a_file_without_operators_is_refused() -> None:
    with pytest.raises(Refusal, match="holds no operators"):
        read(onnx.ModelProto(ir_version=8))


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
