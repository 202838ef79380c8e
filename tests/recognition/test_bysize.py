"""A verdict by the size of a file: too few bytes refute a name, enough of them prove nothing."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from zoodiff.fault import Refusal
from zoodiff.reading.reference import Network, find
from zoodiff.recognition.advertised import Name
from zoodiff.recognition.bysize import OVERHEAD, BySize
from zoodiff.recognition.identify import identify
from zoodiff.recognition.known import Known
from zoodiff.recognition.others import Others
from zoodiff.recognition.sketch import Sketch

SQUEEZE = Name("squeezenet-1.0", frozenset({"squeezenet-1.0"}))


def known(architecture: str, params: int, zoo: str = "keras") -> Known:
    made = Sketch(architecture, "", 0, {}, {})
    return Known(f"{zoo}:{architecture}", zoo, architecture, 10 * params, params, 4 * params, 3, made)


def file(size: int) -> Network:
    """SqueezeNet 1.0 of the ONNX zoo, of which there is no graph, with a file of so many bytes."""
    network = find("onnx:squeezenet1.0-12")
    assert network.weights is not None
    return replace(network, weights=msgspec.structs.replace(network.weights, bytes=size))


@pytest.mark.parametrize(
    ("size", "verdict", "match"),
    [
        (4000, "unknown", None),
        (3999, "mislabelled", None),
        (int(4 * 600 * (1 + OVERHEAD)), "mislabelled", "squeezenet-1.1"),
        (int(4 * 600 * (1 + OVERHEAD)) + 1, "mislabelled", None),
    ],
)
def test_a_file_must_hold_the_weights_of_its_name(size: int, verdict: str, match: str | None) -> None:
    """1000 parameters of 32 bits need 4000 bytes; those of the sibling, 600, fit a file that is hardly larger."""
    others = Others([known("squeezenet-1.0", 1000), known("squeezenet-1.1", 600), known("vgg16", 999)])
    judged = BySize(file(size), SQUEEZE, others).judged
    assert (judged.verdict, judged.match and judged.match.architecture) == (verdict, match)


def test_only_other_zoos_tell_what_weights_need() -> None:
    judged = BySize(file(100), SQUEEZE, Others([known("squeezenet-1.0", 1000, "onnx")])).judged
    assert judged.verdict == "unknown"
    assert "no other zoo has a graph of squeezenet-1.0" in judged.reason


def test_a_name_that_says_nothing_is_not_refuted() -> None:
    assert BySize(file(100), None, Others([known("vgg16", 1000)])).judged.verdict == "unadvertised"


def test_without_a_size_there_is_nothing_to_go_by() -> None:
    network = find("onnx:squeezenet1.0-12")
    assert network.weights is not None
    unsized = replace(network, weights=msgspec.structs.replace(network.weights, bytes=None))
    with pytest.raises(Refusal, match="neither a graph nor a file size"):
        BySize(unsized, SQUEEZE, Others([]))


def test_without_a_graph_the_size_of_the_file_speaks() -> None:
    """1,248,424 parameters of SqueezeNet 1.0 (its paper's 4.8 MB) need 4,993,696 bytes."""
    found = identify("onnx:squeezenet1.0-12")
    assert found.verdict == "mislabelled"
    assert found.match
    assert (found.match.architecture, found.match.exact) == ("squeezenet-1.1", False)
    assert "4,993,696" in found.reason
    assert identify("onnx:resnet50-v1-12").verdict == "unknown"
    assert identify("onnx:shufflenet-7").verdict == "unknown", "V1 by its size, and only V2 is known from elsewhere"
    assert identify("onnx:resnet50-v1-12-int8").verdict == "unknown"
