"""Models of each architecture, with letters that say which of them are the same network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace

from zoodiff.measuring.measurement import Measurement
from zoodiff.measuring.memory import Memory
from zoodiff.measuring.remember import Asked, measure_all
from zoodiff.survey.study import Entry, Group


def groups(entries: list[Entry], memory: Memory, executor: Executor | None) -> tuple[Group, ...]:
    """Group by architecture, and give the models of each letters: the same for the same network.

    Networks are compared at one input size, the commonest of their group.
    """
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(entry.naming.architecture, []).append(entry)
    resized = [asked for several in by_name.values() for asked in _at_common_size(several)]
    prints = {
        network.ref: found.fingerprint
        for (network, _), found in zip(resized, measure_all(resized, memory, executor), strict=True)
        if isinstance(found, Measurement)
    }
    return tuple(Group(name, _lettered(several, prints)) for name, several in sorted(by_name.items()))


def _at_common_size(group: Sequence[Entry]) -> Iterator[Asked]:
    """What to measure to compare a group's entries at its commonest input size, where they have another."""
    sizes = Counter(size for entry in group if (size := entry.size))
    common = max(sorted(sizes), key=sizes.__getitem__, default=None)
    for entry in group:
        if not isinstance(entry.measurement, Measurement) or entry.size in (None, common) or common is None:
            continue
        (name, shape), *_ = entry.measurement.input.items()
        channels_last = shape[3] in (1, 3)
        yield (
            entry.network,
            {name: (shape[0], common, common, shape[3]) if channels_last else (*shape[:2], common, common)},
        )


def _lettered(entries: list[Entry], resized: Mapping[str, str | None]) -> tuple[Entry, ...]:
    own = [entry.measurement.fingerprint if isinstance(entry.measurement, Measurement) else None for entry in entries]
    prints = [resized.get(entry.network.ref, print_) for entry, print_ in zip(entries, own, strict=True)]
    commonest_first = Counter(p for p in prints if p is not None).most_common()  # of equal counts the first
    letters = {p: _letter(index) for index, (p, _) in enumerate(commonest_first)}
    return tuple(replace(e, letter=letters.get(p) if p else None) for e, p in zip(entries, prints, strict=True))


def _letter(index: int) -> str:
    return chr(ord("A") + index) if index < 26 else f"{_letter(index // 26 - 1)}{_letter(index % 26)}"
