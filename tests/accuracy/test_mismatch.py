"""Predictions and labels that do not belong together are told, with the reason; those that do never are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import poisson

from answered import answered
from zoodiff.accuracy import mismatch
from zoodiff.accuracy.predictions import Predictions
from zoodiff.fault import Refusal


def spoiled(made: Predictions, way: str) -> Predictions:
    """The same with a usual mistake."""
    top, labels = made.top, made.labels
    if way == "background":
        return replace(made, top=((top + 1) % 1000).astype(np.int16))
    if way == "twice":
        return replace(made, top=((top - 1) % 1000).astype(np.int16))
    if way == "next":
        return replace(made, top=np.roll(top, 1, axis=0))
    if way == "before":
        return replace(made, top=np.roll(top, -1, axis=0))
    if way == "seven":
        return replace(made, top=((top + 7) % 1000).astype(np.int16))
    if way == "rows":
        return replace(made, top=np.roll(top, 3, axis=0))
    if way == "folders":  # the networks saw the images by folder
        return replace(made, top=top[np.argsort(labels[:, 0], kind="stable")])
    return replace(made, labels=np.random.default_rng(1).permutation(labels))


WORDS = {
    "background": "every predicted class one lower",
    "twice": "every predicted class one higher",
    "next": "the predictions of the next row",
    "before": "the predictions of the row before",
    "seven": "every predicted class 7 lower",
    "rows": "the predictions of 3 rows on",
    "folders": "the labels in the order of folders",
    "shuffled": "as by chance",
}


@pytest.mark.parametrize("way", WORDS)
@pytest.mark.parametrize(("correct", "images"), [(38_000, 50_000), (3_000, 5_000), (100, 200)])
def test_the_reason_is_found(way: str, correct: int, images: int) -> None:
    made = answered(correct, images)
    mismatch.check(made, 0.7)
    with pytest.raises(Refusal, match=WORDS[way]) as refused:
        mismatch.check(spoiled(made, way), 0.7)
    assert refused.value.hint


@pytest.mark.parametrize(("correct", "images"), [(25, 50_000), (0, 3), (1, 5), (3, 20), (40, 240)])
def test_a_poor_network_on_few_images_or_a_low_claim_is_no_mismatch(correct: int, images: int) -> None:
    mismatch.check(answered(correct, images), 0.001 if images > 1_000 else 0.3)


@pytest.mark.parametrize("way", ["background", "shuffled", "folders"])
def test_real_answers_spoiled(evidence: Path, way: str) -> None:
    """Neighbouring classes resemble each other, so an offset of one is above chance on real photographs."""
    with np.load(evidence / "imagenet_val_top5.npz") as file:
        top = file["alexnet_pytorch"]
    order = np.random.default_rng(2).permutation(50_000)
    made = Predictions.of(top[order], order // 50)
    mismatch.check(made, 0.56)
    with pytest.raises(Refusal, match=WORDS[way]):
        mismatch.check(spoiled(made, way), 0.56)


@pytest.mark.parametrize(("hits", "mean"), [(1, 0.02), (3, 0.02), (70, 50.0), (500, 50.0), (50, 50.0), (1, 0.0)])
def test_the_tail_of_chance(hits: int, mean: float) -> None:
    assert mismatch._beyond(hits, mean) == pytest.approx(poisson.sf(hits - 1, mean) if hits > mean else 1.0, rel=1e-9)


def test_samples_of_the_validation_set() -> None:
    for images in (100, 1_000, 10_000, 49_000, 50_000):
        assert not mismatch.sampling(answered(0, images, seed=images))
    whole = answered(0)
    in_order = np.argsort(whole.labels[:, 0], kind="stable")
    assert "20 of 1,000 classes" in mismatch.sampling(whole.taken(in_order[:1_000]))
    assert "50 in the validation set" in mismatch.sampling(whole.taken(np.r_[in_order[:50], in_order[0]]))
    several = Predictions.of([1, 2], [[1, 2], [3]])
    assert not mismatch.sampling(several)
