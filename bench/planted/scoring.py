"""Judge a `diff` document about a planted pair: which changes it found rightly, and which of its rows are false."""

from __future__ import annotations

import math
from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

import onnx

from planted.network import Net, alike
from planted.truth import Change, Truth

Row = dict[str, Any]

JOINED = ("Conv", "Gemm", "MatMul")
"""layers that may have their bias as an Add after them; either node may stand for the layer"""


class Score(NamedTuple):
    """What a document got right."""

    found: list[str]
    """per planted change: empty where it is right, else what is wrong with the nearest row, or `absent`"""
    false: list[Row]
    """rows that no planted change explains"""
    rows: int
    """all rows but those about companions"""
    gap: bool
    """the sums hold; and where one change was planted and found, it has the whole gap in MACs and in parameters"""
    identical: bool
    """`identical` says what it should"""

    @property
    def perfect(self) -> bool:
        """Whether there is nothing wrong at all."""
        return not any(self.found) and not self.false and self.gap and self.identical


def score(document: dict[str, Any], truth: Truth, a: onnx.ModelProto, b: onnx.ModelProto) -> Score:
    """Judge one `diff` document of the pair (a, b).

    A change is found where one row has its kind, op, what, values, count, group and place. Each row explains one change
    at most. Nodes on the left are known; on the right only those of what was inserted are held to their place.
    """
    left, right = _Place(a), _Place(b)
    rows: list[Row] = list(document["differences"])
    free, found = list(range(len(rows))), []
    matched: list[int] = []
    for change in truth.mutations:
        wrong = {at: _wrong(rows[at], change, truth, left, right) for at in free}
        best = min(free, key=lambda at: len(wrong[at]), default=None)
        if best is None or "place" in wrong[best]:
            found.append(_absent(wrong))
            continue
        found.append(", ".join(wrong[best]))
        if not wrong[best]:
            matched.append(best)
            free.remove(best)
    rest = [rows[at] for at in free]
    false = [row for row in rest if not any(_companion(row, change) for change in truth.mutations)]
    return Score(
        found=found,
        false=false,
        rows=len(matched) + len(false),
        gap=_gap(document, truth, [rows[at] for at in matched]),
        identical=document["identical"] is not bool(truth.mutations),
    )


def _absent(wrong: dict[int, list[str]]) -> str:
    """Why a change has no row: one that is right in all but its place, or none."""
    return "place" if ["place"] in wrong.values() else "absent"


def _wrong(row: Row, change: Change, truth: Truth, left: _Place, right: _Place) -> list[str]:
    """In which respects a row is not the one asked for."""
    kinds = (change.kind, "rewired") if change.op == "Shortcut" else (change.kind,)
    groups = {change.group} | ({"interface"} if change.op == "Input" else set())
    counts = (1, 2) if change.pair else (change.count,)
    verdicts = {
        "kind": row["kind"] in kinds,
        "op": row["op"] in (change.op, *change.also.get("op", [])),
        "what": row["what"] in (change.what, *change.also.get("what", [])),
        "value": change.what == "layer" or _values(row, change),
        "count": row["count"] in counts,
        "group": row.get("group", "architecture") in groups,
        "place": _placed(row, change, truth, left, right),
    }
    return [name for name, right in verdicts.items() if not right]


def _values(row: Row, change: Change) -> bool:
    got = [(row[side] or {}).get("value") for side in ("left", "right")]
    asked = [[getattr(change, side), *change.also.get(side, [])] for side in ("left", "right")]
    if change.pair:  # told from either of the two layers, or as one stride on other layers
        both = asked[0] + asked[1]
        return all(any(same(value, other) for other in both) for value in got)
    if change.op == "Input":  # the dims, or the one extent that changed
        pairs = zip(got, asked, strict=True)
        return all(isinstance(value, list) and (value == side[0] or side[0] in value) for value, side in pairs)
    return all(any(same(value, other) for other in side) for value, side in zip(got, asked, strict=True))


def same(value: object, other: object) -> bool:
    """Whether two values are one; floats to five digits, since files hold them in single precision."""
    if isinstance(value, float) and isinstance(other, int | float):
        return math.isclose(value, other, rel_tol=1e-5)
    if isinstance(value, list | tuple) and isinstance(other, list | tuple):
        return len(value) == len(other) and all(same(x, y) for x, y in zip(value, other, strict=True))
    return type(value) is type(other) and value == other


class _Place:
    """Which nodes are one layer: a bias that is added after a layer, and the layer."""

    def __init__(self, model: onnx.ModelProto) -> None:
        graph = model.graph
        weights = {tensor.name for tensor in graph.initializer}
        maker = {name: node for node in graph.node for name in node.output}
        self.model = model
        self.layer: dict[str, str] = {}
        for node in graph.node:
            computed = [name for name in node.input if name not in weights]
            if node.op_type == "Add" and len(computed) == 1 and computed[0] in maker:
                before = maker[computed[0]]
                if before.op_type in JOINED:
                    self.layer[node.output[0]] = before.output[0]

    def of(self, names: Iterable[str]) -> set[str]:
        """The layers that nodes stand for."""
        return {self.layer.get(name, name) for name in names}

    @cached_property
    def likeness(self) -> dict[str, int]:
        """See `alike`."""
        return alike(Net(self.model))

    def as_good(self, got: set[str], asked: set[str]) -> bool:
        """Whether two sets of nodes are one, or cannot be told apart."""
        if got == asked:
            return True
        if not got or len(got) != len(asked) or not (got | asked) <= self.likeness.keys():
            return False
        return sorted(self.likeness[name] for name in got) == sorted(self.likeness[name] for name in asked)


