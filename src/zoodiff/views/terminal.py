"""Terminal: the whole study on a few screens, or one architecture on one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from zoodiff.accuracy.choice import Chosen
from zoodiff.recognition.judged import apart
from zoodiff.record import Preprocessing, Unmeasured
from zoodiff.showing.screen import console, table
from zoodiff.survey import stated, tables
from zoodiff.survey.finding import SEVERITIES, Finding
from zoodiff.survey.speed import FAR, Speed
from zoodiff.survey.study import Entry, Group, Study
from zoodiff.views import _words

_MOST_FINDINGS = 12
_MARKS = {"high": "!!", "medium": "! ", "low": "- ", "info": "  "}
_STYLES = {"high": "bold red", "medium": "yellow", "low": "", "info": "dim"}


def show(study: Study) -> None:
    """Print the study: one screen an architecture where some were asked for, else the overview."""
    if study.note:
        console().print(study.note, style="yellow")
    if study.asked:
        for group in study.groups:
            _show_group(group, [f for f in study.findings if f.architecture == group.architecture])
        if study.speed:
            _show_speed(study.speed)
    else:
        _show_overview(study)


# ---------------------------------------------------------------- one architecture


def _show_group(group: Group, findings: list[Finding]) -> None:
    out = console()
    out.print(
        f"{group.architecture}: {_count(len(group.entries), 'model')} in {_count(len(group.zoos), 'zoo')}", style="bold"
    )
    out.print(_same(group))
    rows = table(
        ("", "left"), ("model", "left"), ("top-1 %", "right"), ("top-5 %", "right"), ("MACs M", "right"),
        ("params M", "right"), ("input", "right"),
    )  # fmt: skip
    bundles = _bundles(group)
    for bundle in bundles:
        rows.add_row(*_row(bundle[0], _named(bundle)))
    out.print(rows)
    for bundle in bundles:
        for note in _notes(bundle[0], _named(bundle)):
            out.print(note)
    for line in _apart(group):
        out.print(line)
    out.print()
    for finding in findings:
        out.print(f"{_MARKS[finding.severity]} {finding.title}  [{finding.id}]", style=_STYLES[finding.severity])
    out.print(
        "\nWhat a finding means and would disprove it: zoodiff explain ID. Every claim: zoodiff claims ZOO:MODEL\n"
    )


def _apart(group: Group) -> Iterator[str]:
    """What tells the networks of one name apart, at one input size."""
    commonest, others = apart(group.architecture)
    if others:
        yield f"\nWhat differs (the left is {commonest}):"
    for refs, words in others:
        more = f"; {len(words) - _WORDS} more: zoodiff diff {commonest} {refs[0]}" if len(words) > _WORDS else ""
        yield f"  {', '.join(refs)}: {'; '.join(words[:_WORDS])}{more}"


_WORDS = 3
"""How many differences are told before the reader is sent to `diff`."""


def _bundles(group: Group) -> list[list[Entry]]:
    """The entries in the order of the table; those of one zoo that read the same share a row."""
    found: dict[tuple[object, ...], list[Entry]] = {}
    for entry in sorted(
        group.entries, key=lambda e: (e.letter or "~", e.zoo, e.value("acc@1") is None, e.network.name)
    ):
        found.setdefault((entry.zoo, *_row(entry, "")), []).append(entry)
    return list(found.values())


def _named(bundle: list[Entry]) -> str:
    return bundle[0].ref if len(bundle) == 1 else f"{bundle[0].ref} and {len(bundle) - 1} more"


def _same(group: Group) -> str:
    if not group.letters:
        return "No graph of it is to be had: nothing can be said of which are the same network."
    own = _count(len(group.letters), "different network")
    return f"{own} under this name (letter: equal letters are the same network by counts and shapes)."


def _row(entry: Entry, name: str) -> tuple[str, ...]:
    star = "*" if entry.network.stand_in else ""
    return (
        f"{entry.letter or '?'}{star}",
        name,
        _claimed(entry, "acc@1"),
        _claimed(entry, "acc@5"),
        _millions(entry.macs),
        _millions(entry.params),
        str(entry.size or "?"),
    )


def _claimed(entry: Entry, metric: str) -> str:
    chosen = entry.top1 if metric == "acc@1" else entry.top5
    return str(chosen.claim.value) if isinstance(chosen, Chosen) else "-"


def _millions(value: int | None) -> str:
    return "?" if value is None else f"{value / 1e6:,.2f}"


def _notes(entry: Entry, name: str) -> Iterator[str]:
    """What the table leaves out: weights and dates behind claims, preprocessing, stand-ins, graphs that are missing."""
    others = _words.others(entry)
    also = f"also {others}" if others else ""
    parts = (_weights(entry), _date(entry), _words.evidence(entry), also, _preprocessing(entry))
    said = [part for part in parts if part]
    if said:
        yield f"  {name}: {'; '.join(said)}"
    if entry.network.stand_in:
        yield f"    * its own file cannot be had: the graph is that of {entry.network.stand_in}"
    elif isinstance(entry.measurement, Unmeasured):
        yield f"    ? no graph: {_first_clause(entry)}"
    elif not entry.measurement.counts.complete:
        yield f"    ? not all of it could be counted: zoodiff measure {entry.ref}"


def _first_clause(entry: Entry) -> str:
    missing = entry.record.graph_missing
    return missing.reason.partition(" (")[0][:90] if missing else "the zoo hands over none"


def _weights(entry: Entry) -> str:
    return f"weights {entry.weights.id}" if entry.weights else ""


def _date(entry: Entry) -> str:
    if not isinstance(entry.top1, Chosen):
        return "no top-1 claim"
    told = entry.top1.claim
    when = told.date or (
        f"{told.not_before or '?'} to {told.not_after or '?'}" if entry.top1.dated == "bounds" else None
    )
    return f"claim dated {when}" if when else "claim of unknown date"


def _preprocessing(entry: Entry) -> str:
    steps = entry.weights.preprocessing if entry.weights else None
    if not isinstance(steps, Preprocessing):
        return "preprocessing not stated" if steps else ""
    parts = [
        f"resize {'x'.join(map(str, steps.resize))}" if steps.resize else "",
        f"crop {'x'.join(map(str, steps.crop))}" if steps.crop else "",
        f"central {steps.crop_fraction:g}" if steps.crop_fraction else "",
        steps.interpolation or "",
        steps.channel_order or "",
        f"range {steps.scale[0]:g}..{steps.scale[1]:g}" if steps.scale else "",
        "mean/std" if steps.std else "mean" if steps.mean else "",
        f"in the graph: {steps.in_graph}" if steps.in_graph else "",
        "class 0 is background" if steps.label_offset else "",
    ]
    return ", ".join(part for part in parts if part)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


# ---------------------------------------------------------------- the overview


def _show_overview(study: Study) -> None:
    out = console()
    out.print("Same name, same network?", style="bold")
    for snapshot in study.snapshots:
        out.print(
            f"  {snapshot.zoo} {snapshot.version}: {_count(len(snapshot.models), 'model')}, as of {snapshot.as_of}"
        )
    if study.as_of:
        out.print(f"  claims in force on {study.as_of}")
    out.print(f"\n{_headline(study)}\n")
    _show_table1(study)
    _show_spreads(study)
    _show_ratios(study)
    _show_networks(study)
    _show_names(study)
    if study.speed:
        _show_speed(study.speed)
    _show_findings(study)


def _headline(study: Study) -> str:
    shared = study.shared
    several = [group for group in shared if len(group.letters) > 1]
    widest = tables.top_spreads(study, "acc@1", 1)
    said = (
        f"{len(shared)} architectures are in two or more zoos; {len(several)} of these names cover different networks."
    )
    if wrong := [finding for finding in study.findings if finding.id == "mislabelled"]:
        said += f" {_count(len(wrong), 'model')} of other networks than the name says: {wrong[-1].title}."
    if widest:
        said += f" Claims of top-1 accuracy are up to {widest[0].spread} points apart ({widest[0].architecture})."
    return said


def _show_table1(study: Study) -> None:
    """How often each zoo is highest and lowest: the paper's Table 1, with multiply-accumulates beside accuracies."""
    metrics = (("acc@1", "top-1"), ("acc@5", "top-5"), ("macs", "MACs"))
    rows = table(("zoo", "left"), *((f"{label}\nhigh/low %", "right") for _, label in metrics), ("compared", "right"))
    ranked = {metric: {rank.zoo: rank for rank in tables.table1(study, metric)} for metric, _ in metrics}
    for zoo in ranked["acc@1"]:
        ranks = [ranked[metric][zoo] for metric, _ in metrics]
        cells = [f"{_percent(rank.highest_share)}/{_percent(rank.lowest_share)}" for rank in ranks]
        rows.add_row(zoo, *cells, ", ".join(str(rank.models) for rank in ranks))
    console().print("How often each zoo's model is the highest or the lowest of its name (ties count for each)")
    console().print(rows)


