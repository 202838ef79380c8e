"""A model is not the network of its origin paper.

Why it matters: the paper's accuracy, cost and name belong to the paper's network; weights do not fit from one to the
other. A deviation is a difference that the paper states otherwise: what it leaves open is none, nor are the size of the
input, the classes, biases and epsilon. A name that may mean several networks makes it less sure. `zoodiff explain
resnet-2015` shows what a paper states and leaves open.

What to do: say "based on", or name the variant. `zoodiff conform MODEL` shows each deviation and what it costs. In the
title, what is on the left is the paper's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from zoodiff.survey.conform import CONFORMS, DEVIATES
from zoodiff.survey.conforming import Held, held, remember
from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Entry, Group, Study


def judge(study: Study) -> Iterator[Finding]:
    """Report the models of each architecture that deviate from its paper, those that deviate alike together."""
    for group in study.groups:
        own = [(entry, found) for entry in group.entries if (found := _held(entry)) is not None]
        alike: defaultdict[tuple[str, tuple[str, ...]], list[tuple[Entry, Held]]] = defaultdict(list)
        for entry, found in own:
            if found.verdict == DEVIATES:
                alike[found.network, tuple(way.words for way in found.ways)].append((entry, found))
        conforming = tuple(entry.ref for entry, found in own if found.verdict == CONFORMS)
        for deviating in alike.values():
            yield _finding(group, deviating, conforming)
    remember()


def _held(entry: Entry) -> Held | None:
    return None if entry.naming.quantised else held(entry.network)


def _finding(group: Group, deviating: list[tuple[Entry, Held]], conforming: tuple[str, ...]) -> Finding:
    (first, found), *others = deviating
    verb = f"and {len(others)} more differ" if others else "differs"
    unsure = any(entry.naming.readings for entry, _ in deviating)
    costs = any(way.macs or way.params for way in found.ways)
    return Finding(
        id="differs-from-paper",
        title=f"{first.ref} {verb} from {found.network}: {'; '.join(way.words for way in found.ways)}",
        severity="medium" if costs else "low",
        confidence="medium" if unsure else "high",
        architecture=group.architecture,
        models=tuple(entry.ref for entry, _ in deviating),
        evidence={"network": found.network, "ways": msgspec.to_builtins(found.ways), "conforming": list(conforming)},
        disproof="a sentence or table of the paper that says otherwise, or that leaves it open",
        next_step=f"zoodiff conform {first.ref}",
    )
