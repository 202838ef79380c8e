"""What a person reads fits the terminal, and counts and shapes are written in one way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from madeup import Ran
from zoodiff.showing import screen

Cli = Callable[..., Ran]


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0.00 M"), (4_089_184_256, "4,089.18 M"), (1_235_496, "1.24 M"), (4_999, "0.00 M")]
)
def test_millions(value: int, text: str) -> None:
    assert screen.millions(value) == text


@pytest.mark.parametrize(
    ("shape", "text"), [(None, "?"), ((1, None, 224), "1x?x224"), ((1, 3, 224, 224), "1x3x224x224")]
)
def test_dims(shape: tuple[int | None, ...] | None, text: str) -> None:
    assert screen.dims(shape) == text


@pytest.mark.parametrize("width", [80, 100, 140])
@pytest.mark.parametrize(
    "arguments", [["measure", "alpha:vgg16"], ["list", "costs"], ["list", "rules"], ["audit"], ["audit", "vgg16"]]
)
def test_no_line_is_wider_than_the_terminal(
    cli: Cli, zoos: Path, monkeypatch: pytest.MonkeyPatch, width: int, arguments: list[str]
) -> None:
    screen.console.cache_clear()
    monkeypatch.setattr(screen, "_width", lambda: width)
    out = cli(*arguments).out
    screen.console.cache_clear()
    assert out
    assert max(map(len, out.splitlines())) <= width
