"""figures.html, figures/*.svg and *.png: spreads of accuracy and cost, all models, chance, cost against time."""

from __future__ import annotations

import struct
import zlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoodiff import disk
from zoodiff.record import Unmeasured
from zoodiff.showing.screen import millions
from zoodiff.survey.study import Entry, Group, Study
from zoodiff.survey.tables import top_mac_ratios, top_spreads
from zoodiff.views import _charts, _noise
from zoodiff.views._figure import INK, PALE, WIDTH, Figure, by_zoo, finished

if TYPE_CHECKING:
    import altair as alt

FOLDER = "figures"
NAMES = ("top1-spreads", "top5-spreads", "mac-ratios", "overview", "noise", "cost-and-time")
"""Files that this view makes, without their suffix."""

_ROW = 34
_LABEL = WIDTH + 12
"""where the labels beside the plot begin"""


def missing() -> str:
    """Why no figures can be drawn, and what to install; empty where they can."""
    absent = [package for package, module in _NEEDS.items() if find_spec(module) is None]
    return f"no figures: {' and '.join(absent)} not installed (pip install 'zoodiff[figures]')" if absent else ""


_NEEDS = {"altair": "altair", "vl-convert-python": "vl_convert"}


def write(study: Study, folder: Path) -> list[Path]:
    """Write every figure of which there are data, as SVG and PNG, and the page; only the page where `missing` says why.

    Figures of an earlier study that this one has no data for are removed.
    """
    if missing():
        return _charts.page(study, folder, [], FOLDER, missing())
    drawn = {figure.name: figure for figure in figures(study)}
    paths = []
    (folder / FOLDER).mkdir(exist_ok=True)
    for name in NAMES:
        svg, png = (folder / FOLDER / f"{name}.{suffix}" for suffix in ("svg", "png"))
        if name not in drawn:
            svg.unlink(missing_ok=True)
            png.unlink(missing_ok=True)
            continue
        paths += save(drawn[name], folder / FOLDER)
    return paths + _charts.page(study, folder, list(drawn.values()), FOLDER, "")


def save(figure: Figure, folder: Path) -> list[Path]:
    """Draw a figure as SVG and PNG."""
    import vl_convert

    vector, pixels = (folder / f"{figure.name}.{suffix}" for suffix in ("svg", "png"))
    drawn = svg(figure)
    with disk.whole(vector) as staging:
        staging.write_text(drawn, encoding="utf-8")
    with disk.whole(pixels) as staging:
        staging.write_bytes(_squeezed(vl_convert.svg_to_png(drawn, scale=2)))
    return [vector, pixels]


def svg(figure: Figure) -> str:
    """Draw a figure as the text of an SVG file."""
    import altair as alt
    import vl_convert

    drawn: str = vl_convert.vegalite_to_svg(figure.spec, vl_version=".".join(alt.SCHEMA_VERSION.split(".")[:2]))
    return drawn


