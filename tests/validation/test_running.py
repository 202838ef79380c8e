"""Runs: resumed wherever they were ended, nothing counted twice, broken images bounded and listed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from madeup import ROOT
from pictures import album, painter
from zoodiff.fault import Refusal
from zoodiff.record import Preprocessing
from zoodiff.validation import running
from zoodiff.validation.dataset import Targets
from zoodiff.validation.running import Subject, classes, load, run

STATED = Preprocessing(resize=(8, 8), interpolation="bilinear", antialias=True, channel_order="RGB", scale=(-1, 1))


@pytest.fixture
def subject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Subject]:
    monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path / "cache"))
    with load(painter(tmp_path / "a.onnx"), album(tmp_path / "data"), STATED) as loaded:
        yield loaded


def test_a_run_and_the_same_again(subject: Subject) -> None:
    told: list[tuple[int, int, str]] = []
    made = run(subject, tell=lambda *words: told.append(words))
    assert (made.fresh, len(made.answers), made.broken) == (24, 24, ())
    assert made.predictions.hits(1).all()
    assert made.predictions.images is not None
    assert made.predictions.images[5] == "1/1.png"
    assert told[-1][:2] == (24, 24)
    assert re.fullmatch(r"[\d,]+ images/s, 100.00 % right", told[-1][2])
    assert made.log is not None
    assert made.log.parent.name == "runs"
    again = run(subject)
    assert (again.fresh, again.answers) == (0, made.answers)


def test_what_the_log_has_is_not_run_again(subject: Subject, tmp_path: Path) -> None:
    whole = run(subject, log=tmp_path / "log")
    lines = (tmp_path / "log").read_bytes().splitlines(keepends=True)
    (tmp_path / "log").write_bytes(b"".join(lines[:10]) + lines[10][:2])  # killed while it wrote
    again = run(subject, log=tmp_path / "log")
    assert (again.fresh, again.answers) == (24 - 9, whole.answers)


def test_a_log_of_another_preprocessing_is_refused(subject: Subject, tmp_path: Path) -> None:
    run(subject, log=tmp_path / "log")
    other = Preprocessing(resize=(8, 8), channel_order="BGR", scale=(-1, 1))
    with (
        load(tmp_path / "a.onnx", tmp_path / "data", other) as loaded,
        pytest.raises(Refusal, match=r"another run \(preprocessing: "),
    ):
        run(loaded, log=tmp_path / "log")


def test_broken_images_are_bounded_left_out_and_tried_again(subject: Subject, tmp_path: Path) -> None:
    path = tmp_path / "data" / "2" / "1.png"
    whole = path.read_bytes()
    path.write_bytes(b"x" * len(whole))
    with pytest.raises(Refusal, match=r"1 of the first 10 images cannot be decoded, and 0 may be .*'2/1.png'"):
        run(subject)
    made = run(subject, broken=1)
    assert [name for name, _ in made.broken] == ["2/1.png"]
    assert (len(made.answers), len(made.predictions)) == (24, 23)
    assert made.predictions.hits(1).all()
    path.write_bytes(whole)
    mended = run(subject)
    assert (mended.broken, len(mended.predictions), mended.fresh) == ((), 24, 1)


def test_a_run_stops_when_that_is_enough(subject: Subject) -> None:
    asked: list[tuple[int, int]] = []

    def enough(right: int, seen: int) -> bool:
        asked.append((right, seen))
        return seen >= 8

    order = subject.found.order(1)
    made = run(subject, order=order, stop=enough)
    assert 8 <= len(made.answers) <= 24
    assert [answer.place for answer in made.answers] == order[: len(made.answers)].tolist()
    assert all(right == seen for right, seen in asked)


def test_outputs_become_classes() -> None:
    top = np.array([[0, 1, 1000], [6, 0, 3]])
    assert classes(top, Targets(np.zeros(2, np.int64), 1000, 1, "")).tolist() == [[-1, 0, 999], [5, -1, 2]]
    assert classes(top, Targets(np.zeros(2, np.int64), 1000, 0, "")).tolist() == [[0, 1, -1], [6, 0, 3]]


def test_a_model_and_data_that_do_not_fit_are_refused_before_anything_runs(tmp_path: Path) -> None:
    data = album(tmp_path / "data")
    (tmp_path / "data" / "9").mkdir()
    (tmp_path / "data" / "9" / "a.png").write_bytes(b"")
    with (
        pytest.raises(Refusal, match="run from 0 to 9, and the model has 6"),
        load(painter(tmp_path / "a.onnx"), data, STATED),
    ):
        pass


SCRIPT = """
import sys, time
from pathlib import Path
sys.path[:0] = [sys.argv[3], sys.argv[3] + "/validation"]
from test_running import STATED
from zoodiff.validation import preprocess, running
slow = preprocess.prepare
def prepare(*arguments):
    time.sleep(0.05)
    slow(*arguments)
preprocess.prepare = prepare
running.EVERY = 0
with running.load(Path(sys.argv[1]), sys.argv[2], STATED) as subject:
    running.run(subject, log=Path(sys.argv[4]))
"""


def test_killed_in_the_middle_it_goes_on_from_there(tmp_path: Path) -> None:
    data, model, log = album(tmp_path / "data", each=20), painter(tmp_path / "a.onnx"), tmp_path / "log"
    command = [sys.executable, "-c", SCRIPT, str(model), str(data), str(ROOT / "tests"), str(log)]
    process = subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.PIPE)
    try:
        for _ in range(600):
            if log.is_file() and log.read_bytes().count(b"\n") > 9:
                break
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
    kept = log.read_bytes().count(b"\n") - 1
    assert 9 <= kept < 120
    with load(model, data, STATED) as subject:
        made = run(subject, log=log)
    assert made.fresh == 120 - kept
    assert sorted(answer.place for answer in made.answers) == list(range(120))
    assert made.predictions.hits(1).all()
    assert running.EVERY > 0
