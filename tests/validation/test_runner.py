"""A model in a process of its own: what it takes, its answers in order, and every way in which it may fail."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from pictures import COLOURS, painter
from zoodiff import child
from zoodiff.fault import Refusal
from zoodiff.validation import runner as module
from zoodiff.validation.runner import Runner


def test_slots_are_answered_in_the_order_of_asking(tmp_path: Path) -> None:
    with Runner(painter(tmp_path / "a.onnx"), threads=1) as runner:
        assert (runner.interface.shape, runner.interface.dtype) == ((None, 3, 8, 8), "float32")
        assert runner.interface.classes == len(COLOURS)
        assert runner.interface.runtime.startswith("onnxruntime==")
        runner.prepare((3, 8, 8), 6)
        for slot, colour in ((1, 2), (0, 4)):
            runner.inputs[slot, :2] = np.array(COLOURS[colour])[:, None, None] / 127.5 - 1
            runner.ask(slot, 2)
        assert [runner.answered(), runner.answered()] == [1, 0]
        assert runner.outputs[1, :2].argmax(1).tolist() == [2, 2]
        assert runner.outputs[0, :2].argmax(1).tolist() == [4, 4]
        folder = runner._folder
    assert not folder.exists()


def test_a_fixed_batch_is_run_whole(tmp_path: Path) -> None:
    with Runner(painter(tmp_path / "a.onnx", batch=3)) as runner:
        runner.prepare((3, 8, 8), 6)
        assert runner.inputs.shape == (module.SLOTS, 3, 3, 8, 8)
        runner.ask(0, 1)
        assert runner.answered() == 0


def test_what_does_not_load_is_told(tmp_path: Path) -> None:
    path = painter(tmp_path / "a.onnx")
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(Refusal, match=r"a\.onnx' does not load: .*"), Runner(path):
        pass
    with pytest.raises(Refusal, match="is no model that can be run"):
        Runner(Path(__file__))
    with pytest.raises(Refusal, match="no file"):
        Runner(tmp_path / "nowhere.onnx")


def test_what_does_not_run_is_told(tmp_path: Path) -> None:
    with Runner(painter(tmp_path / "a.onnx")) as runner:
        runner.prepare((3, 9, 9), 6)  # the model takes 8 x 8
        runner.ask(0, 1)
        with pytest.raises(Refusal, match="does not run: "):
            runner.answered()
    with Runner(painter(tmp_path / "a.onnx")) as runner:
        runner.prepare((3, 8, 8), 5)
        runner.ask(0, 1)
        with pytest.raises(Refusal, match=r"gives \(1, 6\) for 1 images"):
            runner.answered()


def test_time_and_memory_have_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = painter(tmp_path / "a.onnx")
    with monkeypatch.context() as patched:
        patched.setattr(module, "SECONDS", 0.01)
        with pytest.raises(Refusal, match="took too long"), Runner(path):
            pass
    monkeypatch.setattr(module, "MEMORY", 60 << 20)
    with pytest.raises(Refusal, match="does not load"), Runner(path):
        pass


@contextmanager
def taken_over(path: Path, code: str) -> Iterator[Runner]:
    """A runner whose process has become another program; there, `answers` is where answers are written."""
    with Runner(path) as runner, tempfile.TemporaryDirectory() as folder:
        runner._child.kill()
        reading, writing = os.pipe()
        command = [sys.executable, "-c", f"import os, sys\nanswers = {writing}\n{code}"]
        runner._child = child.Child(command, {}, Path(folder), runner._folder / "log", (writing,))
        os.close(writing)
        runner._answers = reading
        try:
            yield runner
        finally:
            runner._child.kill()
            os.close(reading)


def test_a_log_without_end_does_not_fill_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zoo's own code may print what it likes while we wait for its answer."""
    monkeypatch.setattr(module, "SECONDS", 3.0)
    monkeypatch.setattr(child, "LOG_BYTES", 1 << 20)
    cut = []
    real = os.truncate
    monkeypatch.setattr(os, "truncate", lambda path, size: cut.append(path) or real(path, size))
    with taken_over(painter(tmp_path / "a.onnx"), "while True: os.write(1, b'x' * 99 + b'\\n')") as runner:
        with pytest.raises(Refusal, match="does not run: it took too long"):
            runner.answered()
        assert cut[-1] == runner._folder / "log"


@pytest.mark.parametrize("said", ["while True: os.write(answers, b'9' * 999)", r"os.write(answers, b'seven\n')"])
def test_answers_that_are_none(tmp_path: Path, said: str) -> None:
    code = f"print('what I do', file=sys.stderr, flush=True)\n{said}"
    with (
        taken_over(painter(tmp_path / "a.onnx"), code) as runner,
        pytest.raises(Refusal, match="does not run: what I do"),
    ):
        runner.answered()


def test_it_does_not_outlive_us(tmp_path: Path) -> None:
    """It ends when its standard input closes: also where we are killed."""
    with Runner(painter(tmp_path / "a.onnx")) as runner:
        runner.prepare((3, 8, 8), 6)
        process = runner._child._process
        assert process.stdin is not None
        process.stdin.close()
        for _ in range(200):
            if runner._child.poll() is not None:
                break
            time.sleep(0.05)
        assert runner._child.poll() == 0


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(Refusal, match=r"onnxruntime is not installed\npip install 'zoodiff\[run\]'"):
        Runner(painter(tmp_path / "a.onnx")).__enter__()
