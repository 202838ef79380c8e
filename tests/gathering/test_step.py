"""A step of a gather is told in one plain line."""

from __future__ import annotations

import pytest

from zoodiff.gathering import step
from zoodiff.gathering.step import Step


def test_lines_are_plain(capsys: pytest.CaptureFixture[str]) -> None:
    step.lines(Step("building"))
    step.lines(Step("alexnet", 3, 10, ("vgg11",), 1, 400.0))
    assert capsys.readouterr().err == "building\n3/10 alexnet, 1 failed, 7 min left\n"