def _percent(share: Fraction | Unmeasured) -> str:
    return "-" if isinstance(share, Unmeasured) else f"{float(100 * share):.0f}"


def _show_spreads(study: Study) -> None:
    rows = table(("architecture", "left"), ("points", "right"), ("claims of top-1 %, by zoo", "left"))
    for spread in tables.top_spreads(study, "acc@1"):
        points = "  ".join(f"{entry.zoo} {value}" for entry, value in reversed(spread.points))
        rows.add_row(spread.architecture, str(spread.spread), points)
    console().print("Widest spreads of claimed top-1 accuracy (one model a zoo, not quantised)")
    console().print(rows)


def _show_ratios(study: Study) -> None:
    rows = table(("architecture", "left"), ("ratio", "right"), ("millions of MACs @ input", "left"))
    for ratio in tables.top_mac_ratios(study):
        points = "  ".join(f"{_short(entry)} {macs / 1e6:,.0f}@{entry.size}" for entry, macs in reversed(ratio.points))
        rows.add_row(ratio.architecture, f"{float(ratio.ratio):.2f}", points)
    console().print("Largest ratios of computation (each at its own input size, one convention)")
    console().print(rows)


def _show_networks(study: Study) -> None:
    rows = table(
        ("architecture", "left"), ("networks", "right"), ("who sells which (equal letter: same network)", "left")
    )
    for group in study.shared:
        if len(group.letters) > 1:
            sold = {letter: [_short(e) for e in group.counted if e.letter == letter] for letter in group.letters}
            told = "  ".join(f"{letter}: {', '.join(refs)}" for letter, refs in sold.items() if refs)
            rows.add_row(group.architecture, str(len(group.letters)), told)
    if rows.row_count:
        console().print("One name, several networks")
        console().print(rows)


