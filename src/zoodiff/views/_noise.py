"""How far claims lie apart beside what chance alone explains."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from zoodiff.accuracy.statistics import noise_floor
from zoodiff.survey.study import Study
from zoodiff.survey.tables import top_spreads
from zoodiff.views._figure import COLOURS, INK, Figure, finished

if TYPE_CHECKING:
    import altair as alt

ONE, SEVERAL, UNKNOWN = "one network", "different networks", "not known"


def figure(study: Study) -> Figure | None:
    """The spread of each name's claimed top-1 accuracies over their mean; None where no two zoos claim otherwise."""
    networks = {group.architecture: _networks(group.letters) for group in study.groups}
    points: list[dict[str, Any]] = [
        {
            "row": row.architecture,
            "zoo": networks[row.architecture],
            "x": float((row.points[0][1] + row.points[-1][1]) / 2),
            "y": float(row.spread),
            "model": f"{row.points[0][0].ref} and {row.points[-1][0].ref}",
        }
        for row in top_spreads(study, "acc@1", most=len(study.groups))
    ]
    if not points:
        return None
    beyond = [point for point in points if point["y"] > _floor(point["x"])]
    title = f"More than chance: {len(beyond)} of {len(points)} spreads of claimed top-1 accuracy"
    words = "; ".join(f"{point['row']} {point['y']:g} points ({point['zoo']})" for point in beyond)
    note = "The line: how far two equally good models may lie apart on 50,000 images each (95 %, conservative)."
    return Figure(
        name="noise",
        title=title,
        words=f"{note} Beyond it, widest first: {words or 'none'}.",
        draw=lambda: _draw(study, title, note, points),
    )


def _networks(letters: tuple[str, ...]) -> str:
    return UNKNOWN if not letters else ONE if len(letters) == 1 else SEVERAL


def _floor(mean: Any) -> float:
    accuracy = Decimal(repr(float(mean)))
    return float(noise_floor(accuracy, accuracy))


def _draw(study: Study, title: str, note: str, points: list[dict[str, Any]]) -> alt.LayerChart:
    import altair as alt

    low, high = int(min(point["x"] for point in points)) - 1, int(max(point["x"] for point in points)) + 2
    line = [{"x": at, "y": _floor(at)} for at in range(max(low, 1), min(high, 99) + 1)]
    x = alt.X("x:Q", title="mean of the lowest and the highest claim (%)", scale=alt.Scale(zero=False, nice=False))
    y = alt.Y(
        "y:Q",
        title="claimed top-1 accuracy, highest minus lowest (points)",
        scale=alt.Scale(type="symlog", constant=0.5, nice=False, padding=12),
        axis=alt.Axis(values=[0, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50], format="~g"),
    )
    kinds = [ONE, SEVERAL, UNKNOWN]
    legend = alt.Legend(title=None, orient="top", direction="horizontal", symbolSize=120, symbolStrokeWidth=2.4)
    marks = (
        alt.Chart(alt.Data(values=points))
        .mark_point(size=70, strokeWidth=2, opacity=0.9)
        .encode(
            x=x,
            y=y,
            color=alt.Color("zoo:N", scale=alt.Scale(domain=kinds, range=list(COLOURS[:3])), legend=legend),
            shape=alt.Shape(
                "zoo:N", scale=alt.Scale(domain=kinds, range=["circle", "square", "triangle-up"]), legend=legend
            ),
        )
    )
    floor = alt.Chart(alt.Data(values=line)).mark_line(strokeWidth=1.8, strokeDash=[6, 4], color=INK).encode(x=x, y=y)
    return finished(study, title, alt.layer(floor, marks), 400, note)
