"""TensorFlow Lite files: quantised in and out, by the scale and zero point that the file states."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from zoodiff.runners.tflite import load, sniff

pytest.importorskip("ai_edge_litert", reason="ai-edge-litert is not installed: pip install 'zoodiff[tflite]'")


def test_known_by_its_mark(tmp_path: Path) -> None:
    assert sniff(b"\x1c\0\0\0TFL3\x14", tmp_path / "a")
    assert not sniff(b"TFL3\x1c\0\0\0", tmp_path / "a.tflite")


def test_a_quantised_network(evidence: Path) -> None:
    path = evidence / "models" / "mobilenet_v1_0.25_128_quant.tflite"
    assert sniff(path.read_bytes()[:512], path)
    session = load(path, 1, "")
    assert (session.shape, session.dtype, session.quantisation) == ((1, 128, 128, 3), "uint8", (0.0078125, 128))
    assert session.classes == 1001
    scores = session.run(np.full((1, 128, 128, 3), 128, np.uint8))
    assert scores.dtype == np.float32
    assert 0.4 < scores.sum() < 1.2  # probabilities in steps of 1/256: small ones are rounded to nought
    assert set(np.round(scores.ravel() * 256, 6) % 1) == {0.0}
