"""Progress is for people: a bar on a terminal, nothing in a pipe, nothing when quiet."""

from __future__ import annotations

import io
import sys

import pytest

from zoodiff.gathering.step import Step
from zoodiff.showing.progress import Counter, Steps


class Terminal(io.StringIO):
    """Standard error that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_pipe_sees_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with Counter("models") as counter:
        counter.tell(1, 2, "a:b")
    assert capsys.readouterr() == ("", "")


def test_a_terminal_sees_the_count(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with Counter("models") as counter:
        counter.tell(1, 2, "a:b")
        counter.bar.refresh()
    assert "1/2" in terminal.getvalue()


def test_steps_are_lines_in_a_pipe_and_silent_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    with Steps() as steps:
        steps.tell(Step("resnet50", 3, 80, seconds_left=120.0))
    assert capsys.readouterr().err == "3/80 resnet50, 2 min left\n"
    with Steps(quiet=True) as steps:
        steps.tell(Step("resnet50", 3, 80))
    assert capsys.readouterr().err == ""
