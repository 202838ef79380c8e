"""A log of answers: torn ends, damage, other runs, two writers; nothing is counted twice."""

from __future__ import annotations

import errno
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoodiff.fault import Refusal
from zoodiff.validation import journal as module
from zoodiff.validation.journal import Answer, Journal

ABOUT = {"model": {"sha256": "ab"}, "preprocessing": {"crop": (224, 224)}}
FIRST = [Answer(3, (5, 1)), Answer(0, broken="it is\ncut off: \u00e9 !"), Answer(7, (0,))]


def write(path: Path, answers: list[Answer] = FIRST) -> bytes:
    with Journal(path, ABOUT) as journal:
        journal.add(answers)
    return path.read_bytes()


def test_what_was_kept_is_there_again(tmp_path: Path) -> None:
    write(tmp_path / "in" / "log")
    with Journal(tmp_path / "in" / "log", ABOUT) as journal:
        assert list(journal.answers.values()) == [FIRST[0], FIRST[2]]  # a broken image is tried again
        journal.add([Answer(4, (2,)), Answer(0, (1,))])
    with Journal(tmp_path / "in" / "log", ABOUT) as journal:
        assert list(journal.answers) == [3, 7, 4, 0]


@given(cut=st.integers(0, 1000))
def test_wherever_it_is_torn_the_whole_lines_stand(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("torn") / "log"
    whole = write(path)
    cut %= len(whole) + 1
    path.write_bytes(whole[:cut])
    lines = whole[:cut].count(b"\n") - 1
    with Journal(path, ABOUT) as journal:
        assert list(journal.answers.values()) == [a for a in FIRST[: max(lines, 0)] if not a.broken]
        journal.add(FIRST[max(lines, 0) :])
    assert path.read_bytes() == whole


def test_another_run_is_refused_and_untouched(tmp_path: Path) -> None:
    whole = write(tmp_path / "log")
    other = {"model": {"sha256": "ab"}, "preprocessing": {"crop": (299, 299)}}
    with (
        pytest.raises(Refusal, match=r"another run \(preprocessing: .*224.*, not .*299"),
        Journal(tmp_path / "log", other),
    ):
        pass
    assert (tmp_path / "log").read_bytes() == whole


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text.replace("3 5,1", "3 5,x"),
        lambda text: text.replace("7 0", "3 0"),
        lambda text: text.replace("7 0", ""),
        lambda text: "x" + text,
        lambda _: json.dumps({"kind": "other"}) + "\n",
        lambda _: "a,b\n1,2\n",
        lambda _: "no line",
    ],
)
def test_damage_is_refused_and_untouched(tmp_path: Path, damage: object) -> None:
    write(tmp_path / "log")
    damaged = damage((tmp_path / "log").read_text())  # type: ignore[operator]
    (tmp_path / "log").write_text(damaged)
    with pytest.raises(Refusal, match="no log of predictions"), Journal(tmp_path / "log", ABOUT):
        pass
    assert (tmp_path / "log").read_text() == damaged


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with (
        Journal(tmp_path / "log", ABOUT),
        pytest.raises(Refusal, match="another zoodiff is writing"),
        Journal(tmp_path / "log", ABOUT),
    ):
        pass


def test_a_format_of_another_day_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "log")
    monkeypatch.setattr(module, "FORMAT", 2)
    with pytest.raises(Refusal, match="format: 1, not 2"), Journal(tmp_path / "log", ABOUT):
        pass


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Refusal, match="cannot write"), Journal(tmp_path / "file" / "log", ABOUT):
        pass


def test_a_disk_that_fills_up_keeps_whole_lines(tmp_path: Path) -> None:
    class Full(io.FileIO):
        """Has room for twenty bytes."""

        room = 20

        def write(self, data: Any) -> int:
            if not self.room:
                raise OSError(errno.ENOSPC, "No space left on device")
            written = super().write(data[: min(self.room, 7)])
            self.room -= written
            return written

    answers = [Answer(place, (1, 2, 3)) for place in range(9)]
    with Journal(tmp_path / "log", ABOUT) as journal:
        journal._file.close()
        journal._file = Full(tmp_path / "log", "a+b")
        with pytest.raises(Refusal, match="No space left on device\nThe disk is full"):
            journal.add(answers)
        assert not journal.answers, "nothing counts that was not kept"
    with Journal(tmp_path / "log", ABOUT) as journal:
        assert list(journal.answers.values()) == answers[:2]
        journal.add(answers[2:])
    with Journal(tmp_path / "log", ABOUT) as journal:
        assert list(journal.answers.values()) == answers
