"""Accuracy claims of one architecture differ by more than chance.

Why it matters: who picks a model by its name expects one accuracy; the zoos promise several. The difference counts as
more than chance beyond the noise floor. Where it is published how both networks answered each image, that is the 95 %
half-width by these pairs; else that for two independent results on 50,000 images each, which is conservative, since the
images are the same and networks err together. What else could make it, each source with its size and where that is
known from: training anew, preparing images otherwise, another machine. Beyond all of them together it is grave; beyond
each of them, but not together, of medium weight; else the title says which of them may explain it. Claims about the
same weights are a class of their own, without sampling and training between them. It says nothing about which claim is
true.

What to do: look whether the weights, the input size or the architecture differ (`zoodiff audit NAME`), and measure.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations

import msgspec

from zoodiff.accuracy import evidence, noise
from zoodiff.accuracy.choice import Chosen
from zoodiff.accuracy.evidence import Answers
from zoodiff.accuracy.statistics import noise_floor
from zoodiff.survey.finding import Finding, Severity
from zoodiff.survey.study import Entry, Group, Study


def judge(study: Study) -> Iterator[Finding]:
    """Compare the highest with the lowest top-1 claim of each architecture, and those whose answers are published."""
    for group in study.shared:
        best = group.by_zoo("acc@1")
        ranked = sorted(best.values(), key=lambda entry: (entry.value("acc@1") or 0, entry.ref))
        for low, high in combinations(ranked, 2):
            extremes = (low, high) == (ranked[0], ranked[-1])
            if (extremes or _answers(high, low)) and (finding := _judge_pair(group, low, high)):
                yield finding


def _judge_pair(group: Group, low: Entry, high: Entry) -> Finding | None:
    lowest, highest = low.value("acc@1"), high.value("acc@1")
    if lowest is None or highest is None:
        return None
    spread = highest - lowest
    answers = _answers(high, low)
    sources = noise.between(highest, lowest, (high.weights, low.weights), answers)
    if spread <= next((one.points for one in sources if one.source == "sampling"), noise.EQUAL):
        return None
    beyond = noise.exceeded(spread, sources)
    severity, words = _weighed(spread, sources, beyond)
    return Finding(
        id="claim-spread",
        title=f"{high.ref} claims {highest} % top-1, {low.ref} {lowest} %: {spread} points apart, {words}",
        severity=severity,
        confidence="high",
        architecture=group.architecture,
        models=(high.ref, low.ref),
        evidence={
            "spread": str(spread),
            "noise_floor": str(noise_floor(highest, lowest)),
            "paired": None if answers is None else msgspec.to_builtins(answers),
            "noise": [
                {"source": one.source, "points": str(one.points), "exceeded": one.source in beyond, "basis": one.basis}
                for one in sources
            ],
            "noise_together": str(noise.together(sources)),
            "same_weights": noise.same_checkpoint(high.weights, low.weights),
            "same_network": None if None in (low.letter, high.letter) else low.letter == high.letter,
            "claims": {entry.ref: _source(entry) for entry in (high, low)},
        },
        disproof="one of the two sources misread, or withdrawn; or the claims are about other weights",
        next_step=f"zoodiff audit {group.architecture}",
    )


def _weighed(spread: Decimal, sources: tuple[noise.Noise, ...], beyond: tuple[str, ...]) -> tuple[Severity, str]:
    """How grave a spread is, and in words what of the noise it exceeds."""
    if spread > noise.together(sources):
        return "high", "more than all noise together"
    within = [one.source for one in sources if one.source not in beyond]
    if not within:
        return "medium", "more than any one source of noise"
    return "low", f"which {' or '.join(within)} may explain"


def _answers(high: Entry, low: Entry) -> Answers | None:
    """How the weights that the two claims are about answered the same images, where that is published."""
    named = []
    for entry in (high, low):
        told = entry.top1.claim.weights if isinstance(entry.top1, Chosen) else None
        if entry.weights is None or told not in (None, entry.weights.id):
            return None
        named.append((entry.zoo, entry.network.name, entry.weights.id))
    return evidence.answers(named[0], named[1])


def _source(entry: Entry) -> dict[str, str | None]:
    if not isinstance(entry.top1, Chosen):
        return {}
    told = entry.top1.claim
    return {"value": str(told.value), "source": str(told.source), "date": told.date, "weights": told.weights}
