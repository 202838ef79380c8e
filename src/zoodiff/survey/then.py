"""The zoos as the study of 2022 took them: one model of each zoo an architecture, with the claims of a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

import msgspec

from zoodiff.fault import Refusal
from zoodiff.measuring.batch import Progress
from zoodiff.measuring.measurement import Measurement
from zoodiff.record import Claim, Unmeasured
from zoodiff.survey.compare import audit, dated
from zoodiff.survey.original import combinations, members, original, ties
from zoodiff.survey.study import Entry, Group, Study
from zoodiff.survey.tables import Ties

Counts = dict[str, dict[str, Decimal]]
"""By architecture and zoo what was counted; a zoo whose model cannot be counted is left out."""


class Between(msgspec.Struct, frozen=True):
    """A number of which only bounds are known."""

    low: Decimal
    high: Decimal
    why: str


class Answer(msgspec.Struct, frozen=True):
    """What a unit of the room `statements` finds."""

    ours: dict[str, Any]
    """by the statement's names: decimals, integers, yes or no; Between or Unmeasured where a number is not known"""
    why: str
    """a sentence: why the numbers are what they are, and where they are others than those printed, why"""
    evidence: dict[str, Any]


@dataclass(frozen=True)
class Then:
    """The models that are compared, with the claims in force on a day, and which zoos of a tie count."""

    as_of: str | None
    """None is today"""
    study: Study
    """a group for each architecture, in it one entry a zoo"""
    ties: Ties

    @cached_property
    def entries(self) -> dict[str, dict[str, Entry]]:
        """By architecture and zoo the model that stands for it."""
        return {group.architecture: {entry.zoo: entry for entry in group.entries} for group in self.study.groups}

    @property
    def zoos(self) -> tuple[str, ...]:
        """The zoos in the order of the study's tables."""
        return tuple(snapshot.zoo for snapshot in self.study.snapshots)

    def claims(self, metric: str) -> dict[str, dict[str, Decimal]]:
        """What each zoo claims, of the architectures of which two zoos or more claim it."""
        found = {
            architecture: {zoo: value for zoo, entry in own.items() if (value := entry.value(metric)) is not None}
            for architecture, own in self.entries.items()
        }
        return {architecture: values for architecture, values in found.items() if len(values) > 1}

    def spreads(self, metric: str) -> dict[str, Decimal]:
        """Highest minus lowest claim, in percentage points, widest first."""
        found = {name: max(values.values()) - min(values.values()) for name, values in self.claims(metric).items()}
        return dict(sorted(found.items(), key=lambda row: (-row[1], row[0])))

    def counts(self, convention: str | None = None) -> Counts:
        """What each model costs by one convention, or by the study's tool for its zoo; stand-in graphs included."""
        found: Counts = {}
        for architecture, own in self.entries.items():
            counted = {zoo: counted_by(entry, convention or original().tools[zoo]) for zoo, entry in own.items()}
            found[architecture] = {zoo: value for zoo, value in counted.items() if isinstance(value, Decimal)}
        return found

    def uncounted(self, convention: str | None = None) -> dict[str, str]:
        """The models that cannot be counted, by reference, with the reason."""
        asked = [(entry, counted_by(entry, convention or original().tools[entry.zoo])) for entry in self.study.entries]
        return {entry.ref: value.reason for entry, value in asked if isinstance(value, Unmeasured)}


def counted_by(entry: Entry, tool: str) -> Decimal | Unmeasured:
    """What a convention says of a model; `NAME/2` is half of it."""
    if isinstance(entry.measurement, Unmeasured):
        return entry.measurement
    name, _, half = tool.partition("/")
    said = entry.measurement.conventions[name]
    return said if isinstance(said, Unmeasured) else Decimal(said) / int(half or 1)


def source(entry: Entry, metric: str) -> dict[str, Any]:
    """A claim with where it was read, for evidence."""
    chosen = entry.top1 if metric == "acc@1" else entry.top5
    if isinstance(chosen, Unmeasured):
        return {"ref": entry.ref, "value": None, "why": chosen.reason}
    told: Claim = chosen.claim
    return {"ref": entry.ref, "value": told.value, "as_written": told.as_written, "source": str(told.source)}


def costs(entry: Entry) -> dict[str, Any]:
    """What a model costs by its zoo's tool and in one convention, for evidence."""
    tool = original().tools[entry.zoo]
    if not isinstance(entry.measurement, Measurement):
        return {"ref": entry.ref, "why": entry.measurement.reason}
    said = counted_by(entry, tool)
    return {
        "ref": entry.ref,
        "tool": tool,
        "said": said if isinstance(said, Decimal) else said.reason,
        "macs": entry.macs,
        "input_size": entry.size,
        "stand_in": entry.network.stand_in,
    }


# ---------------------------------------------------------------- the models


class Models:
    """All models that any option takes, measured once; `then` picks those of some options and dates their claims."""

    def __init__(self, study: Study, entries: Mapping[str, Entry] | None = None) -> None:
        self.study = study
        self.entries = entries or {entry.ref: entry for entry in study.entries}
        self._dated: dict[tuple[str, str], Entry] = {}

    def then(self, as_of: str | None, chosen: Mapping[str, str] | None = None) -> Then:
        """The study of 2022 with the claims of a day or, without one, of today, under some options.

        The options are those of `original.members`.
        """
        groups = tuple(
            Group(architecture, tuple(self._at(f"{zoo}:{name}", as_of) for zoo, name in models.items()))
            for architecture, models in members(chosen).items()
        )
        return Then(as_of, replace(self.study, groups=groups, as_of=as_of, findings=()), ties(chosen))

    def changed(self, ref: str, **fields: Any) -> Models:
        """The same models, one of them with another network, measurement or claims (fields of `study.Entry`)."""
        return Models(self.study, {**self.entries, ref: replace(self.entries[ref], **fields)})

    def _at(self, ref: str, as_of: str | None) -> Entry:
        if as_of is None:
            return self.entries[ref]
        key = ref, as_of
        if key not in self._dated:
            self._dated[key] = dated(self.entries[ref], as_of)
        return self._dated[key]


def gather(progress: Progress | None = None) -> Models:
    """Measure every model that any option takes. Raises Refusal where the snapshots lack one of them."""
    lists = [members(chosen) for chosen in combinations()]
    names = sorted({architecture for models in lists for architecture in models})
    found = Models(audit(names, tuple(original().tools), progress=progress))
    wanted = {f"{zoo}:{name}" for models in lists for own in models.values() for zoo, name in own.items()}
    if missing := sorted(wanted - set(found.entries)):
        hint = "Bundled snapshots have them: set your own aside, or gather the zoo whole."
        raise Refusal(f"the snapshots lack models that the study compared: {', '.join(missing)}", hint)
    return found
