"""docs/speed.md: what was measured as tables, and what is to be known to read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from peers import comparing, growing
from peers.comparing import Compared
from peers.counting import Count
from peers.growing import Audited, exponent
from peers.results import Measured, Results

PARTS = {"counting": "Counting", "comparing": "Comparing", "growing": "Auditing"}


READING = """\
Each peer runs in an environment of its own, built from the versions in its file under
[bench/peers](../bench/peers), locked, and proven on a network whose cost is known. A time is that of a whole process,
start-up included; CPU is the processor time of all its threads, which a busy machine changes less; memory is the most
that was resident at once. What failed stands there with its reason.

![Time of counters, comparers and audits](speed.svg)
"""
COUNTING = """\
## Counting

- *onnx* reads an ONNX file with random weights inside, made from the graph that zoodiff bundles: compare these with
  zoodiff on the same file.
- *torchvision* takes the module of that name, which it builds first, since a module is what it counts: the same
  network. *Alone* is the counting without start-up and building. zoodiff needs the file, whose export is not in its
  time.
- *keras* takes Keras's own network, which is another one: compare it with zoodiff on *keras* alone, which reads a
  bundled graph without weights.

*Says* is the number that is printed, in millions. *Error* is how far it is from the exact multiply-accumulates
(zoodiff's `macs`) once divided by what its unit holds of them (1 or 2). The check is torch's own counter, which knows
nothing of zoodiff: it says the same to the last digit, but for attention, which it does not see on a CPU: of ViT-B/16
12 x 2 x 197² x 768. *Re-created* is what zoodiff says that this tool says (`conventions` in its JSON).
"""
COMPARING = """\
## Comparing

A residual network of so many nodes beside a copy in which every tensor and node has another name, and beside such a
copy with one stride changed. *finds it*: names that one layer on both sides and nothing else, and nothing in the plain
copy. *tells them apart*: right about both, without a place. networkx gets graphs whose nodes bear operator, attributes
and weights' shapes, as JSON; the others read the ONNX files. Seconds of the changed copy, and peak MB. A peer that
takes more than {:g} s gets no larger pair.
"""
AUDITING = """\
## Auditing

`zoodiff audit --json` of a collection of so many models: the bundled ones first, evenly of each zoo, then copies of
them under other zoos' names, so that more and more models bear one name. Copies share their graphs' bytes, which
zoodiff looks at once where it can. *First* is with an empty cache, *again* with what the first remembers. After an
audit of more than {:g} s no larger one is tried.
"""


def page(results: Results) -> str:
    """The page as Markdown."""
    machine = results.machine
    memory = f", {machine.memory / 2**30:.0f} GiB" if machine.memory else ""
    lines = [
        "# Speed beside peers",
        "",
        "Written by `make peers`, which runs zoodiff and its peers on the same inputs, in turn, in one run on one",
        "machine. What counts are the ratios and how times grow, not the seconds.",
        "",
        f"{machine.cpu}; {machine.cores} processors{memory}; {machine.system}; Python {results.python}.",
        "",
        *(_when(PARTS[part], told) for part, told in results.measured.items()),
        "",
        *READING.splitlines(),
        "",
    ]
    parts = (_counting(results), _comparing(results.compared), _auditing(results.audited))
    return "\n".join([*lines, *(line for part in parts for line in part)])


def _when(part: str, told: Measured) -> str:
    before, after = (f"{load:.1f}" if load is not None else "not known" for load in (told.load_before, told.load_after))
    return (
        f"- {part}: {told.began}, {told.seconds / 60:.0f} minutes, median of {told.rounds}; "
        f"load {before} when it began, {after} when it ended."
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], left: int = 1) -> list[str]:
    """A table whose first columns are words, and whose others are numbers."""
    rule = ["---" if place < left else "---:" for place in range(len(heads))]
    return [f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows)]


# ---------------------------------------------------------------- counting


def _counting(results: Results) -> Iterator[str]:
    if not results.counts:
        return
    yield from (*COUNTING.splitlines(), "")
    heads = ["network", "tool", "reads", "s", "CPU s", "peak MB", "alone s", "says, M", "error %", "re-created, M"]
    yield from table(heads, map(_count, results.counts), 3)
    yield ""
    for tool, note in sorted(results.notes.items()):
        yield from wrap(f"- {tool}: {note}", 118, subsequent_indent="  ")
    yield ""


def _count(one: Count) -> list[str]:
    if one.failed:
        return [one.network, one.tool, one.reads, *["-"] * 5, _plain(one.failed), "-"]
    alone = "-" if one.counting is None else f"{one.counting:.2f}"
    numbers = [f"{one.seconds:.2f}", f"{one.cpu:.2f}", f"{one.megabytes:.0f}", alone]
    return [one.network, one.tool, one.reads, *numbers, _millions(one.said), error(one), _millions(one.recreated)]


def error(one: Count) -> str:
    """The error in per cent with its sign; `exact` where there is none."""
    if one.error is None or one.said is None:
        return "-"
    return "exact" if one.said == one.per_mac * (one.exact or 0) else f"{one.error:+.3g}"


def _millions(value: int | None) -> str:
    return "-" if value is None else f"{value / 1e6:,.2f}"


def _plain(text: str) -> str:
    return text.replace("|", "/").replace("\n", " ")


# ---------------------------------------------------------------- comparing


def _comparing(rows: Sequence[Compared]) -> Iterator[str]:
    if not rows:
        return
    yield from (*COMPARING.format(comparing.SECONDS).splitlines(), "")
    sizes = sorted({row.nodes for row in rows})
    by_way: dict[tuple[str, str], dict[int, Compared]] = {}
    for row in rows:
        by_way.setdefault((row.tool, row.method), {})[row.nodes] = row
    heads = ["tool", "way", *(f"{size:,}" for size in sizes), "CPU grows as", "answer"]
    yield from table(heads, (_way(*way, found, sizes) for way, found in by_way.items()), 2)
    yield ""


def _way(tool: str, method: str, found: dict[int, Compared], sizes: Sequence[int]) -> list[str]:
    cells = [_cell(found[size]) if size in found else "" for size in sizes]
    done = [row for row in found.values() if not row.failed]
    return [tool, method, *cells, _power([(row.nodes, row.cpu) for row in done]), _answer(done)]


def _answer(done: Sequence[Compared]) -> str:
    """The answer to the largest pair; all answers where some are right and others wrong."""
    kinds = {row.verdict.partition(":")[0] for row in done}
    return (
        "; ".join(dict.fromkeys(row.verdict for row in done)) if len(kinds) > 1 else done[-1].verdict if done else "-"
    )


def _cell(row: Compared) -> str:
    return _plain(row.failed) if row.failed else f"{row.seconds:.2f} s, {row.megabytes:.0f}"


START_UP = 3
"""how many times as long the largest must take for what grows to be more than start-up"""


def _power(points: Sequence[tuple[float, float]]) -> str:
    """Of the upper half of the sizes, where start-up counts least; nothing where it is nearly all."""
    if not points or max(points)[1] < START_UP * min(points)[1]:
        return "-"
    slope = exponent(sorted(points)[len(points) // 2 :]) or exponent(points)
    return "-" if slope is None else f"n^{slope:.2f}"


# ---------------------------------------------------------------- auditing


def _auditing(rows: Sequence[Audited]) -> Iterator[str]:
    if not rows:
        return
    yield from (*AUDITING.format(growing.SECONDS).splitlines(), "")
    heads = ["models", "zoos", "first s", "CPU s", "peak MB", "again s", "CPU s", "peak MB"]
    yield from table(heads, map(_audit, rows))
    done = [row for row in rows if not row.failed]
    first, again = (_growth([(row.models, cpu(row)) for row in done]) for cpu in (_first, _again))
    yield from ("", f"CPU time {first} the first time and {again} again (n: models; upper half of the sizes).", "")


def _growth(points: Sequence[tuple[float, float]]) -> str:
    power = _power(points)
    return "is nearly all start-up" if power == "-" else f"grows as {power}"


def _first(row: Audited) -> float:
    return row.first_cpu


def _again(row: Audited) -> float:
    return row.again_cpu


def _audit(row: Audited) -> list[str]:
    if row.failed:
        return [f"{row.models:,}", f"{row.zoos}", _plain(row.failed), *["-"] * 5]
    first = [f"{row.first:.1f}", f"{row.first_cpu:.1f}", f"{row.first_megabytes:.0f}"]
    return [
        f"{row.models:,}",
        f"{row.zoos}",
        *first,
        f"{row.again:.2f}",
        f"{row.again_cpu:.2f}",
        f"{row.again_megabytes:.0f}",
    ]
