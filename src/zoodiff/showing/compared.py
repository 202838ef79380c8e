"""What `diff` shows of two networks: the gaps in cost, then each cause with its share of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zoodiff.record import Unmeasured
from zoodiff.showing.screen import console, table

if TYPE_CHECKING:
    from rich.table import Table

    from zoodiff.comparison.difference import Cause, Difference, Gap
    from zoodiff.proof.parting import Parting
    from zoodiff.proof.prove import Equivalence


def show_difference(difference: Difference) -> None:
    """Print what differs between two networks: the gaps, then each cause with its share of them."""
    out = console()
    for side, model in (("left", difference.left), ("right", difference.right)):
        name = f"  ({model['architecture']})" if model["architecture"] else ""
        stand_in = f"  stand-in graph of {model['stand_in']}" if model["stand_in"] else ""
        out.print(f"{side:<5}  {model['ref']}{name}{stand_in}", style="bold")
    gaps = table(("", "left"), ("left", "right"), ("right", "right"), ("right - left", "right"))
    for what, gap in (("MACs", difference.macs), ("parameters", difference.params)):
        gaps.add_row(what, *costs(gap))
    out.print(gaps)
    if difference.identical:
        out.print("The same network: nothing differs in operators, attributes, shapes and wiring.")
    elif not difference.differences:
        out.print("Nothing differs in what could be compared.")
    for group, heading in GROUPS.items():
        causes = [(n, cause) for n, cause in enumerate(difference.differences, start=1) if cause.group == group]
        if causes:
            out.print(heading, style="bold")
            out.print(_causes(causes, known=not difference.macs.at_least))
    for what, value in difference.remainder.items():
        if value:
            out.print(f"not explained by any cause: {value:+,} {what}", style="yellow")
    if difference.folded:
        out.print(f"presumably, batch normalization is folded into {places(difference.folded)}", style="yellow")
    for operator in difference.not_compared:
        out.print(f"not compared, since its shape is not known: {operator}", style="yellow")
    for side in difference.sized:
        out.print(f"the {side} one leaves its image's size open, and is compared at the other one's")
    if difference.proof is not None:
        out.print(_proven(difference.proof))


def _proven(proof: Equivalence | Parting | Unmeasured) -> str:
    """What running both networks showed, in a sentence."""
    from zoodiff.proof.prove import Equivalence

    if isinstance(proof, Unmeasured):
        return f"Not proven: {proof.reason}"
    if isinstance(proof, Equivalence):
        error = (
            f"largest error {proof.max_abs_error:.0e} of the largest output; rounding explains {proof.tolerance:.0e}"
        )
        return f"Equivalent on {proof.inputs} random inputs with the same random weights: {error}."
    size = "by their sizes" if proof.error is None else f"by {proof.error:.0e} of the largest output"
    told = "" if proof.told else "; no difference is named there: please report this"
    return f"Run on the same random weights and inputs, they part at {proof.left} | {proof.right}, {size}{told}."


def costs(gap: Gap) -> tuple[str, str, str]:
    """Both costs, `≥` where not all of one could be counted, and right minus left."""
    left, right = [f"{'≥ ' * (side in gap.at_least)}{getattr(gap, side):,}" for side in ("left", "right")]
    return left, right, "not known" if gap.at_least else signed(gap.delta)


GROUPS = {
    "architecture": "Architecture",
    "interface": "Interface: input and output, not the network between",
    "detail": "Details",
}
"""What the groups of differences are called."""


def _causes(causes: Sequence[tuple[int, Cause]], *, known: bool = True) -> Table:
    """Rows of causes; their shares of the gap in multiply-accumulates only where that is known."""
    rows = table(("", "right"), ("difference", "left"), ("MACs", "right"), ("parameters", "right"))
    for number, cause in causes:
        sides = [side for side in (cause.left, cause.right) if side is not None]
        where = " | ".join(places(side.nodes) for side in sides if side.nodes)
        words = f"{cause.words}\n  {where}" if where else cause.words
        rows.add_row(f"#{number}", words, signed(cause.macs) if known else "?", signed(cause.params))
    return rows


def places(names: Sequence[str]) -> str:
    """Names of operators, the first and how many more where they are many."""
    return f"{names[0]} and {len(names) - 1} more" if len(names) > 2 else ", ".join(names)


def signed(value: int) -> str:
    """How much more or less, with its sign."""
    return f"{value:+,}" if value else "0"
