"""Many networks are measured alike, in their order, by one process or by several."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from networks import network
from zoodiff.fault import Refusal
from zoodiff.measuring import batch
from zoodiff.measuring.batch import MANY, measured, workers
from zoodiff.measuring.measurement import Measurement, measure


@pytest.fixture
def models(tmp_path: Path) -> list[str]:
    """So many files that several processes measure them; one is none."""
    paths = [tmp_path / f"{width}.onnx" for width in range(1, MANY + 1)]
    for width, path in enumerate(paths, 1):
        onnx.save(network("net (float[1,4] x) => (float[] y) { y = MatMul (x, w) }", w=(4, width)), path)
    paths[3].write_bytes(b"no network")
    return [str(path) for path in paths]


def test_several_processes_find_what_one_finds(models: list[str]) -> None:
    asked = [(model, None) for model in models]
    with workers(None, len(models)) as executor:
        assert executor is not None
        several = list(measured(asked, executor, parts=True))
    one = list(measured(asked, parts=True))
    assert [isinstance(result, Refusal) for result in several] == [at == 3 for at in range(MANY)]
    for mine, theirs, ref in zip(one, several, models, strict=True):
        if isinstance(mine, Measurement):
            assert mine == theirs == measure(ref, parts=True)
            assert mine.counts.by_layer
        else:
            assert isinstance(theirs, Refusal)
            assert (mine.message, mine.hint) == (theirs.message, theirs.hint)


def test_few_are_measured_at_once() -> None:
    with workers(None, MANY - 1) as executor:
        assert executor is None


def test_an_input_size_goes_along(models: list[str]) -> None:
    (result,) = batch.measured([(models[0], {"": (7, 4)})])
    assert isinstance(result, Measurement)
    assert result.counts.macs.value == 7 * 4
