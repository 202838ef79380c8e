"""Papers are data that hold together: names, numbers that fit or say so, quotes with where they were read."""

from __future__ import annotations

from decimal import Decimal
from fnmatch import fnmatchcase

import onnx
import pytest

from zoodiff.fault import Refusal
from zoodiff.measuring.count import Counts, count
from zoodiff.reading import names
from zoodiff.reading.paper import UNQUOTED, Blueprint, Open, Printed, blueprint, blueprints, papers
from zoodiff.reading.reference import described, find

EVERY = [found for _, found in blueprints().values()]
POINTS = [(own, point) for own, paper in papers().items() for point in paper.open]


def counted(told: Blueprint, size: int | None) -> Counts:
    """The counts of a paper's network at a size, or at its first."""
    return count(described(told, size).graph())


@pytest.mark.parametrize("told", EVERY, ids=lambda told: told.name)
def test_a_printed_count_is_the_networks_or_says_why_not(told: Blueprint) -> None:
    for printed in told.printed:
        counts = counted(told, printed.size)
        assert counts.complete
        learned = counts.params.value - counts.statistics
        if printed.metric in ("macs", "params"):
            fits = printed.fits(counts.macs.value if printed.metric == "macs" else learned)
            assert fits == (not printed.misfit), f"{printed.written}: {counts.macs} {learned}"
        else:
            assert printed.metric in ("acc@1", "acc@5")
            assert printed.protocol
            assert 40 < printed.value < 100
            assert not printed.misfit


@pytest.mark.parametrize(
    ("value", "count", "fits"),
    [
        ("3.8E9", 3_849_999_999, True),
        ("3.8E9", 3_857_973_248, False),
        ("6E7", 60_965_224, True),
        ("60E6", 60_965_224, False),
        ("1248424", 1_248_424, True),
        ("1248424", 1_248_425, False),
    ],
)
def test_a_number_fits_to_its_last_printed_digit(value: str, count: int, fits: bool) -> None:
    assert Printed("macs", Decimal(value), value, "").fits(count) == fits


def test_names_are_the_papers_own_and_architectures_canonical() -> None:
    networks = [told.name for paper in papers().values() for told in paper.networks]
    assert len(networks) == len(set(networks)) == len(blueprints())
    for told in EVERY:
        for architecture in told.architectures:
            assert names.canonical("", architecture).architecture == architecture


@pytest.mark.parametrize("own", papers())
def test_a_quote_says_where_it_was_read(own: str) -> None:
    for fact in papers()[own].facts:
        assert fact.where
        assert bool(fact.read) == (fact.quote != UNQUOTED)
        assert fact.quote.strip()


@pytest.mark.parametrize(
    ("own", "point"), POINTS, ids=lambda value: value if isinstance(value, str) else value.text[:30]
)
def test_an_open_point_is_about_something_that_the_papers_networks_have(own: str, point: Open) -> None:
    about = [told for told in papers()[own].networks if fnmatchcase(told.name, point.networks)]
    assert about
    for pattern in point.steps:
        steps = {output for node in described(about[0]).graph().nodes for output in node.outputs}
        assert any(fnmatchcase(step, pattern) for step in steps)


def test_what_touches_an_open_point() -> None:
    point = Open("", "", ("Conv.pads", "*.epsilon"), ("conv?", "block/*"), "net-*", sizes_stated=True)
    told = ("net-1", "Conv.pads", ("conv1", "block/conv2"))
    assert point.touches(*told, resizes=False)
    assert not point.touches(*told, resizes=True), "the sizes that it states do not come out"
    assert not point.touches("other", *told[1:], resizes=False)
    assert not point.touches("net-1", "Conv.strides", told[2], resizes=False)
    assert not point.touches("net-1", "Conv.pads", ("conv1", "conv10"), resizes=False), "one is elsewhere"
    assert not point.touches("net-1", "Conv.pads", (), resizes=False), "what only the model has is at no step of it"
    assert point.touches("net-1", "BatchNormalization.epsilon", ("conv1",), resizes=False)
    assert Open("", "", ("Pad.layer",)).touches("net", "Pad.layer", (), resizes=True)


def test_networks_by_name() -> None:
    assert blueprint("vgg16").name == "vgg16"
    assert blueprint("alexnet-2012").name == "alexnet-2012"
    assert find("paper:vgg16").graph().shape(described(blueprint("vgg16")).graph().outputs[0].name) == (1, 1000)
    with pytest.raises(Refusal, match="'resnet-2015' has 5 networks") as several:
        find("paper:resnet-2015")
    assert "resnet50-v1" in several.value.hint
    with pytest.raises(Refusal, match="'vgg61'") as unknown:
        find("paper:vgg61")
    assert "vgg16" in unknown.value.hint


@pytest.mark.parametrize("told", EVERY, ids=lambda told: told.name)
def test_onnx_agrees_on_every_shape(told: Blueprint) -> None:
    """Strict inference by onnx itself, at every size that the paper names."""
    for size in told.sizes:
        inferred = onnx.shape_inference.infer_shapes(
            told.build(size), check_type=True, strict_mode=True, data_prop=True
        )
        dims = [dim.dim_value for dim in inferred.graph.output[0].type.tensor_type.shape.dim]
        assert dims == [1, 1000]
