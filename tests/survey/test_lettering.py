"""Models of an architecture have the same letter where they are the same network."""

from __future__ import annotations

from zoodiff.survey.study import Study


def test_letters_see_through_input_sizes(study: Study) -> None:
    letters = {group.architecture: [entry.letter for entry in group.entries] for group in study.shared}
    assert letters == {"alexnet": ["A", "A"], "resnet50-v1": ["A", "A"], "vgg16": ["A", "A", "B"]}
