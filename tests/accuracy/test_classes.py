"""Answers and labels are classes from 0 to 999, and what is not is refused with its place."""

from __future__ import annotations

import numpy as np
import pytest

from zoodiff.accuracy import classes
from zoodiff.fault import Refusal

BAD = {
    "class range": (classes.ranked, [1, 1234], "class 1234 in row 1"),
    "negative": (classes.ranked, [-2, 1], "class -2 in row 0"),
    "background": (classes.ranked, [1, 1000], "class 1000 is predicted"),
    "not a number": (classes.ranked, [[1, 2], [3, np.nan]], "nan in row 1"),
    "half": (classes.ranked, [1.5, 2], "1.5 in row 0"),
    "twice": (classes.ranked, [[1, 2, 3], [4, 5, 4]], "row 1 predicts a class twice"),
    "scores": (classes.ranked, np.zeros((2, 1000)), "1000 numbers an image"),
    "label range": (classes.acceptable, [1, 2000], "class 2000 in row 1"),
    "label missing": (classes.acceptable, [1, -1], "row 1 has the label -1"),
    "labels from 1": (classes.acceptable, [1, 1000], "label 1000"),
}


@pytest.mark.parametrize("kind", BAD)
def test_what_is_no_class_is_refused(kind: str) -> None:
    taken, values, message = BAD[kind]
    with pytest.raises(Refusal) as refused:
        taken(values, "p.npz")
    assert message in refused.value.message


def test_one_class_an_image_is_a_column() -> None:
    assert classes.ranked([3, -1], "p.npz").tolist() == [[3], [-1]]
    assert classes.acceptable([3, 1], "p.npz").tolist() == [[3], [1]]
    assert classes.acceptable([[1, 3], [], 2], "p.npz").tolist() == [[3, 1], [-1, -1], [2, -1]]
