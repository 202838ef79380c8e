"""Put the models of one name side by side: claims, counts, input sizes, and which of them are the same network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from zoodiff import claim, names, unit
from zoodiff.claim import Chosen
from zoodiff.fault import Refusal
from zoodiff.finding import Finding, ordered
from zoodiff.measurement import Measurement, measure
from zoodiff.names import Naming
from zoodiff.record import Claim, Model, Snapshot, Unmeasured, Weights
from zoodiff.reference import Inputs, Network, find, snapshot, zoos

Progress = Callable[[int, int, str], None]
"""Told how many models are done, of how many, and the one at hand."""


@dataclass(frozen=True)
class Told:
    """All that a zoo claims of one model, and what tables use of it."""

    ref: str
    architecture: str
    claims: tuple[Claim, ...]
    chosen: dict[str, Chosen | Unmeasured]
    """by metric"""


@dataclass(frozen=True)
class Entry:
    """One model of the study: what its zoo claims of it, and what was measured."""

    network: Network
    naming: Naming
    record: Model
    weights: Weights | None
    claims: tuple[Claim, ...]
    top1: Chosen | Unmeasured
    top5: Chosen | Unmeasured
    measurement: Measurement | Unmeasured
    letter: str | None = None
    """shared by the models of one architecture that are the same network; None where there is no graph to tell by"""

    @property
    def ref(self) -> str:
        """The reference without weights: how the model is named in tables."""
        return f"{self.zoo}:{self.network.name}"

    @property
    def zoo(self) -> str:
        """The id of its zoo."""
        return self.network.zoo or ""

    @property
    def size(self) -> int | None:
        """Height of the input image as the graph has it, or as the record states it; None where neither is known."""
        shape = self.weights.input_shape if self.weights else None
        if isinstance(self.measurement, Measurement) and self.measurement.input:
            shape = next(iter(self.measurement.input.values()))
        if shape is None or len(shape) != 4:
            return None
        return shape[1] if shape[3] in (1, 3) else shape[2]

    @property
    def macs(self) -> int | None:
        """Multiply-accumulates at its own input size; None where they are not known in full."""
        whole = isinstance(self.measurement, Measurement) and self.measurement.counts.complete
        return self.measurement.counts.macs.value if whole and isinstance(self.measurement, Measurement) else None

    @property
    def params(self) -> int | None:
        """Parameters of the graph; None where there is no graph."""
        return self.measurement.counts.params.value if isinstance(self.measurement, Measurement) else None

    @property
    def unknown(self) -> str:
        """Why its multiply-accumulates and its letter are not known; empty where they are."""
        if isinstance(self.measurement, Unmeasured):
            return self.measurement.reason
        left = "; ".join(f"{left.count} {left.op}: {left.reason}" for left in self.measurement.counts.uncounted)
        return f"not all operators could be counted: {left}" if left else ""

    def value(self, metric: str) -> Decimal | None:
        """The claim that tables use for `acc@1` or `acc@5`; None where there is none."""
        chosen = self.top1 if metric == "acc@1" else self.top5
        return chosen.claim.value if isinstance(chosen, Chosen) else None


@dataclass(frozen=True)
class Group:
    """All models that bear one architecture's name."""

    architecture: str
    entries: tuple[Entry, ...]

    @cached_property
    def zoos(self) -> tuple[str, ...]:
        """The zoos that have it."""
        return tuple(sorted({entry.zoo for entry in self.entries}))

    def by_zoo(self, metric: str) -> dict[str, Entry]:
        """Of each zoo the one model that tables compare: not quantised, and with the highest claim of the metric.

        A zoo that has several models of one name is taken at its best; of equal claims the last by name (the newest
        file).
        """
        best: dict[str, Entry] = {}
        for entry in sorted(self.entries, key=lambda e: e.network.name):
            value = entry.value(metric)
            if value is None or entry.naming.quantised:
                continue
            known = best[entry.zoo].value(metric) if entry.zoo in best else None
            if known is None or value >= known:
                best[entry.zoo] = entry
        return best

    def spread(self, metric: str) -> Decimal | None:
        """Highest minus lowest claim over the zoos, in percentage points; None with fewer than two claims."""
        values = [value for entry in self.by_zoo(metric).values() if (value := entry.value(metric)) is not None]
        return max(values) - min(values) if len(values) > 1 else None

    @cached_property
    def counted(self) -> tuple[Entry, ...]:
        """The models whose MACs are compared: not quantised, counted in full, on graphs of their own zoo."""
        return tuple(e for e in self.entries if e.macs and not e.naming.quantised and not e.network.stand_in)

    @cached_property
    def macs_ratio(self) -> Fraction | None:
        """Most over fewest MACs, each at its own input size; None where fewer than two zoos could be counted."""
        if len({entry.zoo for entry in self.counted}) < 2:
            return None
        values = [entry.macs for entry in self.counted if entry.macs]
        return Fraction(max(values), min(values))

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """The different networks under this name, as far as graphs tell."""
        return tuple(sorted({entry.letter for entry in self.entries if entry.letter}))


