"""A verdict by the graph: what the name says against what the graph is."""

from __future__ import annotations

import msgspec
import onnx
import pytest

from madeup import tiny
from zoodiff.reading.reference import Network, find
from zoodiff.recognition.advertised import Name
from zoodiff.recognition.bygraph import ByGraph
from zoodiff.recognition.known import Known, know
from zoodiff.recognition.others import Others


def graph(channels: int) -> Network:
    return find(onnx.load_from_string(tiny(channels)))


def named(channels: int, zoo: str, architecture: str) -> Known:
    made = know(graph(channels))
    return msgspec.structs.replace(made, ref=f"{zoo}:{architecture}", zoo=zoo, architecture=architecture)


def says(*readings: str) -> Name:
    return Name(readings[0], frozenset(readings))


KNOWN = Others([named(8, "a", "eight"), named(8, "b", "eight"), named(8, "c", "small"), named(8, "c", "eight")])


@pytest.mark.parametrize(
    ("name", "verdict", "match"),
    [
        (None, "unadvertised", "eight"),
        (says("eight"), "consistent", "eight"),
        (says("net", "eight"), "consistent", "eight"),
        (says("other"), "mislabelled", "eight"),
    ],
)
def test_a_known_graph_is_judged_by_its_name(name: Name | None, verdict: str, match: str) -> None:
    judged = ByGraph(graph(8), name, KNOWN).judged
    assert judged.match is not None
    assert (judged.verdict, judged.match.architecture, judged.match.exact) == (verdict, match, True)


def test_all_names_of_a_graph_are_said() -> None:
    """Of two that as many zoos use, neither is refuted."""
    others = Others([named(8, "a", "one"), named(8, "b", "two")])
    by = ByGraph(graph(8), says("two"), others)
    assert by.judged.reason == "the graph is that of b:two, which also goes by one (a:one)"
    assert set(by.recognised().names) == {"one", "two"}
    assert [candidate.architecture for candidate in by.told().candidates] == ["two", "one"]


def test_a_graph_that_is_like_none_is_unknown() -> None:
    judged = ByGraph(graph(8), says("eight"), Others([])).judged
    assert (judged.verdict, judged.match) == ("unknown", None)
    assert judged.reason == "no known network is as much as 0.4 alike"
