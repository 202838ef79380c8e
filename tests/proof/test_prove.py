"""Proof by running: spellings of one network are equivalent, others part where they were changed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from madeup import Ran
from networks import network
from spellings import FIRST, SECOND, TURNED, made, proven
from zoodiff.alignment.align import align
from zoodiff.comparison.diffing import diff
from zoodiff.proof.agreement import GAIN, NUDGE, SCALES, SEED, nudged_inputs, random_inputs
from zoodiff.proof.execute import execute
from zoodiff.proof.parting import Parting, Subject
from zoodiff.proof.prove import Equivalence, preserved, prove
from zoodiff.readers.onnx import from_proto
from zoodiff.record import Unmeasured
from zoodiff.reducing.emit import Weights, filled
from zoodiff.reducing.reduce import build


def test_two_spellings_of_one_network_are_equivalent() -> None:
    proof = proven(FIRST, SECOND).proof
    assert isinstance(proof, Equivalence)
    assert proof.max_abs_error < 1e-5
    assert proof.inputs == 2


def subject(file: str, normal: str) -> Subject:
    graph = from_proto(made(file), "test")
    return Subject(made(file), graph, build(from_proto(made(normal), "test")))


def test_a_pass_that_changed_the_meaning_would_be_found() -> None:
    wrong = subject(FIRST, FIRST.replace("pads = [1,1,1,1]", "pads = [2,2,0,0]"))
    proof = prove(wrong, wrong, align(wrong.net, wrong.net))
    assert isinstance(proof, Unmeasured)
    assert "the left file and its normal form differ" in proof.reason


GATED = """net (float[1,216] x) => (float[] y) {
    a = Gemm(x, u, b) e = Constant<value = float[10] {EDGES}>() d = Sub(a, e)
    h = Constant<value = float {1e9}>() j = Mul(d, h) g = Sigmoid(j) y = Mul(a, g) }"""
"""Outputs that a gate lets through where they are above an edge."""
ROUNDED = "r = Gemm(x, u, b) q = Constant<value = float[10] {FACTORS}>() a = Mul(r, q)"


def test_a_gate_that_rounding_switches_is_no_difference() -> None:
    """One output stands so near its edge that the last bits decide; the nudge up happens to move it away from there."""
    plain = made("net (float[1,216] x) => (float[] a) { a = Gemm(x, u, b) }")
    graph = from_proto(plain, "test")
    values = Weights(graph, SEED, GAIN)
    feeds = [random_inputs(graph.inputs, 0, SCALES[0])]
    [[before]] = execute(filled(plain, graph, values), feeds)
    [[up]] = execute(filled(plain, graph, values.nudged(NUDGE)), [nudged_inputs(feeds[0], NUDGE)])
    moved = np.where(before > 0.1, up / before - 1, 0)[0]
    gate = int(moved.argmax())
    assert moved[gate] > 2e-6  # so that the nudge down takes the output across an edge that is 2e-7 away
    edges = ", ".join(f"{edge:.9g}" for edge in np.where(np.arange(10) == gate, before[0] * (1 - 2e-7), 0))
    file = GATED.replace("EDGES", edges)
    normal = file.replace("a = Gemm(x, u, b)", ROUNDED.replace("FACTORS", ", ".join(10 * ["0.9999996"])))
    alike, other = (subject(file, normal.replace(*turned)) for turned in (("", ""), ("Sigmoid", "Tanh")))
    assert preserved(alike).holds
    assert not preserved(other).holds


def test_outputs_that_do_not_depend_on_the_input_prove_nothing() -> None:
    text = "net (float[1,216] x) => (float[] y) { o = Constant<value = float {0.0}>() a = Mul(x, o) y = Gemm(a, u, b) }"
    proof = proven(text, text).proof
    assert isinstance(proof, Unmeasured)
    assert "hardly depend on the input" in proof.reason


SINE = """net (float[1,216] x) => (float[] y) {
    a = Gemm(x, u, b) z = Constant<value = float {FACTOR}>() h = Mul(a, z) y = Sin(h) }"""
"""The sine of large numbers: the last bits of what it reads turn it round."""


def test_the_tolerance_follows_from_how_much_a_network_magnifies() -> None:
    small, large = (proven(text, text).proof for text in (SINE.replace("FACTOR", size) for size in ("0.1", "5.0")))
    assert isinstance(small, Equivalence)
    assert isinstance(large, Equivalence)
    assert 1e-5 <= small.tolerance < large.tolerance / 5


def test_a_network_that_magnifies_too_much_is_undecided() -> None:
    text = SINE.replace("FACTOR", "300000.0")
    proof = proven(text, text).proof
    assert isinstance(proof, Unmeasured)
    assert proof.reason.startswith("undecided: with random weights it magnifies rounding too much")


DYING = "t~ = Gemm(h~, w~, b~) u~ = Mean(t~, b~) n~ = Relu(u~)"
"""Half of what a layer makes is lost: at a gain of 2 forty of them forget the input."""
GROWING = "t~ = Gemm(h~, w~, b~) n~ = Sum(t~, t~, t~, t~, t~, t~, t~, t~, t~, t~, t~, t~)"


def deep(layer: str) -> onnx.ModelProto:
    """A network of forty such layers, from `h~` to `n~`, each with weights `w~` and shifts `b~`."""
    text = " ".join(layer.replace("n~", f"h{at + 1}").replace("~", str(at)) for at in range(40))
    shapes: dict[str, tuple[int, ...]] = {f"w{at}": (64, 64) for at in range(40)}
    shapes |= {f"b{at}": (64,) for at in range(40)}
    return network(f"net (float[1,64] h0) => (float[] h40) {{ {text} }}", **shapes)


@pytest.mark.parametrize("layer", [DYING, GROWING])
def test_deep_networks_that_a_gain_of_two_lets_die_or_overflow_are_decided(layer: str) -> None:
    one = deep(layer)
    proof = diff(one, one, proven=True).proof
    assert isinstance(proof, Equivalence)
    assert proof.tolerance < 1e-3


@pytest.mark.parametrize(("layer", "op", "other"), [(DYING, "Relu", "Elu"), (GROWING, "Sum", "Mean")])
def test_there_one_layer_that_is_another_parts_them(layer: str, op: str, other: str) -> None:
    left, right = deep(layer), deep(layer)
    changed = next(node for node in right.graph.node if "h20" in node.output)
    assert changed.op_type == op
    changed.op_type = other
    proof = diff(left, right, proven=True).proof
    assert isinstance(proof, Parting)
    assert proof.error is not None
    assert proof.error > 10 * proof.tolerance


def test_what_onnxruntime_does_not_run_is_a_reason() -> None:
    text = "net (float[1,216] x) => (float[] y) { a = Gemm(x, u, b) y = com.microsoft.NoSuchOperator(a) }"
    proof = proven(text, text).proof
    assert isinstance(proof, Unmeasured)
    assert "NoSuchOperator" in proof.reason


PUBLISHED = [
    ("gluon:squeezenet1.0", "torchvision:squeezenet1_0"),
    ("keras:DenseNet121", "torchvision:densenet121"),
    ("keras:ConvNeXtTiny", "torchvision:convnext_tiny"),
]


@pytest.mark.parametrize(("one", "other"), PUBLISHED)
def test_one_network_in_two_zoos_is_equivalent(one: str, other: str) -> None:
    proof = diff(one, other, proven=True).proof
    assert isinstance(proof, Equivalence)
    assert proof.max_abs_error < proof.tolerance < 1e-3


def test_another_epsilon_in_a_deep_network_is_found() -> None:
    """Gluon's MobileNetV3 has 1e-5 and torchvision's 1e-3 in its normalizations (both repositories' code)."""
    proof = diff("gluon:mobilenetv3_large", "torchvision:mobilenet_v3_large", proven=True).proof
    assert isinstance(proof, Parting)
    assert proof.told
    assert proof.error is not None
    assert 10 * proof.tolerance < proof.error < 1e-3


def test_where_strides_moved_two_zoos_resnet50_part() -> None:
    """Keras strides in the first 1x1 convolution of a stage, torchvision in its 3x3 one."""
    proof = diff("torchvision:resnet50", "keras:ResNet50", proven=True).proof
    assert isinstance(proof, Parting)
    assert proof.told
    assert "conv3_block1_1_conv" in proof.right


def test_the_command_says_it_in_json_and_in_words(cli: Callable[..., Ran], tmp_path: Path) -> None:
    for name, text in (("one", FIRST), ("two", SECOND), ("turned", TURNED)):
        onnx.save(made(text), tmp_path / f"{name}.onnx")
    one, two, turned = (tmp_path / f"{name}.onnx" for name in ("one", "two", "turned"))
    document = json.loads(cli("diff", one, two, "--prove", "--json").out)
    assert document["equivalent"]["inputs"] == 2
    assert document["equivalent"]["max_abs_error"] < document["equivalent"]["tolerance"] < 1e-3
    assert document["parting"] is None
    assert "Equivalent on 2 random inputs" in cli("diff", one, two, "--prove").out
    document = json.loads(cli("diff", one, turned, "--prove", "--json").out)
    assert (document["equivalent"], document["parting"]["left"]) == (None, "a")
    assert "they part at a | a" in cli("diff", one, turned, "--prove").out
    assert json.loads(cli("diff", one, two, "--json").out)["equivalent"] is None
