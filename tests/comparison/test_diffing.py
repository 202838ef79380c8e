"""`diff`: the planted pairs are told exactly, and real networks in few right causes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from madeup import Ran
from networks import network
from zoodiff.comparison.difference import Difference
from zoodiff.comparison.diffing import diff

PAIRS = range(24)


def keys(difference: Difference) -> list[tuple[str, str, str]]:
    """What was found besides details and the interface."""
    return [(c.kind, c.op, c.what) for c in difference.differences if c.group == "architecture"]


@pytest.mark.parametrize("number", PAIRS)
def test_a_planted_pair_is_told_exactly(number: int, evidence: Path) -> None:
    folder = evidence / "pairs" / f"{number:03d}"
    truth = json.loads((folder / "truth.json").read_text())
    difference = diff(str(folder / "a.onnx"), str(folder / "b.onnx"))
    left = {c.left.nodes[0]: c for c in difference.differences if c.left and c.left.nodes}
    assert len(difference.differences) == len(truth["mutations"])
    for planted in truth["mutations"]:
        if planted["left"] is None:
            (cause,) = (c for c in difference.differences if c.kind == "added")
        else:
            cause = left[planted["nodes"][0]]
            assert cause.left is not None
            assert set(cause.left.nodes) == set(planted["nodes"])
            value = cause.left.value
            assert value == planted["left"] or (planted["left"] in value and cause.kind == "input")
        assert (cause.op, cause.what) == (planted["op"], planted["what"])
        assert cause.count == (1 if planted.get("pair") else len(planted["nodes"]))
        if planted["right"] is None:
            assert cause.kind == "missing"
        elif cause.right is not None:
            value = cause.right.value
            assert value == planted["right"] or (planted["right"] in value and cause.kind == "input")
    if len(truth["mutations"]) == 1:
        assert difference.differences[0].macs == truth["macs"][1] - truth["macs"][0] == difference.macs.delta
        assert difference.differences[0].params == difference.params.delta
    assert difference.identical == (not truth["mutations"])


SAME = ["torchvision:densenet121", "keras:EfficientNetB0", "tfmg:resnet_v1_50", "torchvision:vit_b_16", "gluon:alexnet"]


@pytest.mark.parametrize("ref", SAME)
def test_a_network_does_not_differ_from_itself(ref: str) -> None:
    difference = diff(ref, ref)
    assert difference.differences == ()
    assert difference.identical


def test_kerass_resnet50_strides_elsewhere_than_torchvisions() -> None:
    """He et al. 2015 stride in a stage's first 1x1 convolution, torchvision in its 3x3 one (its docs say so)."""
    difference = diff("torchvision:resnet50", "keras:ResNet50")
    assert keys(difference) == [("changed", "Conv", "strides")]
    stride = difference.differences[0]
    assert stride.count == 3
    assert stride.macs == difference.macs.delta


def test_slims_resnet50_strides_at_the_end_of_the_stage_before() -> None:
    difference = diff("torchvision:resnet50", "tfmg:resnet_v1_50")
    assert keys(difference)[0] == ("changed", "Conv", "strides")
    assert difference.differences[0].count == 3
    assert difference.differences[0].macs == difference.macs.delta
    assert set(keys(difference)[1:]) <= {("changed", "MaxPool", "pads")}


def test_keras_and_slims_resnet50v2_differ_by_input_and_classes() -> None:
    difference = diff("keras:ResNet50V2", "tfmg:resnet_v2_50", {"": (1, 224, 224, 3)})
    assert set(keys(difference)) <= {("changed", "MaxPool", "pads"), ("missing", "Pad", "layer")}


def test_squeezenets_pools_moved() -> None:
    """The authors' repository says of 1.1: fewer and smaller filters in conv1, pooling after layers 1, 3 and 5."""
    found = keys(diff("gluon:squeezenet1.0", "gluon:squeezenet1.1"))
    assert sorted(found) == [
        ("changed", "Conv", "kernel_shape"),
        ("changed", "Conv", "out_channels"),
        ("rewired", "MaxPool", "wiring"),
    ]


@pytest.mark.parametrize("keras", ["DenseNet121", "DenseNet169"])
def test_kerass_densenet_is_torchvisions(keras: str) -> None:
    assert keys(diff(f"torchvision:{keras.lower()}", f"keras:{keras}")) == []


@pytest.mark.parametrize("size", ["b_16", "b_32", "l_16"])
def test_the_official_vision_transformer_is_torchvisions(size: str) -> None:
    """A packed projection on one side and three on the other are one thing.

    What is left: one approximation of GELU per block (Dosovitskiy et al. 2020, arXiv:2010.11929, table 1), and a layer
    before the logits, 768 wide at every size: where the network is wider, the logits read less.
    """
    difference = diff(f"torchvision:vit_{size}", f"tfmg:official-vit_{size.replace('_', '')}")
    causes = [cause for cause in difference.differences if cause.group == "architecture"]
    width, blocks = {"b": (768, 12), "l": (1024, 24)}[size[0]]
    assert [(cause.kind, cause.op, cause.what, cause.count) for cause in causes] == [
        ("added", "Gemm", "layer", 1),
        ("changed", "Activation", "approximate", blocks),
    ]
    assert (causes[0].macs_delta, causes[0].params_delta) == (width * 768, width * 768 + 768)
    assert causes[0].macs == width * 768 - (width - 768) * 1000
    assert difference.not_compared == ()
    assert difference.remainder == {"macs": 0, "params": 0}