def _squeezed(png: bytes) -> bytes:
    """The same PNG, its rows compressed as far as zlib does: a third as large (PNG specification, section 5.3)."""
    chunks, at = [], 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        chunks.append((png[at + 4 : at + 8], png[at + 8 : at + 8 + length]))
        at += length + 12
    rows = zlib.compress(zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT")), 9)
    first = next(place for place, (kind, _) in enumerate(chunks) if kind == b"IDAT")
    chunks = [chunk for chunk in chunks if chunk[0] != b"IDAT"]
    chunks.insert(first, (b"IDAT", rows))
    made = [struct.pack(">I", len(d)) + kind + d + struct.pack(">I", zlib.crc32(kind + d)) for kind, d in chunks]
    return png[:8] + b"".join(made)


def figures(study: Study) -> list[Figure]:
    """The figures of which the study has data; nothing is drawn yet."""
    found = [spreads(study, "acc@1", "top-1"), spreads(study, "acc@5", "top-5"), _ratios(study)]
    found += [_overview(study), _noise.figure(study), _cost_and_time(study)]
    return [figure for figure in found if figure is not None]


# ---------------------------------------------------------------- one row an architecture


def spreads(study: Study, metric: str, name: str) -> Figure | None:
    """The widest spreads of claimed accuracy; None where no two zoos claim it."""
    rows = top_spreads(study, metric)
    if not rows:
        return None
    points = [
        {"row": row.architecture, "zoo": entry.zoo, "x": float(value), "model": entry.ref}
        for row in rows
        for entry, value in row.points
    ]
    labels = [
        {
            "row": row.architecture,
            "label": f"{row.spread} points",
            "detail": f"{row.points[0][1]} … {row.points[-1][1]}",
        }
        for row in rows
    ]
    title = f"Same name, other accuracy: the widest spreads of claimed {name} accuracy"
    axis = f"{name} accuracy that the zoo claims, ImageNet-1k validation (%)"
    return Figure(
        name=f"{name.replace('-', '')}-spreads",
        title=title,
        words=f"Claimed {name} accuracy in per cent, widest spread first: {_words(labels)}.",
        draw=lambda: dots(study, title, axis, points, labels),
    )


def _ratios(study: Study) -> Figure | None:
    rows = top_mac_ratios(study)
    if not rows:
        return None
    points = [
        {"row": row.architecture, "zoo": entry.zoo, "x": macs / row.points[0][1], "model": entry.ref}
        for row in rows
        for entry, macs in row.points
    ]
    labels = [
        {
            "row": row.architecture,
            "label": f"{float(row.ratio):.3g} times",
            "detail": f"{_at(row.points[0])} … {_at(row.points[-1])}",
        }
        for row in rows
    ]
    title = "Same name, other cost: the largest ratios of computation"
    axis = "multiply-accumulates of one image, relative to the fewest under that name (zoodiff's convention)"
    return Figure(
        name="mac-ratios",
        title=title,
        words=f"Most over fewest multiply-accumulates, each model at its own input size: {_words(labels)}.",
        draw=lambda: dots(study, title, axis, points, labels),
    )


def _words(labels: list[dict[str, str]]) -> str:
    return "; ".join(f"{label['row']} {label['label']} ({label['detail']})" for label in labels)


def _at(point: tuple[Entry, int]) -> str:
    entry, macs = point
    return f"{millions(macs)} @ {entry.size}" if entry.size else millions(macs)


def dots(
    study: Study, title: str, axis: str, points: list[dict[str, Any]], labels: list[dict[str, str]]
) -> alt.LayerChart:
    """A line from the lowest to the highest of each architecture, one mark per zoo, labels beside."""
    import altair as alt

    order = [label["row"] for label in labels]
    y = alt.Y("row:N", sort=order, title=None, axis=alt.Axis(grid=True, domain=False, ticks=False, labelLimit=220))
    values = alt.Data(values=points)
    scale = alt.Scale(zero=False, nice=False, padding=14)
    x = alt.X("x:Q", title=axis, scale=scale, axis=alt.Axis(tickCount=8))
    lines = (
        alt.Chart(values)
        .mark_rule(strokeWidth=3, color=PALE, opacity=0.6)
        .encode(y=y, x=alt.X("min(x):Q", title=axis, scale=scale), x2="max(x):Q")
    )
    marks = alt.Chart(values).mark_point(size=120, strokeWidth=2.4, filled=False, opacity=1).encode(y=y, x=x)
    text = alt.Chart(alt.Data(values=labels)).mark_text(align="left", fontSize=13, color=INK).encode(y=y)
    beside = [
        text.mark_text(align="left", fontSize=13, fontWeight="bold", color=INK).encode(
            x=alt.value(_LABEL), text="label:N"
        ),
        text.encode(x=alt.value(_LABEL + 100), text="detail:N"),
    ]
    return finished(study, title, alt.layer(lines, by_zoo(study, marks), *beside), len(order) * _ROW)


# ---------------------------------------------------------------- all models


def _overview(study: Study) -> Figure | None:
    shown = {group.architecture: found for group in study.groups if (found := _drawable(group))}
    points = [
        {"row": name, "zoo": entry.zoo, "x": entry.macs / 1e9, "y": float(value), "model": entry.ref}
        for name, entries in shown.items()
        for entry in entries
        if entry.macs and (value := entry.value("acc@1")) is not None
    ]
    if not points:
        return None
    title = f"What a zoo claims and what it costs: {len(points)} models"
    left = len(study.entries) - len(points)
    note = f"A line joins the models of one name. Not shown: {left} quantised, unclaimed or without an own graph."
    joined = [point for point in points if len(shown[str(point["row"])]) > 1]
    return Figure(
        name="overview",
        title=title,
        words=f"Claimed top-1 accuracy against multiply-accumulates, one mark per model. {note}",
        draw=lambda: _scatter(study, title, note, points, joined, _ACCURACY),
    )


def _cost_and_time(study: Study) -> Figure | None:
    speed = study.speed
    if speed is None or isinstance(speed.correlation, Unmeasured):
        return None
    points = [
        {"row": point.architecture, "zoo": point.ref.partition(":")[0], "x": point.macs / 1e9, "y": point.milliseconds}
        for point in speed.points
    ]
    title = f"What networks compute and how long they take: {len(points)} models"
    told = f"Spearman's rank correlation {speed.correlation:.3f}. A line joins the models of one name."
    machine, threads = speed.bench.machine, speed.bench.settings.threads
    where = f"{machine.cpu}, onnxruntime {machine.onnxruntime}, threads: {threads}"
    y = ("milliseconds of one run (median)", "log")
    return Figure(
        name="cost-and-time",
        title=title,
        words=f"Time of one run against multiply-accumulates, one mark per model, on {where}. {told}",
        draw=lambda: _scatter(study, title, f"{where}\n{told}", points, points, y),
    )


_ACCURACY = ("top-1 accuracy that the zoo claims (%)", "linear")


def _drawable(group: Group) -> list[Entry]:
    return [entry for entry in group.counted if entry.value("acc@1") is not None]


def _scatter(
    study: Study,
    title: str,
    note: str,
    points: list[dict[str, Any]],
    joined: list[dict[str, Any]],
    vertical: tuple[str, Any],
) -> alt.LayerChart:
    """Marks by zoo over multiply-accumulates; `vertical` is the other axis' title and kind of scale."""
    import altair as alt

    x = alt.X(
        "x:Q",
        title="multiply-accumulates of one image, billions, at the model's own input size (zoodiff's convention)",
        scale=alt.Scale(type="log", nice=False, padding=16),
        axis=alt.Axis(values=[0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300], format="~g"),
    )
    name, kind = vertical
    scale = {"type": kind, "nice": False, "padding": 16} | ({"zero": False} if kind == "linear" else {})
    y = alt.Y("y:Q", title=name, scale=alt.Scale(**scale))
    lines = (
        alt.Chart(alt.Data(values=joined))
        .mark_line(strokeWidth=1.6, color=PALE, opacity=0.9)
        .encode(x=x, y=y, detail="row:N")
    )
    marks = alt.Chart(alt.Data(values=points)).mark_point(size=60, strokeWidth=1.8, opacity=0.9).encode(x=x, y=y)
    return finished(study, title, alt.layer(lines, by_zoo(study, marks)), 460, note)
