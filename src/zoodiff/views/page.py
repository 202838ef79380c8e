"""index.html: the whole study on one page that opens from a file, without a network, server or script."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import msgspec

from zoodiff import __version__, stated
from zoodiff.claim import Chosen
from zoodiff.finding import SEVERITIES, Finding
from zoodiff.judged import apart
from zoodiff.record import Unmeasured
from zoodiff.screen import dims, millions
from zoodiff.study import Entry, Group, Study
from zoodiff.tables import METRICS, matches, table1, top_mac_ratios, top_spreads
from zoodiff.views import _site, _words, figures

REPRODUCTION = "reproduction.html"
"""What `reproduce --out` writes into the same folder."""


def write(study: Study, folder: Path) -> list[Path]:
    """Write `index.html`, which shows the figures of the same folder, and leads to what else is there."""
    path = folder / "index.html"
    path.write_text(render(study, reproduced=(folder / REPRODUCTION).is_file()), encoding="utf-8")
    return [path]


def render(study: Study, *, reproduced: bool = False) -> str:
    """The page as text; whatever zoos and files say is escaped. `reproduced`: the 2022 study's page is beside it."""
    environment = _site.environment()
    environment.filters |= {"percent": _percent, "millions": millions, "anchor": _anchor}
    numbered = list(enumerate(study.findings, start=1))
    return environment.get_template("index.html").render(
        study=study,
        reproduction=REPRODUCTION if reproduced else "",
        tool=__version__,
        headlines=list(_headlines(study)),
        severities=[(severity, [(n, f) for n, f in numbered if f.severity == severity]) for severity in SEVERITIES],
        evidence={n: msgspec.to_builtins(finding.evidence, str_keys=True) for n, finding in numbered},
        metrics=METRICS,
        ranks=list(zip(*(table1(study, metric) for metric in METRICS), strict=True)),
        figures=[] if figures.missing() else figures.figures(study),
        no_figures=figures.missing(),
        figures_folder=figures.FOLDER,
        overview=[_overview_row(group, study.findings) for group in study.shared],
        # the architectures asked for, else those that two or more zoos have
        sections=[_section(group, numbered) for group in (study.groups if study.asked else study.shared)],
        alone=[] if study.asked else [group for group in study.groups if len(group.zoos) == 1],
        matches=matches(study),
        names=[(_words.STATES[row.states], row) for row in stated.counted(study)],
    )


def _headlines(study: Study) -> Iterator[tuple[str, str]]:
    """The few numbers that say what was found, each with its words."""
    yield str(len(study.shared)), f"names are shared by two or more of {len(study.snapshots)} zoos"
    told = [group for group in study.shared if len({e.zoo for e in group.entries if e.letter}) > 1]
    several = sum(1 for group in told if len(group.letters) > 1)
    yield f"{several} of {len(told)}", "names whose graphs can be compared stand for different networks"
    if wrong := [finding for finding in study.findings if finding.id == "mislabelled"]:
        yield str(len(wrong)), f"models are other networks than their names say: {wrong[-1].title}"
    for spread in top_spreads(study, "acc@1", most=1):
        low, high = spread.points[0], spread.points[-1]
        words = f"points apart is the claimed top-1 accuracy of {spread.architecture}:"
        yield str(spread.spread), f"{words} {low[1]} % in {low[0].zoo}, {high[1]} % in {high[0].zoo}"
    for ratio in top_mac_ratios(study, most=1):
        few, many = ratio.points[0][0], ratio.points[-1][0]
        yield f"{float(ratio.ratio):.3g} ×", f"the computation: {many.ref} against {few.ref}, under one name"


def _overview_row(group: Group, findings: tuple[Finding, ...]) -> dict[str, Any]:
    claimed = [value for entry in group.by_zoo("acc@1").values() if (value := entry.value("acc@1")) is not None]
    own = [finding.severity for finding in findings if finding.architecture == group.architecture]
    return {
        "group": group,
        "graphs": _graphs(group),
        "lowest": min(claimed, default=None),
        "highest": max(claimed, default=None),
        "top1": group.spread("acc@1"),
        "top5": group.spread("acc@5"),
        "ratio": None if group.macs_ratio is None else float(group.macs_ratio),
        "severities": [(severity, own.count(severity)) for severity in SEVERITIES if severity in own],
    }


def _section(group: Group, numbered: list[tuple[int, Finding]]) -> dict[str, Any]:
    entries = sorted(group.entries, key=lambda entry: (entry.letter or "~", entry.zoo, entry.network.name))
    return {
        "group": group,
        "graphs": _graphs(group),
        "apart": apart(group.architecture),
        "entries": [_model(entry) for entry in entries],
        "findings": [(n, finding) for n, finding in numbered if finding.architecture == group.architecture],
    }


def _graphs(group: Group) -> int:
    return sum(1 for entry in group.entries if entry.letter)


def _model(entry: Entry) -> dict[str, Any]:
    return {
        "entry": entry,
        "claims": [("top-1", _claim(entry.top1)), ("top-5", _claim(entry.top5))],
        "input": _input(entry),
        "preprocessing": _words.preprocessing(entry),
        "others": _words.others(entry),
    }


def _claim(chosen: Chosen | Unmeasured) -> dict[str, Any]:
    if isinstance(chosen, Unmeasured):
        return {"value": None, "why": chosen.reason}
    return {"value": chosen.claim.value, "claim": chosen.claim, "why": chosen.why, "against": chosen.contradicted_by}


def _input(entry: Entry) -> str:
    if isinstance(entry.measurement, Unmeasured):
        return str(entry.size or "?")
    return ", ".join(dims(shape) for shape in entry.measurement.input.values())


def _percent(share: Fraction | Unmeasured) -> str:
    return "–" if isinstance(share, Unmeasured) else f"{float(100 * share):.0f} %"


def _anchor(architecture: str) -> str:
    """The id of an architecture's section: any name, as letters that ids and links both may hold."""
    return "a-" + "".join(c if c.isascii() and (c.isalnum() or c in "-.") else f"_{ord(c):x}_" for c in architecture)
