"""What `measure` shows of a network: its totals, the rows that were asked for, and all that was not counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zoodiff.record import Unmeasured
from zoodiff.showing.screen import console, dims, millions, table

if TYPE_CHECKING:
    from rich.table import Table

    from zoodiff.measuring.measurement import Measurement


def show_measurement(measurement: Measurement, by: str) -> None:
    """Print one measurement: the totals, the rows asked for, and all that was not counted."""
    counts, out = measurement.counts, console()
    out.print(measurement.ref + (f"  ({measurement.architecture})" if measurement.architecture else ""), style="bold")
    if measurement.stand_in:
        out.print(f"stand-in graph of {measurement.stand_in}: {measurement.stand_in_reason}", style="yellow")
    at_least = "" if counts.complete else "at least "
    peak = counts.peak_activation_bytes
    rows = [
        ("input", ", ".join(f"{name} {dims(shape)}" for name, shape in measurement.input.items())),
        ("MACs", f"{at_least}{counts.macs.value:,}  ({millions(counts.macs.value)})"),
        ("FLOPs", f"{at_least}{counts.flops.value:,}  (2 per MAC, and every other operation)"),
        ("parameters", f"{counts.params.value:,}{_learned(counts.params.value, counts.statistics)}"),
        ("weights", f"{counts.weight_bytes:,} bytes"),
        ("activations", f"{at_least}{counts.activations:,}"),
        ("peak memory", f"not known: {peak.reason}" if isinstance(peak, Unmeasured) else f"{peak:,} bytes"),
        ("layers", str(counts.layers)),
    ]
    for label, value in rows:
        out.print(f"  {label:<12} {value}")
    out.print(_parts(measurement, by))
    out.print(_conventions(measurement))
    for left in counts.uncounted:
        out.print(f"uncounted: {left.count} x {left.op}: {left.reason}", style="yellow")
    out.print()


def _learned(params: int, statistics: int) -> str:
    return f"  ({params - statistics:,} learned, {statistics:,} running statistics)" if statistics else ""


def _conventions(measurement: Measurement) -> Table:
    """What other counters would say, and why where they would say nothing that can be known."""
    rows = table(("other counters", "left"), ("would say", "right"), ("", "left"))
    for name, said in measurement.conventions.items():
        if name not in ("macs", "flops"):
            known = ("?", said.reason) if isinstance(said, Unmeasured) else (f"{said:,}", "")
            rows.add_row(name, *known)
    return rows


def _parts(measurement: Measurement, by: str) -> Table:
    counts = measurement.counts
    heading = {"op": "operator", "layer": "layer", "block": "block"}[by]
    rows = table((heading, "left"), ("count", "right"), ("MACs", "right"), ("FLOPs", "right"), ("parameters", "right"))
    shares: list[tuple[str, Any]]
    if by == "op":
        shares = [(s.op, s) for s in sorted(counts.by_op, key=lambda s: (-s.macs, -s.flops, s.op))]
    elif by == "layer":
        shares = [(s.layer, s) for s in counts.by_layer]
    else:
        shares = [(f"{s.block} {s.scope}".rstrip(), s) for s in counts.by_block]
    for label, share in shares:
        rows.add_row(label, str(share.count), f"{share.macs:,}", f"{share.flops:,}", f"{share.params:,}")
    return rows
