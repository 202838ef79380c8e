"""`conform`: papers conform to themselves, the snapshot's known findings fall out, open points are no deviations."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from madeup import Ran
from zoodiff.comparison import difference
from zoodiff.comparison.diffing import diff
from zoodiff.fault import Refusal
from zoodiff.measuring.measurement import measure
from zoodiff.reading.paper import blueprint, blueprints
from zoodiff.reading.reference import described
from zoodiff.survey.conform import DEVIATION, OPEN, Conformance, conform, document


def deviations(conformance: Conformance) -> list[tuple[str, str, str, int]]:
    """What deviates: kind, operator, what, and at how many places."""
    causes = [one.cause for one in conformance.of(DEVIATION)]
    return sorted((cause.kind, cause.op, cause.what, cause.count) for cause in causes)


@pytest.mark.parametrize("name", [name for name, (_, told) in blueprints().items() if told.architectures])
def test_a_papers_network_conforms_to_itself(name: str) -> None:
    own = conform(described(blueprint(name)), name)
    assert (own.verdict, own.judged, own.network) == ("conforms", (), f"paper:{name}")
    assert [one for one in own.numbers if one.network is not None and str(one.network) != one.model] == []


CONFORMING = [
    "keras:ResNet50",
    "gluon:resnet152_v1",
    "torchvision:resnet18",
    "gluon:resnet34_v1",
    "torchvision:densenet161",
    "keras:DenseNet201",
    "gluon:squeezenet1.0",
    "torchvision:squeezenet1_1",
    "keras:VGG19",
    "tfmg:vgg_a",
    "tfmg:vgg_16",
    "gluon:mobilenet0.25",
    "torchvision:mobilenet_v2",
    "tfmg:mobilenet_v2_035/mobilenet_v2_0.35_96",
    "tfmg:mobilenet_v2_140",
]


@pytest.mark.parametrize("ref", CONFORMING)
def test_what_conforms(ref: str) -> None:
    conformance = conform(ref)
    assert conformance.verdict == "conforms"
    assert deviations(conformance) == []


MOVED = ("changed", "Conv", "strides", 3)
LRN = ("missing", "Normalization", "layer", 2)
INCEPTION = [
    ("added", "Normalization", "layer", 57),
    ("changed", "Conv", "kernel_shape", 9),
    ("changed", "MaxPool", "kernel_shape", 1),
    LRN,
]
DEVIATING = {
    # the reports and issues that say so: pytorch/vision#1266, #906, #549, keras-team/keras#15167, onnx/models#578
    "torchvision:resnet50": [MOVED],
    "tfmg:resnet_v1_50": [MOVED],
    "keras:ResNet50V2": [MOVED],
    "tfmg:resnet_v2_50": [MOVED],
    "torchvision:googlenet": INCEPTION,
    "tfmg:inception_v1": INCEPTION,
    "onnx:inception-v1-9": [("changed", "MaxPool", "ceil_mode", 4)],
    "torchvision:alexnet": [("changed", "Conv", "out_channels", 1), LRN],
    "keras:MobileNet": [("changed", "Activation", "op", 27)],
    "tfmg:official-resnet_18": [("changed", "Shortcut", "op", 1)],
    "onnx:squeezenet1.0-9": [
        ("changed", "Conv", "kernel_shape", 1),
        ("changed", "Conv", "out_channels", 1),
        ("rewired", "MaxPool", "wiring", 2),
    ],
}


@pytest.mark.parametrize("ref", DEVIATING)
def test_what_deviates(ref: str) -> None:
    conformance = conform(ref)
    assert conformance.verdict == "deviates"
    assert deviations(conformance) == DEVIATING[ref]


def test_shares_are_the_differences() -> None:
    """The stride in the 3x3 convolution costs what torchvision's ResNet-50 costs more than the paper's."""
    conformance = conform("torchvision:resnet50")
    [moved] = conformance.of(DEVIATION)
    assert moved.cause.macs == measure("torchvision:resnet50").counts.macs.value - 3_857_973_248


def test_the_nearest_of_several_papers_is_taken_and_any_can_be_asked_for() -> None:
    free, asked = conform("torchvision:alexnet"), conform("torchvision:alexnet", "alexnet-2012")
    assert (free.network, free.others) == ("paper:alexnet-2014", ("paper:alexnet-2012",))
    assert (asked.network, asked.others) == ("paper:alexnet-2012", ())
    words = [one.cause.words for one in asked.of(DEVIATION)]
    assert any("groups 2 against 1" in line for line in words)
    assert len(words) > len(free.of(DEVIATION))


def test_a_papers_id_means_its_network_of_the_models_name_else_the_nearest_of_all() -> None:
    assert conform("torchvision:resnet34", "resnet-2015").others == ()
    held = conform("torchvision:vgg13_bn", "vgg-2014")
    assert held.network == "paper:vgg13"
    assert "paper:vgg11" in held.others


@pytest.mark.parametrize(
    ("ref", "paper", "hint"), [("torchvision:vgg16_bn", None, "vgg16"), ("torchvision:vgg16", "vgg", "vgg")]
)
def test_without_a_paper_the_nearest_are_named(ref: str, paper: str | None, hint: str) -> None:
    with pytest.raises(Refusal, match="no paper here has a network") as caught:
        conform(ref, paper)
    assert hint in caught.value.hint


def test_an_open_point_is_no_deviation_and_says_what_is_open() -> None:
    conformance = conform("keras:ResNet50")
    points = {one.point.text for one in conformance.of(OPEN) if one.point}
    assert points == {"whether convolutions that normalization follows have biases", "epsilon of the normalization"}
    assert [one for one in conformance.judged if one.standing != OPEN] == []


def test_an_open_padding_must_give_the_sizes_that_the_paper_states() -> None:
    """Padding that moves by a pixel is open; padding without which the maps are smaller is not."""
    assert any(one.cause.what == "pads" for one in conform("tfmg:resnet_v1_50").of(OPEN))
    assert any(one.cause.what == "pads" for one in conform("onnx:bvlcalexnet-9").of(DEVIATION))


def test_a_network_is_built_at_the_models_size_where_the_paper_has_it() -> None:
    small = conform("tfmg:mobilenet_v1/MobileNet_v1_1.0_128")
    assert small.difference.left["ref"] == "paper:mobilenet-v1"
    assert [one.size for one in small.numbers if one.metric == "macs"] == [128]
    large = conform("tfmg:resnet_v2_50")
    assert [one.standing for one in large.judged if one.cause.kind == "input"] == ["interface"]


def test_a_file_and_a_model_in_memory_are_named_by_their_names(tmp_path: Path) -> None:
    model = blueprint("squeezenet-1.1").build(224)
    onnx.save(model, tmp_path / "squeezenet1_0.onnx")
    found = conform(tmp_path / "squeezenet1_0.onnx")
    assert (found.network, found.verdict) == ("paper:squeezenet-1.0", "deviates")
    model.graph.name = "squeezenet1_1"
    assert conform(model).verdict == "conforms"


def test_the_document_is_the_difference_judged(cli: Callable[..., Ran]) -> None:
    ran = cli("conform", "torchvision:resnet50", "--json")
    told = json.loads(ran.out)
    assert (ran.code, told["format"], told["kind"], told["verdict"], told["deviations"]) == (
        0,
        1,
        "conformance",
        "deviates",
        1,
    )
    assert told["paper"]["network"] == "paper:resnet50-v1"
    plain = json.loads(json.dumps(difference.document(diff("paper:resnet50-v1", "torchvision:resnet50"))))
    added = [(one.pop("standing"), one.pop("open")) for one in told["differences"]]
    assert told["differences"] == plain["differences"]
    assert added[0] == ("deviation", None)
    assert told["macs"] == plain["macs"]
    assert {one["metric"] for one in told["numbers"]} == {"macs", "acc@1", "acc@5"}
    assert json.loads(json.dumps(document(conform("torchvision:resnet50")))) == json.loads(ran.out)
