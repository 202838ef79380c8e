"""What a survey is asked for: zoos by their ids, architectures by any of their names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from zoodiff.fault import Refusal
from zoodiff.reading import names
from zoodiff.reading.reference import zoos
from zoodiff.record import Snapshot


def chosen_zoos(asked: Sequence[str]) -> tuple[str, ...]:
    """The zoos that are asked for; all that have a snapshot where none is. Raises Refusal on one that has none."""
    unknown = [zoo for zoo in asked if zoo not in zoos()]
    if unknown:
        raise Refusal(f"there is no snapshot of a zoo {unknown[0]!r}", f"There are: {', '.join(zoos()) or 'none'}")
    if not zoos():
        raise Refusal("there is no snapshot of any zoo", "Make one with: zoodiff gather keras")
    return tuple(asked) or zoos()


def architectures(texts: Sequence[str], snapshots: Iterable[Snapshot]) -> tuple[set[str], str]:
    """The architectures that names mean, and a note on how they were read. Raises Refusal on an unknown name."""
    if not texts:
        return set(), ""
    known = sorted({names.canonical(s.zoo, model.name).architecture for s in snapshots for model in s})
    found = [names.resolve(text, known) for text in texts]
    notes = [resolution.note for resolution in found if resolution.note]
    return {architecture for resolution in found for architecture in resolution.architectures}, " ".join(notes)
