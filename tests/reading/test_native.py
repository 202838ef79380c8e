"""Models that make onnx crash, hang or grow are refused, and the next model is measured as ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from networks import network
from zoodiff.fault import Refusal
from zoodiff.reading import native
from zoodiff.reading.native import Inference, InferenceError

GOOD = network("net (float[1,4] x) => (float[] y) { y = Relu (x) }").SerializeToString()
GROWS = network(
    "net (float[1] x) => (float[] y) { s = Constant<value=int64[1]{1099511627776}>() c = ConstantOfShape(s) "
    "y = Add(x, c) }"
).SerializeToString()
"""Inference carries the 2^40 zeros of the shape along."""


def untyped() -> bytes:
    """An input without a type, at which onnx 1.23's inference of LabelEncoder follows a null pointer."""
    node = helper.make_node("LabelEncoder", ["x"], ["y"], domain="ai.onnx.ml", keys_strings=["a"], values_int64s=[0])
    y = helper.make_tensor_value_info("y", TensorProto.INT64, None)
    graph = helper.make_graph([node], "net", [onnx.ValueInfoProto(name="x")], [y])
    made: bytes = helper.make_model(graph, opset_imports=[helper.make_opsetid("ai.onnx.ml", 4)]).SerializeToString()
    return made


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """A process of this test's own."""
    native._forget()
    yield
    native._forget()


def inferred() -> bool:
    """Whether a good model is answered for."""
    done = onnx.ModelProto.FromString(Inference(len(GOOD)).shapes(GOOD))
    return [d.dim_value for d in done.graph.output[0].type.tensor_type.shape.dim] == [1, 4]


def test_what_onnx_has_against_a_model() -> None:
    bad = network("net (float[1,4] x, float[5] z) => (float[] y) { y = Add (x, z) }").SerializeToString()
    with pytest.raises(InferenceError, match="Incompatible dimensions"):
        Inference(0).shapes(bad, strict=True)
    with pytest.raises(InferenceError):
        Inference(0).inlined(b"\xff")
    assert inferred()


def test_a_model_that_crashes_onnx_is_no_crash_of_ours() -> None:
    said = ""
    try:
        Inference(0).shapes(untyped())
    except Refusal as refusal:  # with another version of onnx it may be fine
        said = refusal.message
    assert not said or "crashes on it (SIGSEGV)" in said
    assert inferred()


def test_memory_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "MEMORY", 256 << 20)
    with pytest.raises(Refusal, match="needs more than 256 MB for it"):
        Inference(0).shapes(GROWS)
    assert inferred()


def test_time_has_a_limit_for_all_that_one_file_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "SECONDS", 0.3)
    monkeypatch.setattr(native, "MEMORY", 8 << 30)
    asking, began = Inference(0), time.monotonic()
    with pytest.raises(Refusal, match="takes too long over it"):
        asking.shapes(GROWS)
    with pytest.raises(Refusal, match="takes too long over it"):
        asking.shapes(GOOD)
    assert time.monotonic() - began < 8
    monkeypatch.undo()
    assert inferred()


def test_a_process_that_was_killed_is_replaced() -> None:
    assert inferred()
    for number in (signal.SIGKILL, signal.SIGSEGV):
        process = native._PROCESS[0]._process
        process.send_signal(number)
        process.wait()
        assert inferred()


def test_what_is_asked_is_answered_meanwhile_in_any_order() -> None:
    bad = network("net (float[1,4] x, float[5] z) => (float[] y) { y = Add (x, z) }").SerializeToString()
    refused, first, second = Inference(0).ask(bad, strict=True), Inference(0).ask(GOOD), Inference(0).ask(GOOD)
    assert second.answer() == first.answer() == first.answer()
    with pytest.raises(InferenceError, match="Incompatible dimensions"):
        refused.answer()


def test_a_question_whose_process_was_killed_says_so_and_no_other() -> None:
    asked = Inference(0).ask(GROWS)
    native._PROCESS[0]._process.kill()
    native._PROCESS[0]._process.wait()
    assert inferred()
    with pytest.raises(Refusal, match="needs more than"):
        asked.answer()
    assert inferred()


def test_a_question_that_nobody_waits_for_disturbs_no_other() -> None:
    Inference(0).ask(GOOD)
    assert inferred()


def test_threads_take_turns() -> None:
    found: list[bool] = []
    threads = [threading.Thread(target=lambda: found.append(inferred())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 8


def test_a_fork_has_a_process_of_its_own() -> None:
    """And neither disturbs the other; nothing is left when all have ended."""
    code = """
        import os, warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        import test_native
        from zoodiff.reading import native
        assert test_native.inferred()
        child = os.fork()
        for _ in range(20):
            assert test_native.inferred()
        print(native._PROCESS[0]._process.pid, flush=True)
        if child:
            assert os.waitpid(child, 0)[1] == 0
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, Path(__file__).parents[:2]))}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    pids = done.stdout.split()
    assert len(set(pids)) == 2
    end = time.monotonic() + 5
    while any(alive(int(pid)) for pid in pids):
        assert time.monotonic() < end, "a process outlived those that it answered"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Whether a process runs; one that is dead and not waited for does not."""
    try:
        with Path(f"/proc/{pid}/stat").open() as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
