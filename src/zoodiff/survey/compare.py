"""Gather all models under their architectures, measure them, tell which are the same network, and apply the rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace

from zoodiff import unit
from zoodiff.accuracy import claim, evidence
from zoodiff.accuracy.choice import choose
from zoodiff.fault import Refusal
from zoodiff.measuring import batch
from zoodiff.measuring.batch import Progress, workers
from zoodiff.measuring.measurement import Measurement, named
from zoodiff.measuring.memory import Memory
from zoodiff.reading import names
from zoodiff.reading.names import Naming
from zoodiff.reading.reference import Inputs, Network, find, published, snapshot, zoos
from zoodiff.record import Snapshot, Unmeasured
from zoodiff.survey import speed
from zoodiff.survey.finding import ordered
from zoodiff.survey.speed import Speed
from zoodiff.survey.study import Entry, Group, Study
from zoodiff.survey.told import Told
from zoodiff.timing import latency
from zoodiff.timing.latency import Bench


def audit(
    architectures: Sequence[str] = (),
    zoo_ids: Sequence[str] = (),
    as_of: str | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    times: Bench | None = None,
) -> Study:
    """Compare all models of the snapshots, or those of the architectures asked for, and apply every rule.

    `as_of` (YYYY-MM-DD) takes the claims that were in force on that day. Graphs are measured by `executor`; without
    one, by a process a core where there are many. `times` of a bench are held against what the models compute; without
    them, those that come with zoodiff. Raises Refusal on an unknown zoo or name, and where `times` has none of them.
    """
    chosen = _zoos(zoo_ids)
    snapshots = tuple(snapshot(zoo) for zoo in chosen)
    wanted, note = _wanted(architectures, snapshots)
    models = [
        (published(records, model, model.chosen()), naming)
        for records in snapshots
        for model in records
        for naming in [names.canonical(records.zoo, model.name)]
        if not wanted or naming.architecture in wanted
    ]
    memory = Memory()
    unknown = {key for network, _ in models if (key := memory.key(network, None)) and key not in memory.known}
    with workers(executor, len(unknown)) as executors:
        measured = _measure_all([(network, None) for network, _ in models], memory, executors, progress)
        entries = [
            _entry(network, naming, measurement, as_of)
            for (network, naming), measurement in zip(models, measured, strict=True)
        ]
        groups = _groups(entries, memory, executors)
    memory.save()
    timed = _speed(groups, times or latency.bundled())
    if times and timed is None:
        raise Refusal(
            "the bench has times of none of these models at their own input size",
            f"It has: {', '.join(one.ref for one in times.models[:5])}. Make one with: zoodiff bench MODEL... --out F",
        )
    study = Study(snapshots, groups, as_of, tuple(sorted(wanted)), note, speed=timed)
    return _judged(study)


def _speed(groups: Iterable[Group], times: Bench) -> Speed | None:
    """What was measured of them; None where nothing was."""
    counted = [
        (entry.network.ref, group.architecture, entry.macs, entry.measurement.input)
        for group in groups
        for entry in group.entries
        if entry.macs and isinstance(entry.measurement, Measurement) and not entry.network.stand_in
    ]
    found = speed.weigh(counted, times)
    return found if found.points else None


def claims_of(text: str, as_of: str | None = None) -> list[Told]:
    """Every claim about a model (`ZOO:MODEL[/WEIGHTS]`) or about all models of an architecture, with the evidence.

    Raises Refusal on an unknown model, weights or architecture.
    """
    if ":" in text:
        networks = [find(text)]
        asked = "/" in text
    else:
        wanted, _ = _wanted([text], [snapshot(zoo) for zoo in zoos()])
        networks = [
            published(records, model, model.chosen())
            for records in map(snapshot, zoos())
            for model in records
            if names.canonical(records.zoo, model.name).architecture in wanted
        ]
        asked = False
    return [_told(network, as_of, asked=asked) for network in networks]


def _told(network: Network, as_of: str | None, *, asked: bool) -> Told:
    if network.record is None or network.zoo is None:
        raise Refusal(f"{network.ref!r} is in no snapshot: no zoo claims anything of it", "See: zoodiff list models")
    claims = claim.of(network.record, network.zoo)
    weights = network.weights.id if network.weights and (asked or not as_of) else None
    about = [weights] if asked else [one.id for one in network.record.weights]
    return Told(
        ref=network.ref,
        architecture=names.canonical(network.zoo, network.name).architecture,
        claims=claims,
        chosen={metric: choose(claims, metric, weights, as_of) for metric in ("acc@1", "acc@5")},
        evidence=tuple(one for id_ in about for one in evidence.of(network.zoo, network.name, id_)),
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


def _entry(network: Network, naming: Naming, measurement: Measurement | Unmeasured, as_of: str | None) -> Entry:
    if network.record is None or network.zoo is None:
        raise ValueError(f"{network.ref} is not a published model")
    claims = claim.of(network.record, network.zoo)
    identity = network.weights.id if network.weights and not as_of else None
    return Entry(
        network=network,
        naming=naming,
        record=network.record,
        weights=network.weights,
        claims=claims,
        top1=choose(claims, "acc@1", identity, as_of),
        top5=choose(claims, "acc@5", identity, as_of),
        measurement=measurement,
    )


def dated(entry: Entry, as_of: str) -> Entry:
    """The same model with the claims that were in force on that day."""
    top1, top5 = (choose(entry.claims, metric, None, as_of) for metric in ("acc@1", "acc@5"))
    return replace(entry, top1=top1, top5=top5)


# ---------------------------------------------------------------- measuring many

Asked = tuple[Network, Inputs | None]


def _measure_all(
    asked: Sequence[Asked], memory: Memory, executor: Executor | None, progress: Progress | None = None
) -> list[Measurement | Unmeasured]:
    """Measure what is not remembered, each graph once, and remember it."""
    found: list[Measurement | Unmeasured | None] = [memory.get(*one) for one in asked]
    missing: dict[str, list[int]] = {}
    for at, result in enumerate(found):
        if result is None:
            missing.setdefault(memory.key(*asked[at]), []).append(at)
    alone = missing.pop("", [])  # without a graph that others may have: in all likelihood without any
    count, done = sum(map(len, missing.values())) + len(alone), 0

    def keep(places: Sequence[int], results: Iterable[Measurement | Refusal]) -> None:
        nonlocal done
        for at, result in zip(places, results, strict=True):
            if isinstance(result, Measurement):
                memory.add(*asked[at], result)
            found[at] = result if isinstance(result, Measurement) else Unmeasured(result.message)
            done += 1
            if progress:
                progress(done, count, asked[at][0].ref)

    firsts = batch.measured([asked[places[0]] for places in missing.values()], executor)
    for places, first in zip(missing.values(), firsts, strict=True):
        keep(places, [_told_of(asked[at][0], first, asked[places[0]][0]) for at in places])
    keep(alone, batch.measured([asked[at] for at in alone]))
    return [result for result in found if result is not None]


def _told_of(network: Network, result: Measurement | Refusal, other: Network) -> Measurement | Refusal:
    """What was found of another network with the same graph, in this one's name."""
    if isinstance(result, Measurement):
        return named(result, network)
    return Refusal(result.message.replace(other.ref, network.ref), result.hint)


# ---------------------------------------------------------------- grouping


def _groups(entries: list[Entry], memory: Memory, executor: Executor | None) -> tuple[Group, ...]:
    """Group by architecture, and give the models of each letters: the same for the same network.

    Networks are compared at one input size, the commonest of their group.
    """
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        by_name.setdefault(entry.naming.architecture, []).append(entry)
    resized = [asked for several in by_name.values() for asked in _at_common_size(several)]
    prints = {
        network.ref: found.fingerprint
        for (network, _), found in zip(resized, _measure_all(resized, memory, executor), strict=True)
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


def _judged(study: Study) -> Study:
    found = [finding for rule in unit.units("rules").values() for finding in rule.judge(study)]
    return replace(study, findings=ordered(found))
