"""Latency: how long networks take, on which machine, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

from zoodiff.record import Unmeasured
from zoodiff.showing.screen import console, dims, table
from zoodiff.timing.latency import Bench, Latency
from zoodiff.timing.median import Estimate


def show(bench: Bench, since: Sequence[tuple[Latency, Estimate]] = ()) -> None:
    """Print a bench, and beside it how many times as long as in an earlier one each model takes."""
    out = console()
    for line in _machine(bench):
        out.print(line)
    if bench.busy:
        out.print("The machine was busy with other work: times are longer than on a quiet one.", style="yellow")
    if bench.models:
        out.print(_times(bench))
        out.print(_sizes(bench))
    if since:
        out.print(_since(since))
    for lost in bench.untimed:
        out.print(f"not timed: {lost.ref}: {lost.reason}", style="yellow")


def _machine(bench: Bench) -> list[str]:
    here, settings = bench.machine, bench.settings
    memory = f", {here.memory / (1 << 30):.0f} GiB" if here.memory else ""
    bound = f"bound to {', '.join(map(str, bench.processors))}" if bench.processors else "not bound"
    waiting = " and ".join("?" if load is None else f"{load:.2f}" for load in bench.load)
    return [
        f"{here.cpu}; {here.cores} processors{memory}; {here.system}; governor {here.governor or 'not known'}",
        f"onnxruntime {here.onnxruntime or 'not installed'}; threads {settings.threads}, {bound}; "
        f"{settings.rounds} rounds, interleaved; load before and after {waiting}; {bench.began}",
    ]


def _times(bench: Bench) -> object:
    level = bench.settings.level
    rows = table(
        ("model", "left"), ("median ms", "right"), (f"{100 * level:g} % interval", "right"), ("p90", "right"),
        ("p99", "right"), ("x the first", "right"), ("interval", "right"),
    )  # fmt: skip
    ratios = {id(one): found for one, found in bench.ratios()}
    for one in bench.models:
        middle = one.median(level)
        quantiles = [_ms(one.percentile(percent)) for percent in (90, 99)]
        ratio = ratios.get(id(one))
        beside = (f"{ratio.value:.3f}", _bounds(ratio, 3)) if ratio else ("", "")
        rows.add_row(_short(one, bench), _ms(middle.value), _bounds(middle), *quantiles, *beside)
    return rows


def _short(one: Latency, bench: Bench) -> str:
    """The reference without its weights, where that still names one model of the bench."""
    zoo, colon, name = one.ref.partition(":")
    short = f"{zoo}:{name.partition('/')[0]}" if colon else one.ref
    return short if sum(other.ref.startswith(short) for other in bench.models) == 1 else one.ref


def _sizes(bench: Bench) -> object:
    rows = table(
        ("model", "left"), ("input", "right"), ("weights", "left"), ("runs", "right"), ("MACs M", "right"),
        ("GMAC/s", "right"), ("peak MiB", "right"),
    )  # fmt: skip
    for one in bench.models:
        rate = "?" if one.macs is None else f"{one.macs / one.median().value / 1e6:.1f}"
        shapes = ", ".join(dims(shape) for shape in one.input.values())
        star = "*" if one.stand_in else ""
        macs = "?" if one.macs is None else f"{one.macs / 1e6:,.2f}"
        runs = f"{len(one.rounds)}x{len(one.rounds[0])}"
        rows.add_row(one.ref + star, shapes, one.weights, runs, macs, rate, f"{one.peak_memory / (1 << 20):,.0f}")
    return rows


def _since(since: Sequence[tuple[Latency, Estimate]]) -> object:
    rows = table(("model", "left"), ("x as long as before", "right"), ("interval", "right"))
    for one, found in since:
        rows.add_row(one.ref, f"{found.value:.3f}", _bounds(found, 3))
    return rows


def _ms(value: float | Unmeasured) -> str:
    return "-" if isinstance(value, Unmeasured) else f"{value:.{max(0, min(3, 2 - _magnitude(value)))}f}"


def _magnitude(value: float) -> int:
    return len(str(int(value))) - 1 if value >= 1 else 0


def _bounds(found: Estimate, digits: int | None = None) -> str:
    if isinstance(found.interval, Unmeasured):
        return "-"
    low, high = found.interval.low, found.interval.high
    return f"{_ms(low)} … {_ms(high)}" if digits is None else f"{low:.{digits}f} … {high:.{digits}f}"
