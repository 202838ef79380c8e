"""Gather all models under their architectures, measure them, tell which are the same network, and apply the rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import replace

from zoodiff import unit
from zoodiff.accuracy import claim
from zoodiff.accuracy.choice import choose
from zoodiff.fault import Refusal
from zoodiff.measuring.batch import Progress, workers
from zoodiff.measuring.measurement import Measurement
from zoodiff.measuring.memory import Memory
from zoodiff.measuring.remember import measure_all
from zoodiff.reading import names
from zoodiff.reading.names import Naming
from zoodiff.reading.reference import Network, published, snapshot
from zoodiff.record import Unmeasured
from zoodiff.survey import asked, lettering, speed
from zoodiff.survey.finding import ordered
from zoodiff.survey.speed import Speed
from zoodiff.survey.study import Entry, Group, Study
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
    chosen = asked.chosen_zoos(zoo_ids)
    snapshots = tuple(snapshot(zoo) for zoo in chosen)
    wanted, note = asked.architectures(architectures, snapshots)
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
        measured = measure_all([(network, None) for network, _ in models], memory, executors, progress)
        entries = [
            _entry(network, naming, measurement, as_of)
            for (network, naming), measurement in zip(models, measured, strict=True)
        ]
        groups = lettering.groups(entries, memory, executors)
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


def _judged(study: Study) -> Study:
    found = [finding for rule in unit.units("rules").values() for finding in rule.judge(study)]
    return replace(study, findings=ordered(found))