def _placed(row: Row, change: Change, truth: Truth, left: _Place, right: _Place) -> bool:
    if change.kind == "added":
        if row["right"] is None:
            return False
        got = right.of(row["right"]["nodes"])
        if truth.renamed is None:
            return bool(got)
        planted = right.of(truth.renamed.get(name, name) for name in change.nodes)
        return bool(got & planted) and len(got) <= len(planted) + len(change.companions)
    if row["left"] is None:
        return False
    got, planted = left.of(row["left"]["nodes"]), left.of(change.nodes)
    if change.pair:
        return bool(got) and got <= planted
    if change.places:
        return bool(got) and any(got <= left.of(place) for place in change.places)
    return left.as_good(got, planted) or (
        len(got) == len(planted) and not (got ^ planted) - _loose(change, truth, left)
    )


def _loose(change: Change, truth: Truth, left: _Place) -> set[str]:
    """The nodes of which it cannot be told which are gone: a block went from among its like."""
    gone = [other for other in truth.mutations if other is not change and other.op == "Block"]
    return {name for other in gone for place in other.places for name in left.of(place)}


def _companion(row: Row, change: Change) -> bool:
    """Whether a row is about what came or went together with a planted change."""
    same_kind = row["kind"] == change.kind and row["what"] == "layer"
    return bool(change.companions) and same_kind and row["op"] in (*change.companions, "Activation")


def _gap(document: dict[str, Any], truth: Truth, matched: list[Row]) -> bool:
    """Whether the shares add up to the true gap, and a single change has all of it."""
    for what, (left, right) in (("macs", truth.macs), ("params", truth.params)):
        stated = document[what]
        if (stated["left"], stated["right"], stated["delta"]) != (left, right, right - left):
            return False
        total = sum(_share(row, what) for row in document["differences"])
        if document["remainder"][what] != 0 or total != right - left:
            return False
        if len(truth.mutations) == 1 and matched and _share(matched[0], what) != right - left:
            return False
    return True


def _share(row: Row, what: str) -> int:
    """What a row and its consequences add to the gap."""
    own = row[f"{what}_delta"]
    return int(own + sum(consequence[f"{what}_delta"] for consequence in row.get("consequences", [])))


# ---------------------------------------------------------------- over many pairs


class Tally:
    """Counts over judged pairs, per mutation and per disguise."""

    def __init__(self) -> None:
        self.lines: dict[str, dict[str, int]] = {}
        self.misses: list[str] = []

    def add(self, seed: int, truth: Truth, judged: Score) -> None:
        """Enter one pair."""
        kinds = [change.mutation for change in truth.mutations] or ["(disguise only)"]
        for key in ("(all)", *kinds, *(f"under {name}" for name in truth.disguises)):
            planted = [
                why for change, why in zip(truth.mutations, judged.found, strict=True) if key in (change.mutation,)
            ]
            planted = planted if key in kinds else judged.found
            line = self.lines.setdefault(key, dict.fromkeys(COLUMNS, 0))
            line["pairs"] += 1
            line["perfect"] += judged.perfect
            line["planted"] += len(planted)
            line["found"] += planted.count("")
            line["rows"] += judged.rows
            line["false"] += len(judged.false)
            line["gap"] += judged.gap
        if not judged.perfect:
            extra = [f"{row['kind']} {row['op']} {row['what']}" for row in judged.false]
            wrong = [
                f"{change.mutation}: {why}" for change, why in zip(truth.mutations, judged.found, strict=True) if why
            ]
            flags = [name for name in ("gap", "identical") if not getattr(judged, name)]
            self.misses.append(f"seed {seed} {truth.base} {truth.disguises}: {wrong} extra {extra} wrong {flags}")

    def table(self) -> str:
        """The counts as Markdown: recall, precision and the share of pairs whose gap is shared out rightly."""
        head = "| what | pairs | perfect | recall | precision | gap right |\n|---|---:|---:|---:|---:|---:|"
        return "\n".join([head, *(self._line(key) for key in sorted(self.lines))])

    def _line(self, key: str) -> str:
        line = self.lines[key]
        shares = [
            _percent(line["perfect"], line["pairs"]),
            _percent(line["found"], line["planted"]),
            _percent(line["rows"] - line["false"], line["rows"]),
            _percent(line["gap"], line["pairs"]),
        ]
        return f"| {key} | {line['pairs']} | {' | '.join(shares)} |"


COLUMNS = ("pairs", "perfect", "planted", "found", "rows", "false", "gap")


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}" if whole else ""
