"""A record's preprocessing becomes a pipeline, and what it leaves open is said."""

from __future__ import annotations

import pytest

from pictures import TORCHVISION
from zoodiff.fault import Refusal
from zoodiff.reading import store
from zoodiff.record import Preprocessing, Unmeasured
from zoodiff.validation.pipeline import complete
from zoodiff.validation.resampling import INTERPOLATIONS


def test_what_a_record_does_not_state_is_assumed_and_said() -> None:
    pipeline, assumed = complete(Preprocessing(layout="NHWC", channel_order="RGB", scale=(0, 255)), (1, 299, 299, 3))
    assert (pipeline.resize, pipeline.crop, pipeline.layout) == ((341,), (299, 299), "NHWC")
    assert any("resize and crop" in words for words in assumed)
    _, assumed = complete(Unmeasured("the README states none"), (1, 3, 224, 224))
    assert "the README states none" in assumed[0]
    assert complete(TORCHVISION, (None, 3, None, None))[0].crop == (224, 224)
    pipeline, assumed = complete(TORCHVISION, (None, 224, 224, 3))  # the same network, converted
    assert (pipeline.layout, len(assumed)) == ("NHWC", 1)
    assert "layout (stated: NCHW; taken: NHWC" in assumed[0]


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ((None, 3, 299, 299), "makes 224x224, and the network takes 299x299"),
        ((None, 1, 28, 28), "not a batch of pictures"),
        ((None, 1000), "not a batch of pictures"),
    ],
)
def test_a_network_at_odds_with_the_record_is_refused(shape: tuple[int | None, ...], told: str) -> None:
    with pytest.raises(Refusal, match=told):
        complete(TORCHVISION, shape)


def test_slim_and_official_resize_differently() -> None:
    """Halves of the Model Garden: TensorFlow 1's corners and a rectangle, TensorFlow 2's centres and a square."""
    models = {model.name: model for model in store.load("tfmg")}
    slim = models["inception_v3"].weights[0]
    assert isinstance(slim.preprocessing, Preprocessing)
    made, assumed = complete(slim.preprocessing, (1, 299, 299, 3))
    assert (made.library, made.fraction, made.square, assumed) == ("tensorflow-1", 0.875, False, ())
    official = models["official-resnet_50"].weights[0]
    assert isinstance(official.preprocessing, Preprocessing)
    made, assumed = complete(official.preprocessing, (1, 224, 224, 3))
    assert (made.library, made.fraction, made.square, assumed) == ("tensorflow", 0.875, True, ())


def test_every_published_preprocessing_is_a_pipeline() -> None:
    """Whatever the zoos state can be run, or is refused in words."""
    made = 0
    for zoo in ("torchvision", "keras", "tfmg", "onnx", "gluon"):
        for model in store.load(zoo):
            for weights in model.weights:
                shape = weights.input_shape
                if shape is None or len(shape) != 4 or isinstance(weights.preprocessing, Unmeasured):
                    continue
                try:
                    pipeline, _ = complete(weights.preprocessing, shape)
                except Refusal:
                    assert (zoo, model.name.partition("-")[0]) == ("onnx", "mnist")  # pictures in one grey
                    continue
                assert pipeline.interpolation in INTERPOLATIONS[pipeline.library]
                assert pipeline.words()
                made += 1
    assert made > 300
