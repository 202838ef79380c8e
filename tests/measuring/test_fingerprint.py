"""Fingerprints are equal under disguises that change nothing, and different under every planted change they claim."""

from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest

from networks import network
from zoodiff.measuring.count import count
from zoodiff.measuring.fingerprint import fingerprint
from zoodiff.readers import onnx as reader


def mark(model: onnx.ModelProto | Path) -> str:
    graph = reader.read(model) if isinstance(model, Path) else reader.from_proto(model, "test")
    made = fingerprint(graph, count(graph))
    assert made is not None
    return made


def net(body: str, classes: int = 10, **weights: tuple[int, ...]) -> str:
    shapes = {"w": (8, 3, 3, 3), "u": (8, 8, 3, 3), "d": (8, classes), "b": (classes,)} | weights
    model = network(f"net (float[1,3,16,16] x) => (float[] y) {{ {body} }}")
    used = {name for node in model.graph.node for name in node.input}
    for name in used & shapes.keys():
        model.graph.initializer.append(onnx.TensorProto(name=name, data_type=1, dims=shapes[name]))
    return mark(model)


TAIL = "p = GlobalAveragePool (r) f = Flatten (p) y = Gemm (f, d, b)"
PLAIN = f"c = Conv <strides=[2,2]> (x, w) a = Relu (c) r = Conv (a, u) {TAIL}"
SAME = {
    "other names": PLAIN.replace("c ", "first ").replace("(c)", "(first)"),
    "defaults stated": PLAIN.replace("Conv (a", "Conv <strides=[1,1], dilations=[1,1], group=1> (a"),
    "MatMul and Add": PLAIN.replace("y = Gemm (f, d, b)", "m = MatMul (f, d) y = Add (m, b)"),
    "a mean in place of the pool": PLAIN.replace(
        "p = GlobalAveragePool (r)", "p = ReduceMean <axes=[2,3], keepdims=1> (r)"
    ),
    "channels last": f"""c = Conv <strides=[2,2]> (x, w) n = Transpose <perm=[0,2,3,1]> (c) a = Relu (n)
        k = Transpose <perm=[0,3,1,2]> (a) r = Conv (k, u) {TAIL}""",
    "an identity": PLAIN.replace("Conv (a", "Conv (i").replace("r =", "i = Identity (a) r ="),
}
OTHER = {
    "a stride gone": PLAIN.replace("<strides=[2,2]>", ""),
    "a stride moved": PLAIN.replace("<strides=[2,2]>", "").replace("Conv (a", "Conv <strides=[2,2]> (a"),
    "a dilation": PLAIN.replace("Conv (a", "Conv <dilations=[2,2], pads=[1,1,1,1]> (a"),
    "a layer more": PLAIN.replace(TAIL, TAIL.replace("(r)", "(s)").join(["s = Conv (r, u) ", ""])),
    "a pooling": PLAIN.replace("(a, u)", "(m, u)").replace("r =", "m = MaxPool <kernel_shape=[2,2]> (a) r ="),
}


@pytest.mark.parametrize("body", SAME.values(), ids=SAME)
def test_disguises(body: str) -> None:
    assert net(body) == net(PLAIN)


@pytest.mark.parametrize("body", OTHER.values(), ids=OTHER)
def test_changes(body: str) -> None:
    assert net(body) != net(PLAIN)


def test_other_shapes_of_weights() -> None:
    assert net(PLAIN, u=(16, 8, 3, 3), d=(16, 10)) != net(PLAIN)
    assert net(PLAIN, u=(8, 8, 1, 1)) != net(PLAIN)
    grouped = PLAIN.replace("Conv (a", "Conv <group=2> (a")
    assert net(grouped, u=(8, 4, 3, 3)) != net(PLAIN)


def test_the_number_of_classes_is_no_other_network() -> None:
    assert net(PLAIN, 10) == net(PLAIN, 11)


def test_a_convolution_of_a_single_point_is_a_dense_layer() -> None:
    body = PLAIN.replace("f = Flatten (p) y = Gemm (f, d, b)", "q = Conv (p, d) y = Flatten (q)")
    assert net(body, d=(10, 8, 1, 1)) == net(PLAIN)


def test_a_pooling_says_its_defaults() -> None:
    pooled = PLAIN.replace("(a, u)", "(m, u)").replace("r =", "m = MaxPool <kernel_shape=[2,2]> (a) r =")
    assert net(pooled) == net(pooled.replace("<kernel_shape", "<strides=[1,1], kernel_shape"))


def test_what_is_not_counted_in_full_has_none() -> None:
    model = network("net (float[1,3,8,8] x) => (float[] y) { y = own.Strange (x) }")
    model.opset_import.append(onnx.helper.make_opsetid("own", 1))
    graph = reader.from_proto(model, "test")
    assert fingerprint(graph, count(graph)) is None


SEEN = {"out_channels", "kernel_shape", "strides", "dilations", "group", "input_shape"}
"""What of the planted changes a fingerprint promises to see; wiring and activations it does not compare."""


def test_planted_pairs(evidence: Path) -> None:
    told = {}
    for folder in sorted((evidence / "pairs").iterdir()):
        planted = json.loads((folder / "truth.json").read_text())["mutations"]
        what = {mutation["what"] for mutation in planted}
        equal = mark(folder / "a.onnx") == mark(folder / "b.onnx")
        if not what:
            assert equal, folder.name
        elif what & SEEN:
            assert not equal, (folder.name, what)
        told[folder.name] = equal
    assert len(told) >= 20
    assert {True, False} == set(told.values())


@pytest.mark.parametrize("outer", [3, 100])
def test_a_quantised_product_is_taken_by_its_factors_not_by_its_scales(outer: int) -> None:
    """`QLinearMatMul` has its second factor behind the first one's scale and zero point."""
    text = """net (uint8[1,8] x) => (uint8[] y) {
      h = QLinearMatMul (x, s, z, w, s, z, s, z) y = QLinearMatMul (h, s, z, v, s, z, s, z) }"""
    model = network(text)
    for name, kind, dims in (("s", 1, ()), ("z", 2, ()), ("w", 2, (8, outer)), ("v", 2, (outer, 10))):
        model.graph.initializer.append(onnx.TensorProto(name=name, data_type=kind, dims=dims))
    floats = network(
        "net (float[1,8] x) => (float[] y) { h = MatMul (x, w) y = MatMul (h, v) }", w=(8, outer), v=(outer, 10)
    )
    assert mark(model) == mark(floats)


def test_a_real_quantised_file_has_one(evidence: Path) -> None:
    assert mark(evidence / "models" / "shufflenet-v2-12-int8.onnx")
