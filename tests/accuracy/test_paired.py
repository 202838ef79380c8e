"""Two networks on the same images: counts are those of a plain loop, and images are paired by name or row."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zoodiff.accuracy.paired import ClassGap, paired
from zoodiff.accuracy.predictions import Predictions
from zoodiff.fault import Refusal

ROW = st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4))


@settings(deadline=None)
@given(st.lists(ROW, min_size=1, max_size=30))
def test_counts(rows: list[tuple[int, int, int]]) -> None:
    labels, first, second = zip(*rows, strict=True)
    found = paired(Predictions.of(first, labels), Predictions.of(second, labels), 1)
    both = Counter((one == label, other == label) for label, one, other in rows)
    assert (found.both, found.first_only) == (both[True, True], both[True, False])
    assert (found.second_only, found.neither) == (both[False, True], both[False, False])
    assert found.same_answer == sum(one == other for _, one, other in rows)
    assert (found.images, found.unpaired) == (len(rows), 0)
    gains = {gap.number: gap.gain for gap in found.classes}
    for label in range(5):
        of = [(one == label, other == label) for right, one, other in rows if right == label]
        assert gains.get(label, 0) == sum(other for _, other in of) - sum(one for one, _ in of)


def test_images_are_paired_by_name() -> None:
    first = Predictions.of([1, 2, 3], [1, 2, 9], images=["a", "b", "c"])
    second = Predictions.of([9, 7, 1], [9, 4, 1], images=["c", "x", "a"])
    found = paired(first, second, 1)
    assert (found.images, found.unpaired, found.both, found.second_only) == (2, 2, 1, 1)
    assert found.classes == (ClassGap(9, 1, 0, 1),)


def test_several_acceptable_classes() -> None:
    first, second = Predictions.of([1, 5], [[1, 2], [5]]), Predictions.of([2, 6], [[1, 2], [5]])
    found = paired(first, second, 1)
    assert (found.both, found.first_only, found.same_answer) == (1, 1, 0)
    assert found.classes == (ClassGap(5, 1, 1, 0),)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (Predictions.of([1], [1]), Predictions.of([1, 2], [1, 2]), "has 1 images and predictions 2"),
        (Predictions.of([1], [1]), Predictions.of([1], [2]), "label the same images differently"),
        (Predictions.of([1], [1]), Predictions.of([1], [[1, 2]]), "label the same images differently"),
        (Predictions.of([1], [1], images=["a"]), Predictions.of([1], [1], images=["b"]), "no image in common"),
    ],
)
def test_what_cannot_be_paired(first: Predictions, second: Predictions, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        paired(first, second, 1)


def test_real_answers(evidence: Path) -> None:
    labels = np.arange(50_000) // 50
    with np.load(evidence / "imagenet_val_top5.npz") as file:
        tops = {name: file[name] for name in ("resnet50_pytorch", "vgg16_keras")}
    found = paired(*(Predictions.of(top, labels) for top in tops.values()), 5)
    hits = [(top == labels[:, None]).any(axis=1) for top in tops.values()]
    assert found.first_only == (hits[0] & ~hits[1]).sum()
    assert found.second_only == (~hits[0] & hits[1]).sum()
    assert sum(gap.gain for gap in found.classes) == hits[1].sum() - hits[0].sum()
    assert found.p_value < 1e-100
