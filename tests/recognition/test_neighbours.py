"""Neighbours: the same graph is nearest, then those that are alike; a search asks for one of its own name first."""

from __future__ import annotations

import msgspec
import onnx

from madeup import tiny
from zoodiff.reading.reference import Network, find
from zoodiff.recognition.known import Known, know
from zoodiff.recognition.neighbours import Neighbours
from zoodiff.recognition.others import Others


def graph(channels: int, *, pooled: bool = False) -> Network:
    return find(onnx.load_from_string(tiny(channels, pooled=pooled)))


def named(network: Network, architecture: str, zoo: str = "a") -> Known:
    return msgspec.structs.replace(know(network), ref=f"{zoo}:{architecture}", zoo=zoo, architecture=architecture)


EIGHT, TWELVE, POOLED = named(graph(8), "eight"), named(graph(12), "twelve"), named(graph(12, pooled=True), "pooled")


def test_the_same_is_nearest_and_then_what_is_more_alike() -> None:
    """The other width has the same steps; with a pooling besides, one step is another."""
    near = Neighbours(graph(8), frozenset(), Others([POOLED, TWELVE, EIGHT]))
    assert [other.architecture for other, _ in near.every] == ["eight", "twelve", "pooled"]
    assert near.every[0][1] == (1, 0, 0)
    assert (near.equal, near.but_for) == ([EIGHT], "")
    assert [near.is_equal(other) for other in (EIGHT, TWELVE)] == [True, False]


def test_each_architecture_is_named_by_its_nearest() -> None:
    far, close = named(graph(12), "net", "far"), named(graph(8), "net", "close")
    near = Neighbours(graph(8), frozenset(), Others([far, close, POOLED]))
    nearest = near.nearest(near.every)
    assert list(nearest) == ["net", "pooled"]
    assert (nearest["net"].ref, nearest["net"].exact, nearest["net"].similarity) == ("close:net", True, 1)


def test_a_network_without_normalization_may_be_one_with_it_folded_away() -> None:
    """The one with it is preferred where the name means that one."""
    plain = know(graph(8))
    sketch = msgspec.structs.replace(plain.sketch, exact="with", norms=1, folded=plain.sketch.folded)
    normal = msgspec.structs.replace(EIGHT, architecture="eight-bn", ref="a:eight-bn", sketch=sketch)
    folded = (" with batch normalization folded away", [normal])
    for networks, readings, told in (
        ([normal], frozenset[str](), folded),
        ([normal, EIGHT], frozenset({"eight-bn"}), folded),
        ([normal, EIGHT], frozenset({"eight"}), ("", [EIGHT])),
        ([normal, EIGHT], frozenset[str](), ("", [EIGHT])),
    ):
        near = Neighbours(graph(8), readings, Others(networks))
        assert (near.but_for, near.equal) == told