@dataclass(frozen=True)
class Study:
    """The whole comparison: what zoos there are, their models by architecture, and what the rules found."""

    snapshots: tuple[Snapshot, ...]
    groups: tuple[Group, ...]
    as_of: str | None = None
    asked: tuple[str, ...] = ()
    """the architectures that were asked for; empty where all were"""
    note: str = ""
    """what is to be said about the question (an ambiguous name)"""
    findings: tuple[Finding, ...] = field(default=())

    @property
    def shared(self) -> tuple[Group, ...]:
        """The architectures that two or more zoos have."""
        return tuple(group for group in self.groups if len(group.zoos) > 1)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All models, by architecture."""
        return tuple(entry for group in self.groups for entry in group.entries)


def audit(
    architectures: Sequence[str] = (),
    zoo_ids: Sequence[str] = (),
    as_of: str | None = None,
    progress: Progress | None = None,
) -> Study:
    """Compare all models of the snapshots, or those of the architectures asked for, and apply every rule.

    `as_of` (YYYY-MM-DD) takes the claims that were in force on that day. Raises Refusal on an unknown zoo or name.
    """
    chosen = _zoos(zoo_ids)
    snapshots = tuple(snapshot(zoo) for zoo in chosen)
    wanted, note = _wanted(architectures, snapshots)
    named = [(s.zoo, model, names.canonical(s.zoo, model.name)) for s in snapshots for model in s]
    if wanted:
        named = [row for row in named if row[2].architecture in wanted]
    entries = []
    for done, (zoo, model, naming) in enumerate(named):
        if progress:
            progress(done, len(named), f"{zoo}:{model.name}")
        entries.append(_entry(zoo, model, naming, as_of))
    study = Study(snapshots, _groups(entries), as_of, tuple(wanted), note)
    return _judged(study)


def claims_of(text: str, as_of: str | None = None) -> list[Told]:
    """Every claim about a model (`ZOO:MODEL[/WEIGHTS]`) or about all models of an architecture.

    Raises Refusal on an unknown model, weights or architecture.
    """
    if ":" in text:
        networks = [find(text)]
        asked = "/" in text
    else:
        wanted, _ = _wanted([text], [snapshot(zoo) for zoo in zoos()])
        named = [(s.zoo, m) for s in map(snapshot, zoos()) for m in s]
        networks = [find(f"{z}:{m.name}") for z, m in named if names.canonical(z, m.name).architecture in wanted]
        asked = False
    return [_told(network, as_of, asked=asked) for network in networks]


def _told(network: Network, as_of: str | None, *, asked: bool) -> Told:
    if network.record is None or network.zoo is None:
        raise Refusal(f"{network.ref!r} is a file: nobody claims anything of it", "See: zoodiff list models")
    claims = claim.of(network.record, network.zoo)
    weights = network.weights.id if network.weights and (asked or not as_of) else None
    return Told(
        ref=network.ref,
        architecture=names.canonical(network.zoo, network.name).architecture,
        claims=claims,
        chosen={metric: claim.choose(claims, metric, weights, as_of) for metric in ("acc@1", "acc@5")},
    )


def _zoos(asked: Sequence[str]) -> tuple[str, ...]:
    unknown = [zoo for zoo in asked if zoo not in zoos()]
    if unknown:
        raise Refusal(f"there is no snapshot of a zoo {unknown[0]!r}", f"There are: {', '.join(zoos()) or 'none'}")
    if not zoos():
        raise Refusal("there is no snapshot of any zoo", "Make one with: zoodiff gather keras")
    return tuple(asked) or zoos()


def _wanted(texts: Sequence[str], snapshots: Iterable[Snapshot]) -> tuple[set[str], str]:
    if not texts:
        return set(), ""
    known = sorted({names.canonical(s.zoo, model.name).architecture for s in snapshots for model in s})
    found = [names.resolve(text, known) for text in texts]
    notes = [resolution.note for resolution in found if resolution.note]
    return {architecture for resolution in found for architecture in resolution.architectures}, " ".join(notes)


def _entry(zoo: str, model: Model, naming: Naming, as_of: str | None) -> Entry:
    weights = model.chosen()
    network = find(f"{zoo}:{model.name}")
    claims = claim.of(model, zoo)
    identity = weights.id if weights and not as_of else None
    return Entry(
        network=network,
        naming=naming,
        record=model,
        weights=weights,
        claims=claims,
        top1=claim.choose(claims, "acc@1", identity, as_of),
        top5=claim.choose(claims, "acc@5", identity, as_of),
        measurement=_measured(network),
    )


def _measured(network: Network, inputs: Inputs | None = None) -> Measurement | Unmeasured:
    try:
        return measure(network, inputs)
    except Refusal as refusal:
        return Unmeasured(refusal.message)


def _groups(entries: list[Entry]) -> tuple[Group, ...]:
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(entry.naming.architecture, []).append(entry)
    return tuple(Group(name, _lettered(several)) for name, several in sorted(by_name.items()))


def _lettered(entries: list[Entry]) -> tuple[Entry, ...]:
    """Give each model a letter: the same for the same network. Sizes differ, so all are taken at the commonest one."""
    from dataclasses import replace

    sizes = [entry.size for entry in entries if entry.size]
    common = max(sorted(set(sizes)), key=sizes.count) if sizes else None
    prints = [_print(entry, common) for entry in entries]
    commonest_first = sorted({p for p in prints if p is not None}, key=lambda p: (-prints.count(p), prints.index(p)))
    letters = {p: _letter(index) for index, p in enumerate(commonest_first)}
    return tuple(replace(e, letter=letters.get(p) if p else None) for e, p in zip(entries, prints, strict=True))


def _letter(index: int) -> str:
    return chr(ord("A") + index) if index < 26 else f"{_letter(index // 26 - 1)}{_letter(index % 26)}"


def _print(entry: Entry, size: int | None) -> str | None:
    """The fingerprint at a common input size; at the model's own where it cannot take that one."""
    if not isinstance(entry.measurement, Measurement):
        return None
    if size is None or entry.size in (None, size):
        return entry.measurement.fingerprint
    (name, shape), *_ = entry.measurement.input.items()
    other = (shape[0], size, size, shape[3]) if shape[3] in (1, 3) else (shape[0], shape[1], size, size)
    there = _measured(entry.network, {name: other})
    return there.fingerprint if isinstance(there, Measurement) else entry.measurement.fingerprint


def _judged(study: Study) -> Study:
    from dataclasses import replace

    found = [finding for rule in unit.units("rules").values() for finding in rule.judge(study)]
    return replace(study, findings=ordered(found))
