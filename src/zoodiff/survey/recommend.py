"""Say which model of a name to take for a need - accuracy, speed, the origin paper - with the reason and its limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Final

from zoodiff.accuracy.choice import Chosen
from zoodiff.accuracy.evidence import comparable
from zoodiff.accuracy.statistics import noise_floor
from zoodiff.measuring.measurement import Measurement
from zoodiff.record import Unmeasured
from zoodiff.survey.conform import CONFORMS, DEVIATES
from zoodiff.survey.conforming import Held, held
from zoodiff.survey.speed import Speed
from zoodiff.survey.study import Entry, Group, Study

NEEDS: Final = {
    "accuracy": "the highest accuracy",
    "speed": "the least computation",
    "paper": "the network of the paper",
}
"""Each need in words."""
_ALIKE: Final = 1.001
"""Multiply-accumulates up to this many times the fewest are as few: a class more or less is no matter."""


@dataclass(frozen=True)
class Advice:
    """The model to take for one need."""

    need: str
    """a key of `NEEDS`"""
    entry: Entry
    why: str
    """by what numbers"""
    limits: tuple[str, ...]
    """what would change it"""


def recommend(study: Study, group: Group) -> dict[str, Advice | Unmeasured]:
    """For each need one model of the name, or why none can be told.

    Left out are quantised models, and those that are other networks than their names say. Only what zoos claim and
    what graphs show is weighed, and times where the study has some: nothing was trained.
    """
    wrong = {ref for finding in study.findings if finding.id == "mislabelled" for ref in finding.models}
    fit = [entry for entry in group.entries if not entry.naming.quantised and entry.ref not in wrong]
    given: dict[str, Callable[[list[Entry]], Advice | Unmeasured]] = {
        "accuracy": _accurate,
        "speed": partial(_light, speed=study.speed),
        "paper": _faithful,
    }
    return {need: given[need](fit) for need in NEEDS}


def _claimed(entry: Entry) -> Decimal:
    return entry.value("acc@1") or Decimal(0)


# ---------------------------------------------------------------- accuracy


def _accurate(fit: list[Entry]) -> Advice | Unmeasured:
    """The highest claim of top-1 accuracy; of equal claims the one with the fewest multiply-accumulates."""
    claimed = [entry for entry in fit if entry.value("acc@1") is not None]
    if not claimed:
        return Unmeasured("no zoo claims a top-1 accuracy of a model of this name that is not quantised")
    ranked = sorted(claimed, key=lambda entry: (-_claimed(entry), entry.macs or 0, entry.ref))
    best = ranked[0]
    next_ = next((entry for entry in ranked[1:] if entry.zoo != best.zoo), None)
    why = f"claims {_claimed(best)} % top-1"
    if next_ is None:
        return Advice("accuracy", best, f"{why}; no other zoo claims one", tuple(_doubts(best)))
    apart = _claimed(best) - _claimed(next_)
    why += f", the highest of {len(claimed)} claims; the next zoo's is {next_.ref} with {_claimed(next_)} %"
    floor = noise_floor(_claimed(best), _claimed(next_))
    near = [f"{apart} points are less than chance alone may make on 50,000 images ({floor:.2f}): take either"]
    return Advice("accuracy", best, why, (*(near if apart < floor else []), *_doubts(best)))


def _doubts(entry: Entry) -> Iterator[str]:
    """What would change a choice that rests on a claim."""
    if isinstance(entry.top1, Chosen) and entry.top1.contradicted_by:
        other = entry.top1.contradicted_by[0]
        yield f"the claim is contradicted by {other.value} % in {other.source}"
    for one in comparable(entry.evidence("acc@1"))[:1]:
        yield f"of the same weights {one.measured_by} measured {one.value} %"
    yield "an accuracy that you measure on images of your own: this is a claim"


# ---------------------------------------------------------------- computation


def _light(fit: list[Entry], speed: Speed | None = None) -> Advice | Unmeasured:
    """The fewest multiply-accumulates among models with a claim, or among all where none has one."""
    counted = [entry for entry in fit if entry.macs and not entry.network.stand_in]
    trained = [entry for entry in counted if entry.value("acc@1") is not None]
    if not counted:
        return Unmeasured("no graph of this name could be counted in full")
    ranked = sorted(trained or counted, key=lambda entry: (entry.macs or 0, -_claimed(entry), entry.ref))
    fewest, most = ranked[0].macs or 1, ranked[-1]
    alike = [entry for entry in ranked if (entry.macs or 0) <= _ALIKE * fewest]
    best = min(alike, key=lambda entry: (-_claimed(entry), entry.macs or 0, entry.ref))
    why = f"{(best.macs or 0) / 1e6:,.2f} M multiply-accumulates{_at(best)}"
    if len(alike) == len(ranked) > 1:
        why += "; the others need as many, and claim no more" if trained else "; the others need as many"
    elif len(ranked) > 1:
        why += f", the fewest; {most.ref} needs {(most.macs or 0) / fewest:.3g} times as many{_at(most)}"
    limits = list(_timed(best, ranked, speed))
    if best.size != most.size:
        limits.insert(0, "another input size: the networks do not take images of one size")
    if not trained:
        limits.insert(0, "trained weights: no zoo claims an accuracy of these models")
    return Advice("speed", best, why, tuple(limits))


def _timed(best: Entry, ranked: list[Entry], speed: Speed | None) -> Iterator[str]:
    """How the times that were measured agree with the least computation."""
    took = {entry.ref: point for entry in ranked if speed and (point := speed.of(entry.network.ref))}
    if speed and best.ref in took:
        own, where = took[best.ref].milliseconds, f"on {speed.bench.machine.cpu}"
        fastest = min(took, key=lambda ref: took[ref].milliseconds)
        if fastest == best.ref:
            yield f"another machine: {where} it took {own:.3g} ms, the least of {len(took)} that were timed"
        else:
            yield f"{where} {fastest} was faster: {took[fastest].milliseconds:.3g} ms, this one took {own:.3g}"
    else:
        yield "a latency measured on your machine: multiply-accumulates are no time"


def _at(entry: Entry) -> str:
    return f" at {entry.size} x {entry.size}" if entry.size else ""


# ---------------------------------------------------------------- the origin paper


def _faithful(fit: list[Entry]) -> Advice | Unmeasured:
    """The highest claim among the graphs that conform to the paper; where none does, the fewest deviations."""
    graphs = [entry for entry in fit if isinstance(entry.measurement, Measurement) and not entry.network.stand_in]
    told = [(entry, found) for entry in graphs if (found := held(entry.network)) is not None]
    decided = [(entry, found) for entry, found in told if found.verdict in (CONFORMS, DEVIATES)]
    if not decided:
        return Unmeasured(
            "whether a graph conforms to the paper could not be decided"
            if told
            else "no origin paper is known to zoodiff for this name (zoodiff list papers)"
        )
    best, found = min(decided, key=lambda one: (len(one[1].ways), _gap(one[1]), -_claimed(one[0]), one[0].ref))
    conforming = sum(1 for _, one in decided if one.verdict == CONFORMS)
    if conforming:
        why = f"its graph is {found.network}, as {conforming} of {len(decided)} are"
        more = " and its claim is the highest of them" if conforming > 1 and best.value("acc@1") is not None else ""
        return Advice(
            "paper", best, why + more, ("a need of the paper's weights too: zoos train by recipes of their own",)
        )
    ways = "; ".join(way.words for way in found.ways)
    return Advice("paper", best, f"none conforms; it deviates least from {found.network}: {ways}", (_OTHER_READING,))


_OTHER_READING: Final = "a sentence or table of the paper that states it otherwise"


def _gap(found: Held) -> int:
    return sum(abs(way.macs) for way in found.ways)
