"""Images through a model: every place once and in order, broken ones told apart, NaN refused."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from pictures import COLOURS, album, painter
from zoodiff.fault import Refusal
from zoodiff.validation import dataset, inference
from zoodiff.validation.inference import infer, ranked
from zoodiff.validation.journal import Answer
from zoodiff.validation.pipeline import Pipeline
from zoodiff.validation.runner import BATCH, SLOTS, Runner

PAINTED = Pipeline(resize=(8, 8), scale=(-1.0, 1.0))


def answers(model: Path, data: Path, places: list[int] | None = None) -> list[Answer]:
    found = dataset.open(data)
    with Runner(model) as runner:
        runner.prepare((3, 8, 8), runner.interface.classes or 0)
        return [a for batch in infer(found, places or found.order(None), PAINTED, runner) for a in batch]


@pytest.mark.parametrize("batch", [None, 1, 5])
def test_every_image_is_answered_once_in_order(tmp_path: Path, batch: int | None) -> None:
    data = album(tmp_path / "data", each=11)
    made = answers(painter(tmp_path / "a.onnx", batch=batch), data)
    assert [answer.place for answer in made] == list(range(66))
    assert [answer.top[0] for answer in made] == [at // 11 for at in range(66)]
    assert all(len(set(answer.top)) == 5 for answer in made)


def test_any_order_gives_the_same_answers(tmp_path: Path) -> None:
    data, model = album(tmp_path / "data"), painter(tmp_path / "a.onnx")
    order = np.random.default_rng(0).permutation(24).tolist()
    assert sorted(answers(model, data, order)) == answers(model, data)
    assert [answer.place for answer in answers(model, data, order)] == order


def test_broken_images_are_told_and_the_others_are_right(tmp_path: Path) -> None:
    data = album(tmp_path / "data")
    (data / "2" / "1.png").write_bytes(b"no image")
    whole = (data / "3" / "0.png").read_bytes()
    (data / "3" / "0.png").write_bytes(whole[: len(whole) // 2])
    made = answers(painter(tmp_path / "a.onnx"), data)
    assert [answer.place for answer in made if answer.broken] == [9, 12]
    assert all(answer.top[0] == answer.place // 4 for answer in made if not answer.broken)


def test_a_file_that_goes_missing_is_a_broken_image(tmp_path: Path) -> None:
    found = dataset.open(album(tmp_path / "data"))
    (tmp_path / "data" / "0" / "0.png").unlink()
    with Runner(painter(tmp_path / "a.onnx")) as runner:
        runner.prepare((3, 8, 8), 6)
        first = next(infer(found, [0, 1], PAINTED, runner))
    assert "No such file" in first[0].broken
    assert first[1].top[0] == 0


def test_scores_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"scores for 8 of 8 images are not numbers \(NaN\)"):
        answers(painter(tmp_path / "a.onnx", wrong=True), album(tmp_path / "data"))


def test_of_equal_scores_the_lower_output_comes_first() -> None:
    scores = np.array([[1, 3, 3, 0, 2, 2, 3]], np.float32)
    assert ranked(scores, [4], [""]) == [Answer(4, (1, 2, 6, 4, 5))]
    assert ranked(np.full((1, 6), np.nan), [4], ["broken"]) == [Answer(4, broken="broken")]


def test_no_more_images_are_decoded_than_there_are_places_for(tmp_path: Path) -> None:
    """Memory is bounded: nothing is read beyond the batches in flight, however slowly answers are taken."""
    found = dataset.open(album(tmp_path / "data", each=40))
    read: list[int] = []
    lock = threading.Lock()

    def counted(at: int) -> bytes:
        with lock:
            read.append(at)
        return found.read(at)

    watched = dataset.Dataset("made", found.path, found.identities, found.labels, counted)
    with Runner(painter(tmp_path / "a.onnx")) as runner:
        runner.prepare((3, 8, 8), len(COLOURS))
        next(infer(watched, found.order(None), PAINTED, runner))
        assert len(read) <= SLOTS * BATCH
    assert inference.AHEAD < SLOTS


def test_what_was_left_unanswered_is_no_answer_to_what_is_asked_next(tmp_path: Path) -> None:
    """A run that is stopped early has further batches in the model's queue."""
    found = dataset.open(album(tmp_path / "data", each=11))
    with Runner(painter(tmp_path / "a.onnx", batch=5)) as runner:
        runner.prepare((3, 8, 8), len(COLOURS))
        for _ in range(2):
            stopped = infer(found, found.order(None)[::-1], PAINTED, runner)
            next(stopped)
            stopped.close()
            made = [answer for batch in infer(found, found.order(None), PAINTED, runner) for answer in batch]
            assert [answer.top[0] for answer in made] == [at // 11 for at in range(66)]
