"""What all figures have in common: zoos by colour and shape, a title that says of what they are, one style."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from zoodiff.survey.study import Study

if TYPE_CHECKING:
    import altair as alt

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""told apart with any kind of colour vision (Okabe and Ito, Color Universal Design, 2008)"""
SHAPES = ("circle", "square", "triangle-up", "diamond", "triangle-down", "cross", "triangle-right")
_FONT = "Helvetica, Arial, Liberation Sans, sans-serif"
INK: Final = "#222222"
PALE: Final = "#8a8a8a"
WIDTH: Final = 560
"""of the plot, without labels"""


@dataclass(frozen=True)
class Figure:
    """One figure: its file's name, its title, what it shows in words, and how to draw it."""

    name: str
    title: str
    words: str
    draw: Callable[[], alt.LayerChart | alt.VConcatChart]

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The chart in the words of Vega-Lite."""
        made: dict[str, Any] = self.draw().to_dict()
        return made


def by_zoo(study: Study, marks: alt.Chart) -> alt.Chart:
    """Colour and shape by zoo, the same in every figure of a study."""
    import altair as alt

    zoos = [snapshot.zoo for snapshot in study.snapshots]
    legend = alt.Legend(title=None, orient="top", direction="horizontal", symbolSize=120, symbolStrokeWidth=2.4)
    colours = alt.Scale(domain=zoos, range=list(_repeated(COLOURS, len(zoos))))
    shapes = alt.Scale(domain=zoos, range=list(_repeated(SHAPES, len(zoos))))
    coloured: alt.Chart = marks.encode(
        color=alt.Color("zoo:N", scale=colours, legend=legend), shape=alt.Shape("zoo:N", scale=shapes, legend=legend)
    )
    return coloured


def _repeated(values: tuple[str, ...], count: int) -> Iterable[str]:
    return (values[index % len(values)] for index in range(count))


def finished(study: Study, title: str, chart: alt.LayerChart, height: int, note: str = "") -> alt.LayerChart:
    """A chart with its title, the zoos that it is of, and one style for all."""
    import altair as alt

    zoos = [f"{s.zoo} {s.version} ({s.as_of})" for s in study.snapshots]
    lines = [" · ".join(zoos[start : start + 3]) for start in range(0, len(zoos), 3)]
    if study.as_of:
        lines.append(f"claims in force on {study.as_of}")
    header = alt.TitleParams(title, subtitle=[*lines, *note.splitlines()], anchor="start", frame="group", offset=12)
    made: alt.LayerChart = styled(
        chart.properties(width=WIDTH, height=height, title=header, background="white", padding=16)
    )
    return made


def styled(chart: Any) -> Any:
    """A chart of any kind in the one style."""
    return (
        chart.configure(font=_FONT)
        .configure_title(fontSize=17, subtitleFontSize=12, subtitleColor="#555555", color=INK, subtitlePadding=6)
        .configure_axis(
            labelFontSize=13, titleFontSize=13, titleFontWeight="normal", labelColor=INK, gridColor="#e6e6e6"
        )
        .configure_legend(labelFontSize=13, labelColor=INK)
        .configure_view(stroke=None)
    )
