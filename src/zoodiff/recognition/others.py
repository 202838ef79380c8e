"""Index the known networks that others are held against: those whose names are not refuted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from zoodiff.reading.entries import Entry
from zoodiff.reading.paper import papers
from zoodiff.recognition.known import Known, known, newest, on_paper


class Others:
    """The networks that others are held against: those of snapshots and papers whose names are not refuted."""

    def __init__(self, networks: Sequence[Known]) -> None:
        self.networks = _trusted(networks)
        self.zoos: dict[str, set[str]] = {}
        """by architecture"""
        self.exact: dict[str, list[Known]] = {}
        self.folded: dict[str, list[Known]] = {}
        """by the hash of the structure that is left without its normalizations; only such as have any"""
        for one in self.networks:
            self.zoos.setdefault(one.architecture, set()).add(one.zoo)
            self.exact.setdefault(one.sketch.exact, []).append(one)
            if one.sketch.norms:
                self.folded.setdefault(one.sketch.folded, []).append(one)
        self.distinct = distinct(self.networks)
        self._beside: dict[str, list[Known]] = {}

    def beside(self, zoo: str) -> list[Known]:
        """Those of other zoos."""
        if zoo not in self._beside:
            self._beside[zoo] = distinct(one for one in self.networks if one.zoo != zoo)
        return self._beside[zoo]


def distinct(networks: Iterable[Known]) -> list[Known]:
    """The first of those that nothing tells apart but their zoos' and models' names."""
    found: dict[tuple[object, ...], Known] = {}
    for one in networks:
        found.setdefault((one.architecture, one.sketch.exact, one.macs, one.params, one.least_bytes), one)
    return list(found.values())


def against() -> Others:
    """What networks are held against now."""
    return _others(newest(), tuple(papers()))


@cache
def _others(_snapshots: tuple[Entry, ...], _papers: tuple[str, ...]) -> Others:
    """What networks are held against, while snapshots and papers are these."""
    return Others((*known(), *on_paper()))


def _trusted(networks: Sequence[Known]) -> tuple[Known, ...]:
    """The networks whose names are not refuted: see `identify`."""
    bearers: dict[str, set[str]] = {}
    alike: dict[str, dict[str, set[str]]] = {}
    for one in networks:
        bearers.setdefault(one.architecture, set()).add(one.zoo)
        alike.setdefault(one.sketch.exact, {}).setdefault(one.architecture, set()).add(one.zoo)

    def refuted(names: dict[str, set[str]]) -> set[str]:
        use = {name: (len(zoos), len(zoos) / len(bearers[name])) for name, zoos in names.items()}
        return {
            name
            for name, (mine, share) in use.items()
            if any(many > mine and part > share for many, part in use.values())
        }

    wrong = {exact: refuted(names) for exact, names in alike.items()}
    return tuple(one for one in networks if one.architecture not in wrong[one.sketch.exact])
