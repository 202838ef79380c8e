"""Two networks' gaps in cost and their causes; a cost that is a lower bound is marked and makes no gap."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from madeup import Ran
from networks import network
from zoodiff.showing import compared

Cli = Callable[..., Ran]


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (1234, "+1,234"), (-5, "-5")])
def test_a_difference_bears_its_sign(value: int, text: str) -> None:
    assert compared.signed(value) == text


@pytest.mark.parametrize(
    ("names", "text"), [(["a"], "a"), (["a", "b"], "a, b"), (["a", "b", "c"], "a and 2 more"), ([], "")]
)
def test_many_places_are_the_first_and_how_many_more(names: list[str], text: str) -> None:
    assert compared.places(names) == text


def test_a_cause_stands_under_its_group_with_its_share(cli: Cli, tmp_path: Path) -> None:
    """A convolution of 3x3 on 8x8 makes 6x6 places, at a stride of 2 3x3: 36 or 9 times 4 * 27 multiply-accumulates."""
    for name, strides in (("one", 1), ("two", 2)):
        text = f"net (float[1,3,8,8] x) => (float[] y) {{ y = Conv <strides = [{strides}, {strides}]> (x, w) }}"
        onnx.save(network(text, w=(4, 3, 3, 3)), tmp_path / f"{name}.onnx")
    out = cli("diff", tmp_path / "one.onnx", tmp_path / "two.onnx").out
    assert "Architecture\n" in out
    words = " ".join(out.split())
    assert f"MACs {36 * 108:,} {9 * 108} {(9 - 36) * 108:+,}" in words
    assert "#1 3x3 convolution: stride 1x1 against 2x2 -2,916 0 y | y" in words


def test_a_network_against_itself_differs_in_nothing(cli: Cli, model: Path) -> None:
    out = cli("diff", model, model).out
    assert "The same network: nothing differs in operators, attributes, shapes and wiring." in out
    assert not any(heading in out for heading in compared.GROUPS.values())


def test_a_lower_bound_makes_no_gap(cli: Cli, model: Path, tmp_path: Path) -> None:
    made = network("net (float[1,3,8,8] x) => (float[] y) { c = Conv (x, w) y = own.Strange (c) }", w=(4, 3, 3, 3))
    made.opset_import.append(onnx.helper.make_opsetid("own", 1))
    onnx.save(made, tmp_path / "strange.onnx")
    words = " ".join(cli("diff", model, tmp_path / "strange.onnx").out.split())
    assert f"MACs {36 * 108:,} ≥ {36 * 108:,} not known" in words
