"""A refusal is its message and, below it, what to do next."""

from __future__ import annotations

from zoodiff.fault import Refusal


def test_message_and_hint() -> None:
    refusal = Refusal("no file 'a.onnx'", "Fetch it first.")
    assert (refusal.message, refusal.hint) == ("no file 'a.onnx'", "Fetch it first.")
    assert str(refusal) == "no file 'a.onnx'\nFetch it first."
    assert str(Refusal("no file 'a.onnx'")) == "no file 'a.onnx'"
