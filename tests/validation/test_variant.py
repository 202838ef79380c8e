"""Variants: each changes one step, none comes twice, and what is changed is said."""

from __future__ import annotations

import pytest

from zoodiff.validation.pipeline import Pipeline, result
from zoodiff.validation.variant import STEPS, Variant, differences, variants

START = Pipeline(
    resize=(256,), crop=(224, 224), mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225), library="pillow"
)
FIELDS = {
    "colours": {"channels", "scale", "mean", "std"},
    "geometry": {"fraction", "square", "resize", "crop"},
    "resampling": {"library", "interpolation"},
}


@pytest.mark.parametrize("step", STEPS)
def test_one_step_is_varied_and_nothing_comes_twice(step: str) -> None:
    made = list(variants(step, Variant(START), START, (224, 224)))
    assert made[0].pipeline == START
    assert len({variant.pipeline for variant in made}) == len(made) > 5
    for variant in made[1:]:
        changed = {name for name in START.__struct_fields__ if getattr(variant.pipeline, name) != getattr(START, name)}
        assert changed <= FIELDS[step]
        assert variant.changed
        assert result(variant.pipeline) == (224, 224)


def test_means_are_in_the_order_of_the_channels() -> None:
    made = {v.pipeline for v in variants("colours", Variant(START), START, (224, 224))}
    caffe = [p for p in made if p.channels == "BGR" and p.scale == (0, 255) and p.mean]
    assert [p.mean for p in caffe] == [(103.939, 116.779, 123.68)]
    assert any(p.channels == "BGR" and p.mean == (0.406, 0.456, 0.485) for p in made)


def test_what_is_changed_is_said() -> None:
    other = Pipeline(resize=(224, 224), channels="BGR", scale=(0, 255), library="tensorflow-1")
    assert differences(START, other) == ("BGR", "0..255", "squashed without a crop", "tensorflow-1 bilinear")
    assert differences(START, START) == ()
