"""Zoos publish one and the same network.

Why it matters: what is known of one holds for the others: costs, layers, and whether weights fit. Operators,
attributes, wiring and shapes are equal once exporters' accidents are gone; classes, biases and epsilons may differ.

What to do: nothing. Where accuracies differ all the same, it is training, preprocessing or evaluation.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from zoodiff.recognition.judged import partings
from zoodiff.recognition.known import Known, known
from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Study


def judge(study: Study) -> Iterator[Finding]:
    """Report, for each architecture, the models of two or more zoos whose graphs are one network."""
    parted = partings(group.architecture for group in study.shared)
    named: defaultdict[str, list[Known]] = defaultdict(list)
    for one in known():
        named[one.architecture].append(one)
    for group in study.shared:
        members = named[group.architecture]
        alike = {part.right: part.left for part in parted.get(group.architecture, ()) if not part.words}
        structure = {one.ref: one.sketch.exact for one in members}
        first = {one.sketch.exact: structure[alike[one.ref]] for one in reversed(members) if one.ref in alike}
        same: defaultdict[str, list[Known]] = defaultdict(list)
        for one in members:
            same[first.get(one.sketch.exact, one.sketch.exact)].append(one)
        for equal in same.values():
            if len({one.zoo for one in equal}) > 1:
                yield _finding(group.architecture, equal)


def _finding(architecture: str, equal: list[Known]) -> Finding:
    zoos, refs = sorted({one.zoo for one in equal}), tuple(sorted(one.ref for one in equal))
    return Finding(
        id="lineage",
        title=f"{', '.join(zoos[:-1])} and {zoos[-1]} have the same network",
        severity="info",
        confidence="high",
        architecture=architecture,
        models=refs,
        evidence={"equal_in_every_detail": len({one.sketch.exact for one in equal}) == 1},
        disproof="a difference that the normalised graphs do not show, such as one in weights",
        next_step=f"zoodiff diff {refs[0]} {refs[1]}",
    )
