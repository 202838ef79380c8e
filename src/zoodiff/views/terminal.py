"""Terminal: the whole study on a few screens, or one architecture on one."""

from __future__ import annotations

from collections.abc import Iterator

from zoodiff.claim import Chosen
from zoodiff.compare import Entry, Group, Study
from zoodiff.finding import Finding
from zoodiff.measurement import Measurement
from zoodiff.record import Preprocessing, Unmeasured
from zoodiff.screen import console, table

_MARKS = {"high": "!!", "medium": "! ", "low": "- ", "info": "  "}
_STYLES = {"high": "bold red", "medium": "yellow", "low": "", "info": "dim"}


def show(study: Study) -> None:
    """Print the study: one screen an architecture where some were asked for, else the overview."""
    if study.note:
        console().print(study.note, style="yellow")
    if study.asked:
        for group in study.groups:
            _show_group(group, [f for f in study.findings if f.architecture == group.architecture])
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
    for entry in sorted(group.entries, key=lambda e: (e.letter or "~", e.zoo, e.network.name)):
        rows.add_row(*_row(entry))
    out.print(rows)
    for note in _notes(group):
        out.print(note)
    out.print()
    for finding in findings:
        _show_finding(finding)
    out.print("Each model's claims with their sources: zoodiff claims ZOO:MODEL\n")


def _same(group: Group) -> str:
    if not group.letters:
        return "No graph of it is to be had: nothing can be said of which are the same network."
    own = _count(len(group.letters), "different network")
    return f"{own} under this name (letter: equal letters are the same network by counts and shapes)."


def _row(entry: Entry) -> tuple[str, ...]:
    star = "*" if entry.network.stand_in else ""
    return (
        f"{entry.letter or '?'}{star}",
        entry.ref,
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


def _notes(group: Group) -> Iterator[str]:
    """What the table leaves out: weights and dates behind claims, preprocessing, stand-ins, graphs that are missing."""
    for entry in sorted(group.entries, key=lambda e: (e.letter or "~", e.zoo, e.network.name)):
        said = [part for part in (_weights(entry), _date(entry), _others(entry), _preprocessing(entry)) if part]
        if said:
            yield f"  {entry.ref}: {'; '.join(said)}"
        if entry.network.stand_in:
            yield f"    * stand-in graph of {entry.network.stand_in}: {entry.record.stand_in_reason}"
        elif isinstance(entry.measurement, Unmeasured):
            yield f"    ? {entry.measurement.reason}"
        elif isinstance(entry.measurement, Measurement) and not entry.measurement.counts.complete:
            yield f"    ? not all of it could be counted: zoodiff measure {entry.ref}"


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


def _others(entry: Entry) -> str:
    """The zoo's other weights of the model, with what it claims of them."""
    own = entry.weights.id if entry.weights else None
    seen: dict[str, str] = {}
    for told in entry.record.claims:
        if told.metric == "acc@1" and told.weights and told.weights != own:
            seen[told.weights] = str(told.value)
    return "also " + ", ".join(f"{name} {value} %" for name, value in seen.items()) if seen else ""


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


def _show_finding(finding: Finding) -> None:
    style = _STYLES[finding.severity]
    console().print(f"{_MARKS[finding.severity]} {finding.title}", style=style)
    console().print(f"     {finding.id}, confidence {finding.confidence}. Disproof: {finding.disproof}.", style="dim")
    console().print(f"     Next: {finding.next_step}", style="dim")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
