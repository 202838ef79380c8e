"""What `conform` shows of a model against its paper: deviations, what is left open, and the printed numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoodiff.showing.compared import costs, places, signed
from zoodiff.showing.screen import console, table

if TYPE_CHECKING:
    from rich.table import Table

    from zoodiff.comparison.difference import Gap
    from zoodiff.survey.conform import Conformance, Judged, Number


def show_conformance(conformance: Conformance) -> None:
    """Print the verdict, each difference with its share of the gap and what the paper says, and the printed numbers."""
    out = console()
    model, gap = conformance.difference.right, conformance.difference.macs
    out.print(f"{model['ref']}  against  {conformance.network}  ({conformance.paper})", style="bold")
    if model["stand_in"]:
        out.print(f"stand-in graph of {model['stand_in']}", style="yellow")
    ways = len(conformance.of("deviation"))
    verdict = {"deviates": f"deviates in {ways} way{'s' if ways > 1 else ''}"}
    out.print(f"  {verdict.get(conformance.verdict, conformance.verdict)}")
    if conformance.others:
        out.print(f"  not as near: {', '.join(conformance.others)}")
    out.print("  MACs {} in the paper's network, {} in the model: {}".format(*costs(gap)))
    for standing, heading in _STANDINGS.items():
        if judged := conformance.of(standing):
            out.print(heading, style="bold")
            out.print(_judgements(judged, gap))
    for operator in conformance.difference.not_compared:
        out.print(f"not compared, since its shape is not known: {operator}", style="yellow")
    for what, value in conformance.difference.remainder.items():
        if value:
            out.print(f"not explained by any cause: {value:+,} {what}", style="yellow")
    if conformance.numbers:
        out.print("Numbers that the paper prints", style="bold")
        out.print(_numbers(conformance.numbers, least=bool(gap.at_least)))


_STANDINGS = {
    "deviation": "Deviations (left: the paper)",
    "open": "Left open by the paper",
    "interface": "Interface: input and output, not the network between",
    "detail": "Details",
}


def _judgements(judged: Sequence[Judged], gap: Gap) -> Table:
    rows = table(("difference", "left"), ("MACs", "right"), ("of the gap", "right"), ("parameters", "right"))
    for one in judged:
        cause = one.cause
        lines = [cause.words]
        lines += [places(side.nodes) for side in (cause.left, cause.right) if side is not None and side.nodes]
        lines += [f"open: {one.point.text}", f"here: {one.point.choice}"] if one.point else []
        share = f"{100 * cause.macs / gap.delta:.1f} %" if cause.macs and gap.delta and not gap.at_least else ""
        macs = "?" if gap.at_least else signed(cause.macs)
        rows.add_row("\n  ".join(lines), macs, share, signed(cause.params))
    return rows


def _numbers(numbers: Sequence[Number], *, least: bool) -> Table:
    """`least`: the model's multiply-accumulates are a lower bound."""
    rows = table(("", "left"), ("printed", "left"), ("its network", "right"), ("the model", "right"), ("where", "left"))
    for one in numbers:
        counted = one.network is not None
        own = f"{one.network:,}" if one.network is not None else ""
        bound = "≥ " * (least and one.metric == "macs")
        model = f"{bound}{int(one.model):,}" if counted and one.model else one.model or "-"
        place = "; ".join(part for part in (one.where, one.protocol, one.misfit) if part)
        written = one.written if counted else f"{one.printed} ({one.written})"
        rows.add_row(one.metric, written, own, model, place)
    return rows