def test_convnext_is_one_network_in_two_zoos() -> None:
    difference = diff("keras:ConvNeXtTiny", "torchvision:convnext_tiny")
    assert [cause for cause in difference.differences if cause.group == "architecture"] == []
    assert difference.remainder == {"macs": 0, "params": 0}


# ---------------------------------------------------------------- what cannot be compared


def chain(middle: str = "Relu", image: str = "1,3,16,16", stride: int = 1) -> onnx.ModelProto:
    """A convolution, an operator, a convolution."""
    text = f"""net (float[{image}] x) => (float[] y) {{
        a = Conv <strides = [{stride}, {stride}]> (x, v)
        b = {middle} (a)
        y = Conv (b, w)
    }}"""
    return network(text, v=(8, 3, 3, 3), w=(8, 8, 3, 3))


def test_a_network_that_feeds_itself_is_refused_by_the_names_of_its_operators(
    tmp_path: Path, cli: Callable[..., Ran]
) -> None:
    circle = network("net (float[1,3,16,16] x) => (float[] y) { a = Add (x, y)\n y = Relu (a) }")
    files = [tmp_path / "plain.onnx", tmp_path / "circle.onnx"]
    for file, model in zip(files, (chain(), circle), strict=True):
        file.write_bytes(model.SerializeToString())
    for order in (files, files[::-1]):
        ran = cli("diff", *order)
        assert ran.code == 2
        assert "Add 'a', Relu 'y'" in ran.err


@pytest.mark.parametrize("image", ["1,3,16,16", "N,3,H,W"])
def test_unknown_operators_and_sizes_are_compared_as_far_as_they_go_and_named(image: str) -> None:
    unknown = "com.microsoft.Magic"
    same = diff(chain(unknown, image), chain(unknown, image))
    assert same.differences == ()
    assert "Magic" in same.not_compared
    assert not same.identical
    strided = diff(chain(unknown, image), chain(unknown, image, stride=2))
    assert [(c.kind, c.op, c.what) for c in strided.differences] == [("changed", "Conv", "strides")]
    assert [(c.op, c.what) for c in diff(chain(unknown, image), chain("Relu", image)).differences] == [("Magic", "op")]


def test_what_could_not_be_counted_is_a_lower_bound_on_its_side_and_no_gap() -> None:
    found = diff(chain("com.microsoft.Magic"), chain("Relu"))
    assert found.macs.at_least == ("left",)
    assert found.params.at_least == ()
    assert diff(chain("Relu"), chain("Relu")).macs.at_least == ()


def test_a_size_that_is_open_is_no_difference() -> None:
    batch_alone = diff(chain(image="N,3,16,16"), chain(image="N,3,16,16"))
    assert (batch_alone.identical, batch_alone.sized) == (True, ())
    open_size = diff(chain(image="N,3,H,W"), chain(image="N,3,H,W"))
    assert open_size.differences == ()
    assert open_size.not_compared == ("Conv", "Relu")


def test_networks_of_two_inputs_are_compared() -> None:
    def two(stride: int) -> onnx.ModelProto:
        text = f"""net (float[1,3,16,16] left, float[1,3,16,16] right) => (float[] y) {{
            a = Conv <strides = [{stride}, {stride}]> (left, v)
            b = Conv <strides = [{stride}, {stride}]> (right, w)
            y = Add (a, b)
        }}"""
        return network(text, v=(8, 3, 3, 3), w=(8, 3, 3, 3))

    assert diff(two(1), two(1)).identical
    (cause,) = diff(two(1), two(2)).differences
    assert (cause.kind, cause.what, cause.count) == ("changed", "strides", 2)


def test_batch_normalization_after_every_convolution_is_one_difference() -> None:
    """57 convolutions: three before the first module, six in each of the nine (Szegedy et al. 2014, Table 1)."""
    found = [
        cause for cause in diff("paper:googlenet", "torchvision:googlenet").differences if cause.group == "architecture"
    ]
    convolutions = [(cause.kind, cause.what, cause.count) for cause in found if cause.op == "Conv"]
    assert convolutions == [("changed", "kernel_shape", 9)]
    added = [cause.count for cause in found if cause.op == "Normalization" and cause.kind == "added"]
    assert added == [57]


def test_cells_that_read_two_cells_keep_their_partners() -> None:
    """NASNet-A is one network in both zoos (Zoph et al. 2018): no convolution comes or goes."""
    found = diff("keras:NASNetMobile", "tfmg:nasnet_mobile").differences
    assert not [cause.words for cause in found if cause.op == "Conv" and cause.kind in ("missing", "added")]
