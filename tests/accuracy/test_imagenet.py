"""The classes of ImageNet: numbered by their WordNet ids, each with a name of its own."""

from __future__ import annotations

import pytest

from zoodiff.accuracy.imagenet import names, synsets, words


def test_the_classes_are_those_of_imagenet() -> None:
    assert len(synsets()) == len(set(names())) == 1000
    assert list(synsets()) == sorted(set(synsets()))


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (0, "tench (n01440764)"),
        (134, "crane bird (n02012849)"),
        (388, "giant panda (n02510455)"),
        (517, "crane (n03126707)"),
        (999, "toilet tissue (n15075141)"),
    ],
)
def test_names_are_those_of_the_ids(number: int, told: str) -> None:
    """Facts that anyone can look up, at both ends and where two classes share a word."""
    assert words(number) == told
