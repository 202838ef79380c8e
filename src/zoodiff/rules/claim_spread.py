"""Accuracy claims of one architecture differ by more than chance.

Why it matters: who picks a model by its name expects one accuracy; the zoos promise several. The difference counts as
more than chance beyond the noise floor, the 95 % half-width for two independent results on 50,000 images each, which is
conservative since the images are the same. It says nothing about which claim is true.

What to do: look whether the weights, the input size or the architecture differ (`zoodiff audit NAME`), and measure.
"""

from __future__ import annotations

from collections.abc import Iterator

from zoodiff.claim import Chosen
from zoodiff.finding import Finding, Severity
from zoodiff.statistics import noise_floor
from zoodiff.study import Entry, Group, Study


def judge(study: Study) -> Iterator[Finding]:
    """Compare the highest with the lowest top-1 claim of each architecture."""
    for group in study.shared:
        best = group.by_zoo("acc@1")
        ranked = sorted(best.values(), key=lambda entry: (entry.value("acc@1") or 0, entry.ref))
        if len(ranked) > 1 and (finding := _judge_pair(group, ranked[0], ranked[-1])):
            yield finding


def _judge_pair(group: Group, low: Entry, high: Entry) -> Finding | None:
    lowest, highest = low.value("acc@1"), high.value("acc@1")
    if lowest is None or highest is None:
        return None
    spread, floor = highest - lowest, noise_floor(highest, lowest)
    if spread <= floor:
        return None
    severity: Severity = "high" if spread >= 4 * floor else "medium" if spread >= 2 * floor else "low"
    return Finding(
        id="claim-spread",
        title=f"{high.ref} claims {highest} % top-1, {low.ref} {lowest} %: {spread} points apart",
        severity=severity,
        confidence="high",
        architecture=group.architecture,
        models=(high.ref, low.ref),
        evidence={
            "spread": str(spread),
            "noise_floor": str(floor),
            "noise_assumes": "two independent results on 50,000 images each, level 0.95",
            "same_network": None if None in (low.letter, high.letter) else low.letter == high.letter,
            "claims": {entry.ref: _source(entry) for entry in (high, low)},
        },
        disproof="one of the two sources misread, or withdrawn; or the claims are about other weights",
        next_step=f"zoodiff audit {group.architecture}",
    )


def _source(entry: Entry) -> dict[str, str | None]:
    if not isinstance(entry.top1, Chosen):
        return {}
    told = entry.top1.claim
    return {"value": str(told.value), "source": str(told.source), "date": told.date, "weights": told.weights}
