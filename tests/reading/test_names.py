"""Canonical names over every name that five zoos publish."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoodiff.accuracy import claim
from zoodiff.fault import Refusal
from zoodiff.reading.names import LEFT_ALONE, Naming, canonical, extends, resolve, table
from zoodiff.survey.original import members

HERE = Path(__file__).parents[1]
PAPER = members()
PUBLISHED = {zoo: names.split() for zoo, names in tomllib.loads((HERE / "zoo_names.toml").read_text("utf-8")).items()}
"""every image classifier of the zoos' releases of late 2026 (their own lists), and every file in onnx/models' tables"""
NAMED = [(zoo, name) for zoo, names in PUBLISHED.items() for name in names]
KNOWN = sorted({canonical(zoo, name).architecture for zoo, name in NAMED})


def by_architecture() -> dict[str, set[tuple[str, str]]]:
    found: dict[str, set[tuple[str, str]]] = {}
    for zoo, name in NAMED:
        found.setdefault(canonical(zoo, name).architecture, set()).add((zoo, name))
    return found


def test_all_but_a_few_known_strangers_are_matched() -> None:
    strangers = {n.architecture for n in table(PUBLISHED) if n.rule == LEFT_ALONE}
    assert strangers == {"cifarnet", "lenet", "i3d", "s3dg", "mnist", "rcnn-ilsvrc13", "resnet-preproc-v1"}
    assert {zoo: len(names) for zoo, names in PUBLISHED.items()} == {
        "torchvision": 80,
        "keras": 71,
        "tfmg": 95,
        "onnx": 119,
        "gluon": 34,
    }


def test_models_named_in_claims_are_matched_too() -> None:
    claimed = {zoo: {each.model for each in claim.claims(zoo)} for zoo in claim.zoos()}
    segmenters = {"official-mobilenetv4convmediumseg", "official-mobilenetmultiavgseg"}  # no other zoo has the like
    assert {n.architecture for n in table(claimed) if n.rule == LEFT_ALONE} == {"mnist", *segmenters}


@pytest.mark.parametrize(
    ("architecture", "zoo", "name"),
    [(architecture, zoo, name) for architecture, models in PAPER.items() for zoo, name in models.items()],
)
def test_architectures_of_the_study(architecture: str, zoo: str, name: str) -> None:
    assert canonical(zoo, name).architecture == architecture


def test_each_of_the_studys_36_is_in_two_zoos() -> None:
    found = by_architecture()
    assert len(PAPER) == 36
    assert all(len({zoo for zoo, _ in found[architecture]} - {"gluon"}) >= 2 for architecture in PAPER)


@pytest.mark.parametrize(
    "names",
    [
        "keras:ResNet50V2 tfmg:resnet_v2_50 onnx:resnet50-v2-7 gluon:resnet50_v2",
        "torchvision:resnet50 keras:ResNet50 tfmg:official-resnet_50 onnx:resnet50-caffe2-v1-9 gluon:resnet50_v1",
        "torchvision:vgg11 tfmg:vgg_a gluon:vgg11",
        "torchvision:regnet_x_400mf keras:RegNetX004",
        "torchvision:regnet_y_1_6gf keras:RegNetY016",
        "torchvision:regnet_y_32gf keras:RegNetY320",
        "torchvision:vit_b_16 tfmg:official-vit_b16",
        "torchvision:efficientnet_v2_s keras:EfficientNetV2S",
        "torchvision:convnext_tiny keras:ConvNeXtTiny",
        "torchvision:efficientnet_b0 keras:EfficientNetB0 tfmg:official-efficientnet_b0",
        "tfmg:mobilenet_v1_050 gluon:mobilenet0.5 keras:MobileNet(alpha=0.5)",
        "tfmg:mobilenet_v2_140 keras:MobileNetV2(alpha=1.4) tfmg:mobilenet_v2_1.4_224",
        "keras:MobileNetV3Large tfmg:mobilenet_v3_large tfmg:official-MobileNetV3Large",
        "keras:MobileNetV3Small(minimalistic=True) tfmg:mobilenet_v3_small_minimalistic",
        "keras:InceptionResNetV2 tfmg:inception_resnet_v2",
        "keras:ResNetRS50 tfmg:official-resnet_rs_50",
        "torchvision:densenet121 onnx:densenet-12 keras:DenseNet121",
        "onnx:bvlcalexnet-12-int8 torchvision:alexnet tfmg:alexnet_v2",
        "torchvision:resnext50_32x4d keras:ResNeXt50 gluon:resnext50_32x4d",
        "torchvision:squeezenet1_0 onnx:squeezenet1.0-13-qdq gluon:squeezenet1.0",
    ],
)
def test_one_network_by_many_names(names: str) -> None:
    assert len({canonical(*name.split(":")).architecture for name in names.split()}) == 1


@pytest.mark.parametrize(
    "names",
    [
        "torchvision:vgg16 torchvision:vgg16_bn torchvision:vgg19",
        "gluon:resnet50_v1 gluon:resnet50_v2 gluon:resnet50_v1b gluon:resnet50_v1d gluon:resnet50_v1d_0.48",
        "torchvision:resnet50 torchvision:wide_resnet50_2 torchvision:resnext50_32x4d gluon:se_resnext50_32x4d"
        " gluon:resnest50 keras:ResNetRS50 keras:ResNet50V2",
        "torchvision:resnext101_32x8d torchvision:resnext101_64x4d gluon:resnext101_32x4d",
        "tfmg:mobilenet_v1 tfmg:mobilenet_v1_075 tfmg:mobilenet_v1_050 tfmg:mobilenet_v1_025 tfmg:mobilenet_v2"
        " tfmg:mobilenet_v2_140 tfmg:mobilenet_v3_large tfmg:mobilenet_v3_large_minimalistic tfmg:mobilenet_edgetpu",
        "torchvision:efficientnet_b0 onnx:efficientnet-lite4-11 torchvision:efficientnet_b4 keras:EfficientNetV2B0"
        " efficientnet-lite0:efficientnet-lite0",
        "torchvision:squeezenet1_0 torchvision:squeezenet1_1",
        "torchvision:alexnet onnx:caffenet-12 onnx:zfnet512-12",
        "onnx:shufflenet-9 onnx:shufflenet-v2-10 torchvision:shufflenet_v2_x0_5",
        "tfmg:inception_v1 tfmg:inception_v2 tfmg:inception_v3 tfmg:inception_v4 keras:InceptionResNetV2"
        " torchvision:googlenet keras:Xception",
        "tfmg:nasnet_large tfmg:nasnet_mobile tfmg:pnasnet_large",
        "torchvision:swin_t torchvision:swin_v2_t torchvision:maxvit_t",
        "torchvision:regnet_x_400mf torchvision:regnet_y_400mf torchvision:regnet_x_16gf torchvision:regnet_x_1_6gf",
        "torchvision:vit_b_16 torchvision:vit_b_32 tfmg:official-vit_s16",
    ],
)
def test_different_networks_are_never_joined(names: str) -> None:
    architectures = [canonical(*name.split(":")).architecture for name in names.split()]
    assert len(set(architectures)) == len(architectures)


def test_no_zoo_has_two_of_its_own_models_joined_but_for_versions_of_a_file() -> None:
    """What is joined inside a zoo differs in its weights or way into the zoo only; new cases must be looked at."""
    joined = {
        (zoo, architecture): {name for at, name in names if at == zoo}
        for architecture, names in by_architecture().items()
        for zoo in PUBLISHED
        if zoo != "onnx" and sum(at == zoo for at, _ in names) > 1
    }
    assert {zoo for zoo, _ in joined} == {"tfmg"}
    for names in joined.values():
        assert any(name.startswith("official-") for name in names)
        assert sum(not name.startswith("official-") for name in names) <= 1


@pytest.mark.parametrize(
    ("zoo", "name", "readings"),
    [
        ("torchvision", "resnet50", ("resnet50-v1", "resnet50-v2")),
        ("onnx", "squeezenet", ("squeezenet-1.0", "squeezenet-1.1")),
        ("", "inception", ("inception-v1", "inception-v2", "inception-v3", "inception-v4", "googlenet")),
        ("gluon", "mobilenet0.75", ("mobilenet-v1-x0.75", "mobilenet-v2-x0.75")),
        ("onnx", "shufflenet-9", ("shufflenet-v1", "shufflenet-v2")),
    ],
)
def test_ambiguous_names_say_so(zoo: str, name: str, readings: tuple[str, ...]) -> None:
    naming = canonical(zoo, name)
    assert naming.ambiguous
    assert naming.readings[: len(readings)] == readings


@pytest.mark.parametrize("name", ["resnet50_v1", "ResNet50V2", "squeezenet1_1", "inception_v3", "vgg16", "vit_b_16"])
def test_plain_names_are_not_called_ambiguous(name: str) -> None:
    assert not canonical("", name).ambiguous


def test_facets_beside_the_architecture() -> None:
    naming = canonical("onnx", "resnet50-v1-12-int8")
    assert (naming.quantised, naming.opset, naming.family) == ("int8", 12, "resnet")
    naming = canonical("tfmg", "MobileNet_v1_0.50_160_quant")
    assert (naming.width, naming.size, naming.quantised) == (Decimal("0.5"), 160, "quant")
    naming = canonical("tfmg", "MobileNet V3 Large dm=1 (8-bit)")
    assert (naming.architecture, naming.width, naming.quantised) == ("mobilenet-v3-large", Decimal(1), "8bit")
    assert canonical("", "resnet50@160").size == 160
    assert canonical("torchvision", "vgg16").opset is None
    assert canonical("onnx", "densenet-12").why == "the zoo titles the file DenseNet-121"


@pytest.mark.parametrize("architecture", KNOWN)
def test_canonical_names_mean_themselves(architecture: str) -> None:
    assert canonical("", architecture).architecture == architecture


def facts(naming: Naming) -> tuple[object, ...]:
    return (naming.architecture, naming.family, naming.width, naming.size, naming.quantised, naming.opset)


@given(st.sampled_from(NAMED), st.sampled_from("-_ "), st.sampled_from([str.lower, str.upper, str.title]))
def test_case_and_separators_make_no_difference(named: tuple[str, str], separator: str, case: object) -> None:
    zoo, name = named
    other = case("".join(separator if c in "-_ " else c for c in name))
    assert facts(canonical(zoo, other)) == facts(canonical(zoo, name))


@given(st.text(max_size=40), st.sampled_from(["", "onnx", "keras", "nowhere"]))
def test_any_text_has_a_name(text: str, zoo: str) -> None:
    naming = canonical(zoo, text)
    assert (naming.zoo, naming.name) == (zoo, text)
    assert naming.rule


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("resnet50", ("resnet50-v1",)),
        ("ResNet-50 v2", ("resnet50-v2",)),
        ("squeezenet", ("squeezenet-1.0", "squeezenet-1.1")),
        ("vgg16", ("vgg16",)),
        ("VGG", ("vgg11", "vgg11-bn", "vgg13", "vgg13-bn", "vgg16", "vgg16-bn", "vgg19", "vgg19-bn")),
        ("squeezenet1.0-12.onnx", ("squeezenet-1.0",)),
        ("resnet50-v2-7", ("resnet50-v2",)),
        ("vit_b_16", ("vit-b16",)),
        ("xception", ("xception",)),
    ],
)
def test_what_a_user_types(text: str, expected: tuple[str, ...]) -> None:
    found = resolve(text, KNOWN)
    assert found.architectures == expected
    assert bool(found.note) is (text == "resnet50" or len(expected) > 1)


def test_unknown_architecture_is_refused_with_the_nearest() -> None:
    with pytest.raises(Refusal, match="no architecture 'resnet51x'") as refused:
        resolve("resnet51x", KNOWN)
    assert "resnet50-v1" in refused.value.hint or "resnet" in refused.value.hint
    with pytest.raises(Refusal) as refused:
        resolve("mobilnet_v2", KNOWN)
    assert "mobilenet-v2" in refused.value.hint
    with pytest.raises(Refusal, match="no architecture") as refused:
        resolve("vgg16", [])
    assert "gather" in refused.value.hint


def test_table_lists_every_model_once_with_its_rule() -> None:
    rows = table(PUBLISHED)
    assert sorted((row.zoo, row.name) for row in rows) == sorted(NAMED)
    assert all(row.rule for row in rows)
    alone = [row.rule == LEFT_ALONE for row in rows]
    assert alone == sorted(alone)


def test_rules_do_not_overlap() -> None:
    """At most one rule matches a canonical name, so that the order of the rules decides nothing."""
    from zoodiff.reading.names import _plain, _rules

    matched = {name: [rule.pattern for rule, pattern in _rules() if pattern.fullmatch(_plain(name))] for name in KNOWN}
    assert {name: patterns for name, patterns in matched.items() if len(patterns) > 1} == {}


def test_every_rule_is_used() -> None:
    from zoodiff.reading.names import _plain, _rules

    every = KNOWN + [each.model for zoo in claim.zoos() for each in claim.claims(zoo)]
    every += ["squeezenet", "inception", "resnext50", "RegNetX004", "alexnet_v2", "mobilenet"]
    plain = {_plain(canonical("", name).name) for name in every}
    idle = [rule.pattern for rule, pattern in _rules() if not any(map(pattern.fullmatch, plain))]
    assert idle == []


def test_widths_do_not_swallow_versions() -> None:
    for version, width in product((1, 2), ("0.25", "0.5", "0.75")):
        naming = canonical("", f"mobilenet_v{version}_{width}")
        assert naming.architecture == f"mobilenet-v{version}-x{width}"


def test_a_longer_name_extends_a_shorter_one() -> None:
    assert extends("vgg16-bn", "vgg16")
    assert extends("resnet50-v1.5", "resnet50-v1")
    assert extends("mobilenet-v2-x0.5", "mobilenet-v2")
    assert not extends("vgg16", "vgg16")
    assert not extends("spinenet143", "spinenet14")
    assert not extends("vgg16", "vgg16-bn")
