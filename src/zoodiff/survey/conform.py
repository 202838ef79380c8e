"""Hold a model against its origin paper: what deviates, what the paper leaves open, and the numbers that it prints."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from zoodiff.accuracy.choice import Chosen
from zoodiff.comparison.difference import Cause, Difference
from zoodiff.comparison.difference import document as difference_document
from zoodiff.comparison.diffing import diff
from zoodiff.fault import Refusal
from zoodiff.measuring.count import Counts, count
from zoodiff.reading import names
from zoodiff.reading.paper import Blueprint, Open, Printed, blueprint, blueprints, nearest, papers
from zoodiff.reading.reference import PAPER, Network, described, find
from zoodiff.reading.validity import excused
from zoodiff.survey.told import claims_of

if TYPE_CHECKING:
    import onnx

    from zoodiff.record import Graph

FORMAT: Final = 1
CONFORMS, DEVIATES, UNDECIDED = "conforms", "deviates", "undecided"
DEVIATION, OPEN = "deviation", "open"


class Judged(msgspec.Struct, frozen=True):
    """One difference from the paper's network, and what it means."""

    cause: Cause
    standing: str
    """`deviation`; `open`: the paper does not state it; `interface` (input size, classes, last Softmax); `detail`"""
    point: Open | None = None
    """what the paper leaves open here"""


class Number(msgspec.Struct, frozen=True):
    """One number that the paper prints, beside its network's as it is counted here, and the model's."""

    metric: str
    written: str
    where: str
    protocol: str
    size: int
    """height and width of the input that it is about"""
    printed: str
    """a decimal; accuracies in per cent"""
    network: int | None
    """None for accuracies"""
    model: str | None
    """counted, or as its zoo claims it; None where there is none, or none at this size"""
    misfit: str
    """why the paper's number does not fit the paper's network; empty where it does"""


class Conformance(msgspec.Struct, frozen=True, kw_only=True):
    """How a model stands to the network of its origin paper."""

    paper: str
    """the paper's id"""
    network: str
    """`paper:NAME`: what the model was held against"""
    others: tuple[str, ...]
    """other networks that its name may mean, from which it deviates in as many ways or more"""
    verdict: str
    """`conforms`, `deviates`, or `undecided` where a part could not be compared"""
    judged: tuple[Judged, ...]
    numbers: tuple[Number, ...]
    difference: Difference
    """from the paper's network (left) to the model (right)"""

    def of(self, standing: str) -> list[Judged]:
        """The differences of one standing."""
        return [one for one in self.judged if one.standing == standing]


def conform(model: str | Path | Network | onnx.ModelProto, paper: str | None = None) -> Conformance:
    """Compare a model with its origin paper's network, built as the paper states it.

    `paper` is the name of a paper's network (`resnet50-v1`) or a paper's id (`resnet-2015`). Without it the model's
    canonical name decides; where several papers have a network of that name, the one from which the model deviates in
    the fewest ways. The network is built at the model's input size, where its paper names that size. Raises Refusal on
    an unknown model or paper, and where no paper here has a network of the model's name.
    """
    network = find(model)
    papers = _named(network, paper) if paper else _by_name(network)
    with excused(network):
        graph = network.graph()
        held = [_held(network, graph, *one) for one in papers]
    best = min(held, key=lambda one: (len(one.of(DEVIATION)), abs(one.difference.macs.delta)))
    return msgspec.structs.replace(best, others=tuple(one.network for one in held if one is not best))


def has_paper(network: Network) -> bool:
    """Whether some paper here has a network of a model's name."""
    return not _origins().isdisjoint(architectures(network))


@cache
def _origins() -> frozenset[str]:
    """The canonical names that some paper is the origin of."""
    return frozenset(name for _, told in blueprints().values() for name in told.architectures)


def architectures(network: Network) -> tuple[str, ...]:
    """The canonical name of a network, and all others that an ambiguous name may mean: these decide on its paper."""
    naming = names.canonical(network.zoo or "", network.path.stem if network.path else network.name)
    return naming.architecture, *naming.readings


def _by_name(network: Network) -> list[tuple[str, Blueprint]]:
    """The papers' networks of the model's name, each with its paper's id; of its first reading that has any."""
    for name in architectures(network):
        if found := [one for one in blueprints().values() if name in one[1].architectures]:
            return found
    name = architectures(network)[0]
    raise Refusal(f"no paper here has a network {name!r}", f"{nearest(name)}. --paper holds it against any.")


