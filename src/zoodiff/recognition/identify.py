"""Name a network by its structure: which known architecture it is, whatever it is called."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from zoodiff.reading.reference import Network, find
from zoodiff.reading.validity import excused
from zoodiff.recognition.advertised import advertised
from zoodiff.recognition.bygraph import ByGraph
from zoodiff.recognition.bysize import BySize
from zoodiff.recognition.identification import Identification, Recognised
from zoodiff.recognition.others import Others, against

if TYPE_CHECKING:
    import onnx


def identify(model: str | Path | Network | onnx.ModelProto) -> Identification:
    """Tell which known architecture a network is, and whether that is what its name says.

    It is held against every network of the snapshots and of the origin papers. The advertised name is the published
    one, or the file's; a graph without a file has none. An exact match is equal structure, also with batch
    normalization folded away, or a `diff` at one input size that finds nothing but input, classes and details. Where
    one graph bears two names, a name is refuted by another that more zoos use for it, and that means other graphs more
    rarely; a network stands for no name that is refuted so. Without a graph of its own (a stand-in proves nothing) the
    published file's size is held against what each architecture's weights need. Raises Refusal on an unknown reference,
    and where there is neither graph nor size.
    """
    return _judge(find(model), against(), lambda judge: judge.told())


def recognise(network: Network, others: Others) -> Recognised:
    """Tell which known architecture a network is, as `identify` does. Raises Refusal as it does."""
    return _judge(network, others, lambda judge: judge.recognised())


Asked = TypeVar("Asked")


def _judge(network: Network, others: Others, ask: Callable[[ByGraph | BySize], Asked]) -> Asked:
    name = advertised(network, others)
    if network.record is not None and (network.weights is None or network.weights.graph is None):
        return ask(BySize(network, name, others))
    with excused(network):
        return ask(ByGraph(network, name, others))
