"""The 2022 study's statements, table and figures beside today's, as a page with figures, tables and JSON."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from zoodiff import disk
from zoodiff.comparison.diffing import diff
from zoodiff.showing.screen import millions
from zoodiff.survey.availability import Availability, availability
from zoodiff.survey.changes import changes, fates
from zoodiff.survey.editions import table_1
from zoodiff.survey.original import members, original
from zoodiff.survey.reproduce import Reproduction, document
from zoodiff.survey.tables import METRICS
from zoodiff.survey.then import Then
from zoodiff.views import _site, diff_svg, figures
from zoodiff.views._figure import Figure
from zoodiff.views._site import REPRODUCTION

DATA, FIGURE_4 = "reproduction.json", "figure-4"
BY_TOOL = "FLOPs relative to the fewest, each zoo by the study's tool for it"
BY_MACS = "multiply-accumulates relative to the fewest, in one convention"


def publish(found: Reproduction, folder: Path) -> list[Path]:
    """Write the page, `reproduction.json`, three tables as CSV and, where they can be drawn, the figures.

    A folder without a report gets an `index.html` that leads to the page.
    """
    shared = availability(found.as_of)
    drawn = list(_figures(found))
    paths = [
        _text(folder / DATA, json.dumps(document(found), ensure_ascii=False, indent=1) + "\n"),
        _rows(folder / "table-1.csv", [msgspec.to_builtins(cell) for cell in table_1(found.then, found.today)]),
        _rows(folder / "claims.csv", [msgspec.to_builtins(one) for one in changes(found.then, found.today)]),
        _rows(folder / "availability.csv", _available(shared)),
        _text(folder / f"{FIGURE_4}.svg", _figure_4(found)),
        *(path for figure in drawn for path in figures.save(figure, folder)),
    ]
    paths += [_site.asset(folder, name) for name in ("page.css", "page.js")]
    if not (folder / "index.html").is_file():
        paths.append(_site.page(folder, "index.html", "alone.html"))
    return [_page(found, shared, drawn, folder), *paths]


def _page(found: Reproduction, shared: Availability, drawn: list[Figure], folder: Path) -> Path:
    told = changes(found.then, found.today)
    return _site.page(
        folder,
        REPRODUCTION,
        REPRODUCTION,
        printed=original(),
        found=found,
        table=table_1(found.then, found.today),
        changes=[one for one in told if one.fate != "standing"],
        fates=fates(told),
        shared=shared,
        available=_available(shared),
        figures=drawn,
        no_figures=figures.missing(),
        figure_4=FIGURE_4,
        stand_ins=sorted({f"{e.ref} by {e.network.stand_in}" for e in found.then.study.entries if e.network.stand_in}),
        questions={name: choice.question for name, choice in original().choice.items()},
    )


def _available(shared: Availability) -> list[dict[str, str]]:
    """A row for each architecture that two or more zoos have: where each has it."""
    return [
        {
            "architecture": name,
            "in the study": "yes" if name in members() else "",
            **{zoo: own.get(name, "") for zoo, own in shared.have.items()},
        }
        for name in shared.shared
    ]


# ---------------------------------------------------------------- figures


def _figures(found: Reproduction) -> list[Figure]:
    """Figure 2 then and today, Figure 3 by the study's tools and in one convention; nothing where none can be drawn."""
    if figures.missing():
        return []
    made = [
        figure and replace(figure, name=f"figure-2-{name}")
        for name, when in (("then", found.then), ("today", found.today))
        for figure in [figures.spreads(when.study, METRICS[0], "top-1")]
    ]
    made += [
        _ratios(found.then, "figure-3-by-the-tools", "Figure 3, counted as the study did", BY_TOOL, None),
        _ratios(found.then, "figure-3-in-one-convention", "Figure 3, counted alike", BY_MACS, "macs"),
    ]
    return [figure for figure in made if figure]


def _ratios(then: Then, name: str, title: str, axis: str, convention: str | None) -> Figure:
    """The ten architectures with the largest ratio of what their models cost."""
    counts = {row: values for row, values in then.counts(convention).items() if len(values) > 1}
    ratios = {row: max(values.values()) / min(values.values()) for row, values in counts.items()}
    widest = sorted(ratios, key=lambda row: (-ratios[row], row))[:10]
    points: list[dict[str, Any]] = [
        {"row": row, "zoo": zoo, "x": float(value / min(counts[row].values()))}
        for row in widest
        for zoo, value in counts[row].items()
    ]
    labels = [
        {
            "row": row,
            "label": f"+{100 * (ratios[row] - 1):.1f} %",
            "detail": f"{millions(int(min(counts[row].values())))} … {millions(int(max(counts[row].values())))}",
        }
        for row in widest
    ]
    words = "; ".join(f"{label['row']} {label['label']} ({label['detail']})" for label in labels)
    return Figure(name, title, f"{title}: {words}.", lambda: figures.dots(then.study, title, axis, points, labels))


def _figure_4(found: Reproduction) -> str:
    """ResNet V2 50 of ONNX beside that of Keras."""
    models = found.then.entries["resnet50-v2"]
    return diff_svg.draw(diff(models["onnx"].network, models["keras"].network))


# ---------------------------------------------------------------- files


def _text(path: Path, text: str) -> Path:
    with disk.whole(path) as staging:
        staging.write_text(text, encoding="utf-8")
    return path


def _rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