def _named(network: Network, paper: str) -> list[tuple[str, Blueprint]]:
    """The network that is asked for; of a paper with several those of the model's name, else all."""
    name = paper.removeprefix(f"{PAPER}:")
    if name not in papers() or name in blueprints():
        return [blueprints()[blueprint(name).name]]
    own = papers()[name].networks
    mine = [one for one in own if not set(one.architectures).isdisjoint(architectures(network))]
    return [(name, one) for one in mine or own]


def _held(network: Network, graph: Graph, own: str, told: Blueprint) -> Conformance:
    """The model against one network of a paper."""
    size = _size(graph, told)
    difference = diff(described(told, size), network)
    judged = tuple(_judge(cause, told, papers()[own].open) for cause in difference.differences)
    compared = not difference.not_compared and not any(difference.remainder.values())
    deviates = any(one.standing == DEVIATION for one in judged)
    return Conformance(
        paper=own,
        network=f"{PAPER}:{told.name}",
        others=(),
        verdict=DEVIATES if deviates else CONFORMS if compared else UNDECIDED,
        judged=judged,
        numbers=_numbers(network, graph, told, size),
        difference=difference,
    )


def _size(graph: Graph, told: Blueprint) -> int:
    """The size of the model's images, where it is one that the paper names; else the paper's own."""
    shapes = [value.shape or () for value in graph.inputs]
    return next((size for size in told.sizes for shape in shapes if shape.count(size) == 2), told.sizes[0])


def _judge(cause: Cause, told: Blueprint, points: tuple[Open, ...]) -> Judged:
    steps = cause.left.nodes if cause.left else ()
    change, resizes = f"{cause.op}.{cause.what}", cause.macs != 0
    point = next((one for one in points if one.touches(told.name, change, steps, resizes=resizes)), None)
    if point is not None:
        return Judged(cause, OPEN, point)
    if cause.kind == "input":
        return Judged(cause, "interface")
    return Judged(cause, DEVIATION if cause.group == "architecture" else cause.group)


# ---------------------------------------------------------------- the numbers that a paper prints


def _numbers(network: Network, graph: Graph, told: Blueprint, size: int) -> tuple[Number, ...]:
    """What the paper prints of its network at this size, else at its first."""
    if not told.printed:
        return ()
    claimed, counts = _claimed(network), count(graph)
    at_size = {printed.metric for printed in told.printed if printed.size == size}
    wanted = [p for p in told.printed if (p.size == size if p.metric in at_size else p.size is None)]
    return tuple(_number(printed, told, counts, claimed, size) for printed in wanted)


def _number(printed: Printed, told: Blueprint, counts: Counts, claimed: dict[str, str], size: int) -> Number:
    at = printed.size or told.sizes[0]
    model = claimed.get(printed.metric)
    own = None
    if printed.metric in ("macs", "params"):
        own = _counted(count(described(told, at).graph()), printed.metric)
        model = str(_counted(counts, printed.metric)) if at == size or printed.metric == "params" else None
    return Number(
        metric=printed.metric,
        written=printed.written,
        where=printed.where,
        protocol=printed.protocol,
        size=at,
        printed=f"{printed.value:f}",
        network=own,
        model=model,
        misfit=printed.misfit,
    )


def _counted(counts: Counts, metric: str) -> int:
    """A count as papers print it: parameters are those that are learned."""
    return counts.macs.value if metric == "macs" else counts.params.value - counts.statistics


def _claimed(network: Network) -> dict[str, str]:
    """The accuracies that the model's zoo claims of these weights, by metric."""
    if network.record is None:
        return {}
    [told] = claims_of(network.ref)
    return {metric: str(one.claim.value) for metric, one in told.chosen.items() if isinstance(one, Chosen)}


def document(conformance: Conformance) -> dict[str, Any]:
    """The conformance as the JSON document that `conform --json` prints: the difference, judged."""
    told = papers()[conformance.paper]
    made = difference_document(conformance.difference)
    points = [one.point and {"text": one.point.text, "choice": one.point.choice} for one in conformance.judged]
    for difference, judged, point in zip(made["differences"], conformance.judged, points, strict=True):
        difference |= {"standing": judged.standing, "open": point}
    made |= {
        "format": FORMAT,
        "kind": "conformance",
        "paper": {
            "id": conformance.paper,
            "network": conformance.network,
            "authors": told.authors,
            "title": told.title,
            "year": told.year,
            "url": told.url,
        },
        "others": list(conformance.others),
        "verdict": conformance.verdict,
        "deviations": len(conformance.of(DEVIATION)),
        "numbers": msgspec.to_builtins(conformance.numbers),
    }
    return made
