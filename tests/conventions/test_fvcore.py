"""fvcore: the tool's own totals for torchvision's networks, and its rules one by one."""

from __future__ import annotations

import numpy as np
import pytest

import counters
from other_counters import TOOLS, by_ref, by_text, said
from zoodiff.record import Unmeasured


@pytest.mark.parametrize(("ref", "total"), said("fvcore"))
def test_the_tool_says_the_same(ref: str, total: int) -> None:
    assert by_ref("fvcore", ref) == total


@pytest.mark.live
def test_the_tool_still_says_what_is_written_down() -> None:
    pytest.importorskip("fvcore.nn", reason="needs fvcore, torch and torchvision")
    ref, counts = next(counters.fvcore())
    assert counts == TOOLS["fvcore"]["counts"][ref]


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("y = Conv <group = 3> (x, w, s)", 3 * 36 * 9),
        ("y = BatchNormalization (x, s, s, s, s)", 384),
        ("y = InstanceNormalization (x, s, s)", 5 * 192),
        ("y = Relu (x)", 0),
        ("y = Add (x, x)", 0),
        ("y = GlobalAveragePool (x)", 192),
        ("y = ReduceMean <axes = [2, 3], keepdims = 1> (x)", 192),
        ("y = ReduceMean <axes = [2, 3], keepdims = 0> (x)", 0),
        ("y = AveragePool <kernel_shape = [1, 1]> (x)", 192),
        ("y = AveragePool <kernel_shape = [2, 2]> (x)", 0),
        ("y = Resize <mode = \"linear\"> (x, , scales)", 4 * 192 * 4),
        ("y = Resize <mode = \"nearest\"> (x, , scales)", 4 * 192),
    ],
)  # fmt: skip
def test_a_rule(line: str, count: int) -> None:
    scales = "float[4] scales = {1.0, 1.0, 2.0, 2.0}" if "scales" in line else ""
    text = f"net (float[1,3,8,8] x) => (float[] y) <{scales}> {{ {line} }}"
    assert by_text("fvcore", text, w=(3, 1, 3, 3), s=(3,)) == count


@pytest.mark.parametrize("equation", ["abij,abik->abjk", "abij,cdkl->i", "abij,abij->abij", "abi,abj->aij"])
def test_an_einsum_is_half_of_what_numpy_prints(equation: str) -> None:
    """But for the common equations, of which the last is one: those are exact."""
    rank = equation.index(",")
    shape = (7, 31, 37, 37)[:rank]
    printed = np.einsum_path(equation, np.zeros(shape), np.zeros(shape), optimize="optimal")[1]
    optimized = next(line for line in printed.splitlines() if "optimized flop" in line.lower())
    half = 7 * 31 * 37 * 37 if rank == 3 else int(float(optimized.split(":")[1]) // 2)
    dims = ",".join(map(str, shape))
    text = f'net (float[{dims}] x) => (float[] y) {{ y = Einsum <equation = "{equation}"> (x, x) }}'
    assert by_text("fvcore", text) == half


def attention(name: str, query: str = "q", key: str = "k") -> str:
    """Scores of 4 queries and keys of 8 numbers, Softmax, sum of values; each operand with or without the scale."""
    tensors = "float[1,4,8] q, float[1,8,4] k, float[1,4,8] v"
    scaled = "sq = Mul (q, scale) sk = Mul (k, scale)"
    lines = f"{scaled} s = MatMul ({query}, {key}) p = Softmax (s) y = MatMul (p, v)"
    return f"{name} ({tensors}) => (float[] y) <float scale = {{0.5}}> {{ {lines} }}"


def test_attention_as_torch_writes_its_fused_operator_is_nothing() -> None:
    assert by_text("fvcore", attention("main_graph", "sq", "sk")) == 0


def test_attention_that_torch_wrote_as_products_counts() -> None:
    assert by_text("fvcore", attention("main_graph", "sq")) == 2 * 4 * 4 * 8


def test_attention_of_who_knows_what_has_no_figure() -> None:
    found = by_text("fvcore", attention("vit"))
    assert isinstance(found, Unmeasured)
    assert "one operator" in found.reason
    assert isinstance(by_ref("fvcore", "tfmg:official-vit_b16"), Unmeasured)


def test_a_classifiers_softmax_is_no_attention() -> None:
    text = "net (float[1,8] x) => (float[] y) { a = MatMul (x, w) p = Softmax (a) y = MatMul (p, v) }"
    assert by_text("fvcore", text, w=(8, 4), v=(4, 2)) == 32 + 8


def test_quantised_networks_have_no_figure() -> None:
    text = (
        "net (float[1,3,8,8] x) => (float[] y) <float s = {0.5}, uint8 z = {0}> "
        "{ q = QuantizeLinear (x, s, z) y = DequantizeLinear (q, s, z) }"
    )
    found = by_text("fvcore", text)
    assert isinstance(found, Unmeasured)
    assert "quantised" in found.reason


def test_operators_outside_onnx_have_no_figure() -> None:
    text = "net (float[1,3,8,8] x) => (float[] y) { y = com.microsoft.FusedConv (x, w) }"
    assert isinstance(by_text("fvcore", text, w=(4, 3, 3, 3)), Unmeasured)