def _show_names(study: Study) -> None:
    """What the published names state, and whether the graphs are that."""
    rows = table(
        ("a name states", "left"), ("names", "right"), ("the graph is it", "right"), ("is not", "right"),
        ("no paper or graph tells", "right"),
    )  # fmt: skip
    for row in stated.counted(study):
        rows.add_row(_words.STATES[row.states], *map(str, (row.names, row.holds, row.fails, row.unknown)))
    if rows.row_count:
        console().print("What names state (quantised models left out): zoodiff explain naming")
        console().print(rows)


def _short(entry: Entry) -> str:
    """The reference, or the zoo alone where the model's name says no more than the architecture's does."""
    plain = "".join(filter(str.isalnum, entry.network.name.lower()))
    name = "".join(filter(str.isalnum, entry.naming.architecture))
    return entry.zoo if plain == name or f"{plain}v1" == name else entry.ref


def _show_speed(speed: Speed) -> None:
    """Whether fewer multiply-accumulates mean less time, on which machine, and where not."""
    out, bench = console(), speed.bench
    out.print(
        f"Cost against time: {_count(len(speed.points), 'model')} on {bench.machine.cpu}, onnxruntime "
        f"{bench.machine.onnxruntime}, {_count(bench.settings.threads, 'thread')}"
    )
    if bench.busy:
        out.print("  The machine was busy with other work: times are longer than on a quiet one.", style="yellow")
    rho, bounds = speed.correlation, speed.interval
    if isinstance(rho, Unmeasured):
        out.print(f"  no rank correlation: {rho.reason}")
    else:
        between = "" if isinstance(bounds, Unmeasured) else f" ({bounds.low:.3f} to {bounds.high:.3f})"
        out.print(f"  Spearman's rank correlation of multiply-accumulates and time: {rho:.3f}{between}")
    rows = table(("model", "left"), ("MACs M", "right"), ("median ms", "right"), ("GMAC/s", "right"), ("", "left"))
    for point in speed.outliers[:_MOST_OUTLIERS] if len(speed.points) > _MOST_OUTLIERS else speed.points:
        word = "slower than most" if point.score > 0 else "faster than most"
        said = word if abs(point.score) >= FAR else ""
        rows.add_row(point.ref, _millions(point.macs), f"{point.milliseconds:,.2f}", f"{point.rate:.1f}", said)
    if rows.row_count:
        out.print(rows)
    out.print()


_MOST_OUTLIERS = 10


def _show_findings(study: Study) -> None:
    counts = {severity: sum(f.severity == severity for f in study.findings) for severity in SEVERITIES}
    said = ", ".join(f"{number} {severity}" for severity, number in counts.items() if number)
    console().print(f"Findings: {said or 'none'}. The gravest:", style="bold")
    for finding in study.findings[:_MOST_FINDINGS]:
        console().print(f"{_MARKS[finding.severity]} {finding.title}", style=_STYLES[finding.severity])
    without = sum(isinstance(entry.measurement, Unmeasured) for entry in study.entries)
    console().print(
        f"\n{_count(without, 'model')} without a graph: the reasons are in the files and in `zoodiff list models`."
    )
    console().print("One architecture on one screen: zoodiff audit resnet50. All findings as files: --out report.")
