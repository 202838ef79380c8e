"""Files too small for the weights that their name promises are found, by their published size alone."""

from __future__ import annotations

import msgspec

from madeup import Judged, published
from zoodiff.record import Model, Unmeasured, Weights

NEEDED = 4 * (37 * 8 + 10)


def sized(size: int, name: str = "vgg16") -> Model:
    model = published(name, None, graph_missing=Unmeasured("not to be had"))
    return msgspec.structs.replace(model, weights=(Weights("w1", default=True, bytes=size),))


def test_a_file_that_cannot_hold_its_weights(judged: Judged) -> None:
    [finding] = judged(
        "published-bytes",
        one=(published("vgg16", "eight.onnx"),),
        two=(sized(NEEDED - 100), sized(NEEDED - 50, "VGG-16"), sized(NEEDED + 100, "VGG_16")),
    )
    assert finding.models == ("two:VGG-16", "two:vgg16")
    assert finding.evidence["needed"] == {"one:vgg16": NEEDED}


def test_larger_and_quantised_files_stay_silent(judged: Judged) -> None:
    assert not judged(
        "published-bytes",
        one=(published("vgg16", "eight.onnx"),),
        two=(sized(NEEDED), sized(NEEDED // 4, "vgg16-int8")),
    )
