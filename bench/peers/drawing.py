"""docs/speed.svg: the counters' times and memory, and how comparers and audits grow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from peers.results import Results
from zoodiff.views._figure import COLOURS, INK, SHAPES, WIDTH, Figure, styled

if TYPE_CHECKING:
    import altair as alt

TITLE = "Speed beside peers"


def figure(results: Results) -> Figure:
    """The figure of all that was measured."""
    words = "Seconds of whole processes: of counters by network, of comparers by nodes, of audits by models."
    return Figure("speed", TITLE, words, lambda: _drawn(results))


def _drawn(results: Results) -> alt.VConcatChart:
    import altair as alt

    counted = [
        {"x": one.seconds, "y": one.tool, "kind": one.network}
        for one in results.counts
        if not one.failed and one.reads != "keras"
    ]
    grown = [
        {"x": one.nodes, "y": one.seconds, "kind": f"{one.tool}: {one.method}"}
        for one in results.compared
        if not one.failed
    ]
    audits = [
        {"x": one.models, "y": seconds, "kind": kind}
        for one in results.audited
        if not one.failed
        for kind, seconds in (("first", one.first), ("again", one.again))
    ]
    panels = []
    if counted:
        panels.append(_dots(counted))
    if grown:
        panels.append(_lines(grown, "Comparing two networks", "nodes of a network"))
    if audits:
        panels.append(_lines(audits, "zoodiff audit", "models"))
    whole = alt.vconcat(*panels, spacing=28).resolve_scale(color="independent", shape="independent")
    made: alt.VConcatChart = styled(whole.properties(title=alt.TitleParams(TITLE, anchor="start"), background="white"))
    return made


_SECONDS = "seconds of a whole process"


def _dots(points: list[dict[str, Any]]) -> alt.Chart:
    """A row a tool, a mark a network."""
    import altair as alt

    fastest = alt.EncodingSortField("x", op="mean")
    return (
        alt.Chart(alt.Data(values=points), title=alt.TitleParams("Counting a network", anchor="start", color=INK))
        .mark_point(size=90, strokeWidth=2, filled=False, opacity=1)
        .encode(
            x=alt.X("x:Q", title=_SECONDS, scale=alt.Scale(type="log"), axis=alt.Axis(format="~g")),
            y=alt.Y("y:N", title=None, sort=fastest, axis=alt.Axis(grid=True, labelLimit=260)),
            **_kinds(points),
        )
        .properties(width=WIDTH, height=26 * len({point["y"] for point in points}))
    )


def _lines(points: list[dict[str, Any]], title: str, axis: str) -> alt.Chart:
    """A line a way, both axes by powers of ten."""
    import altair as alt

    log = alt.Scale(type="log", nice=False, padding=12)
    return (
        alt.Chart(alt.Data(values=points), title=alt.TitleParams(title, anchor="start", color=INK))
        .mark_line(strokeWidth=2, point=alt.OverlayMarkDef(size=70))
        .encode(
            x=alt.X("x:Q", title=axis, scale=log, axis=alt.Axis(format=",d", values=sorted({p["x"] for p in points}))),
            y=alt.Y("y:Q", title=_SECONDS, scale=log, axis=alt.Axis(format="~g")),
            **_kinds(points),
        )
        .properties(width=WIDTH, height=240)
    )


def _kinds(points: list[dict[str, Any]]) -> dict[str, Any]:
    """Colour and shape by kind, in one legend; ours is black."""
    import altair as alt

    kinds = list(dict.fromkeys(point["kind"] for point in points))
    others = iter(range(len(kinds)))
    colours = [INK if kind.startswith("zoodiff") else COLOURS[next(others) % (len(COLOURS) - 1)] for kind in kinds]
    shapes = [SHAPES[place % len(SHAPES)] for place in range(len(kinds))]
    legend = alt.Legend(title=None, orient="right", labelLimit=320)
    return {
        "color": alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=colours), legend=legend),
        "shape": alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=shapes), legend=legend),
    }
