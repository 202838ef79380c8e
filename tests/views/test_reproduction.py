"""The statements on the terminal: every number with its mark, why, and how firm it is."""

from __future__ import annotations

from collections.abc import Callable

from madeup import Ran


def test_numbers_and_reasons(cli: Callable[..., Ran]) -> None:
    text = cli("reproduce", "tab1-top1", "acc-max", "--quiet").out
    assert "= largest: printed 2.62, here 2.62" in text
    assert "! tfmg lowest: printed 33, here 40" in text
    assert "1 same, 1 different" in text
    assert '"spread": "2.62"' in text  # the evidence of what was asked for
    assert max(map(len, text.splitlines())) <= 100


def test_firmness(cli: Callable[..., Ran]) -> None:
    text = " ".join(cli("reproduce", "acc-max").out.split())
    assert "2022-06-01 0 of 2 acc-max different" in text
    assert "Of 256 combinations" in text
