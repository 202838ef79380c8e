"""Studies made up for one rule at a time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import own_home, tiny, write_snapshot

from zoodiff import compare
from zoodiff.finding import Finding
from zoodiff.record import Model

FILES = {
    "eight.onnx": tiny(8),
    "nine.onnx": tiny(9),
    "sixteen.onnx": tiny(16),
    "large.onnx": tiny(8, 64),
    "pooled.onnx": tiny(8, 32, pooled=True),
}
Judged = Callable[..., list[Finding]]


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    """What one rule finds among zoos given as keywords, each a tuple of models."""

    def judge(rule: str, **zoos: tuple[Model, ...]) -> list[Finding]:
        with own_home(tmp_path):
            for zoo, models in zoos.items():
                write_snapshot(zoo, "1.0", models, FILES)
            return [finding for finding in compare.audit().findings if finding.id == rule]

    return judge
