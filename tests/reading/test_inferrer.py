"""The process that runs onnx's native code: what it answers, and that it ends when it should."""

from __future__ import annotations

import io
from types import SimpleNamespace
from typing import Any

import onnx
import pytest

from networks import network
from zoodiff.reading import inferrer
from zoodiff.reading.native import Inference

MODEL = network("net (float[1,4] x) => (float[] y) { y = Relu (x) }").SerializeToString()


def native(**answers: Any) -> Any:
    """Stands for onnx's native module."""
    shapes = SimpleNamespace(infer_shapes=lambda model, *flags: answers.get("shapes", model + bytes(flags)))
    inliner = SimpleNamespace(inline_local_functions=lambda model, _: b"inlined " + model)
    return SimpleNamespace(shape_inference=shapes, inliner=inliner)


def served(*requests: tuple[bytes, bytes]) -> list[tuple[bool, bytes]]:
    """What is answered to requests, in this process."""
    asked = b"".join(inferrer.REQUEST.pack(what, 5, len(model)) + model for what, model in requests)
    answers = io.BytesIO()
    inferrer.serve(native(), io.BytesIO(asked), answers)
    answers.seek(0)
    found = []
    while head := answers.read(inferrer.ANSWER.size):
        done, size = inferrer.ANSWER.unpack(head)
        found.append((done, answers.read(size)))
    return found


def test_each_request_has_an_answer() -> None:
    assert served((inferrer.SHAPES, b"a"), (inferrer.STRICT_SHAPES, b"b"), (inferrer.INLINE, b"")) == [
        (True, b"a\x00\x00\x01"),  # check_type, strict_mode, data_prop
        (True, b"b\x00\x01\x01"),
        (True, b"inlined "),
    ]


def test_an_error_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise ValueError("not so")

    monkeypatch.setattr(inferrer, "answer", fail)
    assert served((inferrer.SHAPES, b"a"), (inferrer.SHAPES, b"b")) == [(False, b"not so")] * 2


def test_the_native_module_does_what_the_package_does() -> None:
    """The way in is not public: this fails where a version of onnx has another."""
    answer = onnx.ModelProto.FromString(Inference(len(MODEL)).shapes(MODEL))
    assert answer == onnx.shape_inference.infer_shapes(onnx.ModelProto.FromString(MODEL), data_prop=True)
    with pytest.raises(ImportError, match="there is no"):
        inferrer.load("nowhere")
