"""Compare two networks by structure: what differs, why, and how much of the gap in cost each cause accounts for."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from zoodiff import store
from zoodiff.align import Pairing, align
from zoodiff.attribute import attribute
from zoodiff.causes import ARCHITECTURE, Root, input_root, roots
from zoodiff.execute import require
from zoodiff.fault import Refusal
from zoodiff.folding import presume
from zoodiff.net import Net, Step, build
from zoodiff.own import per_operator
from zoodiff.prove import Equivalence, Parting, Subject, prove
from zoodiff.record import Unmeasured
from zoodiff.reference import Inputs, Network, find
from zoodiff.validity import excused
from zoodiff.words import Layer, Side, sentence, short

if TYPE_CHECKING:
    import onnx

    from zoodiff.record import Graph

FORMAT = 1


class Consequence(msgspec.Struct, frozen=True):
    """What a root cause brings with it elsewhere, operators of one type together."""

    op: str
    what: str
    nodes: tuple[str, ...]
    macs_delta: int
    params_delta: int


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One root cause; deltas are right minus left and leave its consequences out."""

    kind: str
    """`changed`, `missing` (on the right), `added`, `rewired` or `input`"""
    op: str
    what: str
    words: str
    left: Side | None
    right: Side | None
    count: int = 1
    """at how many places"""
    macs_delta: int = 0
    params_delta: int = 0
    consequences: tuple[Consequence, ...] = ()
    group: str = ARCHITECTURE
    """`architecture`, `interface` (classes, the last Softmax, preprocessing) or `detail` (a bias, an epsilon)"""

    @property
    def short(self) -> str:
        """What the right one has instead, in a few words."""
        return short(self.kind, self.op, self.what, self.left, self.right, self.count)

    @property
    def macs(self) -> int:
        """Its whole share of the gap in multiply-accumulates."""
        return self.macs_delta + sum(c.macs_delta for c in self.consequences)

    @property
    def params(self) -> int:
        """Its whole share of the gap in parameters."""
        return self.params_delta + sum(c.params_delta for c in self.consequences)


class Gap(msgspec.Struct, frozen=True):
    """One cost of both networks, and right minus left."""

    left: int
    right: int
    delta: int
    at_least: tuple[str, ...] = ()
    """the sides (`left`, `right`) of which not all could be counted: they cost more, and `delta` is not the gap"""

    def turned(self) -> Gap:
        """The same seen from the other side."""
        return Gap(self.right, self.left, -self.delta, tuple(reversed([_OTHER[side] for side in self.at_least])))


@dataclass(frozen=True, slots=True, eq=False)
class Aligned:
    """The two networks step by step, each at its own input: what pictures of a difference are drawn from."""

    left: Net
    right: Net
    pairing: Pairing
    causes: dict[Step, list[int]]
    """the differences that a step is part of, by their number, which counts from 1"""
    follows: dict[Step, list[int]]
    """the differences that make a step's cost another as a consequence"""
    turned: bool = False
    """whether `left` and `right` were compared the other way round"""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two networks, root causes first; the causes' shares and the remainder add up to the gaps."""

    left: dict[str, Any]
    right: dict[str, Any]
    macs: Gap
    params: Gap
    differences: tuple[Cause, ...]
    remainder: dict[str, int]
    """the part of the gaps that no cause explains"""
    folded: tuple[str, ...] = ()
    """convolutions, by their first output, into which the other side's batch normalization was presumably folded"""
    not_compared: tuple[str, ...] = ()
    sized: tuple[str, ...] = ()
    """the side (`left`, `right`) that leaves its image's size open, where it was compared at the other one's"""
    proof: Equivalence | Parting | Unmeasured | None = None
    """what running both showed; None where it was not asked for"""
    aligned: Aligned | None
    """no part of the document; None where the difference was read back from one"""

    @property
    def alignment(self) -> Aligned:
        """What pictures are drawn from. Raises Refusal where the difference was read back."""
        if self.aligned is None:
            raise Refusal(
                "a difference that was read back has no picture", "Compare the two networks again: zoodiff diff"
            )
        return self.aligned

    @property
    def identical(self) -> bool:
        """Whether nothing at all differs."""
        return not self.differences and not self.not_compared and not any(self.remainder.values())


def diff(
    left: str | Path | Network | onnx.ModelProto,
    right: str | Path | Network | onnx.ModelProto,
    inputs: Inputs | None = None,
    *,
    proven: bool = False,
) -> Difference:
    """Compare two networks by structure alone: names, order, layout and weights do not count.

    With `inputs` both are compared at that size. Where their own input sizes differ, one network is rebuilt at the
    other's: what that alone changes is the share of the input, and all else is compared at one size. `diff(b, a)` is
    `reverse(diff(a, b))`. With `proven` both are also run on one set of random weights (see `zoodiff.prove`).
    Raises Refusal where one of them has no graph, and where a proof is asked for and onnxruntime is not installed.
    """
    if proven:
        require()
    networks = find(left), find(right)
    with excused(*networks):
        first, second = (_Part(network, network.graph(inputs)) for network in networks)
        first, second = _with_sizes_of(second, first), _with_sizes_of(first, second)
        return reverse(_diff(second, first, proven)) if second.key < first.key else _diff(first, second, proven)


class _Part:
    """One of the two networks: what a reference names, its graph and its steps."""

    def __init__(self, network: Network, graph: Graph, *, sized: bool = False) -> None:
        self.network, self.graph, self.net = network, graph, build(graph)
        self.sized = sized
        """whether its own input size is open, and the graph is at that of the other one"""
        self.key = (self.macs, self.params, [(step.op, step.size) for step in self.net.steps])
        """for an order of the two that does not depend on which is left"""

    def subject(self) -> Subject:
        return Subject(self.network.skeleton(), self.graph, self.net)

    @property
    def macs(self) -> int:
        return sum(step.macs for step in _all(self.net)) + self.net.unplaced.macs

    @property
    def params(self) -> int:
        return sum(step.params for step in _all(self.net)) + self.net.unplaced.params


def _diff(left: _Part, right: _Part, proven: bool) -> Difference:
    moved = _at_input_of(left, right)
    base, after = (moved or left).net, right.net
    pairing, found = _simplest(base, after)
    if moved is not None:
        found.insert(0, _input_root(left.net, base, after))
    exported = not (left.network.on_paper or right.network.on_paper)
    folded = presume(base, after, pairing, found) if exported else ()
    rest = attribute(base, after, pairing, found)
    causes = sorted(((_cause(group), group) for group in _grouped(found)), key=lambda pair: _weight(pair[0]))
    return Difference(
        left=left.network.about(),
        right=right.network.about(),
        macs=Gap(left.macs, right.macs, right.macs - left.macs, _at_least(left, right)),
        params=Gap(left.params, right.params, right.params - left.params),
        differences=tuple(cause for cause, _ in causes),
        remainder={"macs": rest[0], "params": rest[1]},
        folded=folded,
        not_compared=tuple(sorted({*left.net.unknown, *after.unknown})),
        sized=tuple([name for name, part in (("left", left), ("right", right)) if part.sized]),
        proof=_proof(moved or left, right, pairing, [cause for cause, _ in causes]) if proven else None,
        aligned=_aligned(left.net, base, after, pairing, [group for _, group in causes]),
    )


def _simplest(left: Net, right: Net) -> tuple[Pairing, list[Root]]:
    """Of the ways to align, the one that leaves the fewest differences, at the fewest places; and these."""
    ways = [align(left, right)]
    if not ways[0].whole:
        ways.append(align(left, right, by_units=False))
    told = [(pairing, roots(left, right, pairing)) for pairing in ways]
    return min(told, key=lambda one: (len(_grouped(one[1])), len(one[1])))


def _proof(left: _Part, right: _Part, pairing: Pairing, causes: list[Cause]) -> Equivalence | Parting | Unmeasured:
    sides = [side for cause in causes for side in (cause.left, cause.right) if side is not None]
    told = {name for side in sides for name in side.nodes}
    return prove(left.subject(), right.subject(), pairing, told)


def _aligned(left: Net, moved: Net, right: Net, pairing: Pairing, groups: list[list[Root]]) -> Aligned:
    """The steps with their causes' numbers; the left ones as they were before they moved to the right one's input."""
    same = len(_all(left)) == len(_all(moved))
    before = dict(zip(_all(moved), _all(left), strict=True)) if same else {}
    shown = left if same else moved
    known = {*_all(shown), *_all(right)}
    causes: dict[Step, list[int]] = {}
    follows: dict[Step, list[int]] = {}

    def note(where: dict[Step, list[int]], number: int, steps: Iterable[Step]) -> None:
        for step in dict.fromkeys(before.get(step, step) for step in steps):
            if step in known and number not in where.setdefault(step, []):
                where[step].append(number)

    for number, group in enumerate(groups, start=1):
        for root in group:
            note(causes, number, root.mine + root.theirs + root.companions)
            note(follows, number, [step for rows in root.effects.values() for step, _, _ in rows])
    return Aligned(shown, right, pairing, causes, follows)


def _at_least(left: _Part, right: _Part) -> tuple[str, ...]:
    """The sides of which an operator could not be counted."""
    sides = (("left", left), ("right", right))
    return tuple(name for name, part in sides if any(own.uncounted for own in per_operator(part.graph)))


def _with_sizes_of(other: _Part, part: _Part) -> _Part:
    """A network that leaves the size of its image open, at that of the other one; as it is where it does not."""
    if not any(None in one.stated for one in part.net.inputs):
        return part
    asked = _same_input(part.net, other.net) or {}
    known = {name: shape for name, shape in asked.items() if None not in shape}
    try:
        return _Part(part.network, part.network.graph(known), sized=True) if known else part
    except Refusal:
        return part


def _at_input_of(left: _Part, right: _Part) -> _Part | None:
    """The left network at the right one's input; None where the sizes are equal, or where it is not made for them.

    A window that is its whole map at one size alone becomes another operator then: sizes are followed instead.
    """
    asked = _same_input(left.net, right.net)
    if asked is None:
        return None
    try:
        moved = _Part(left.network, left.network.graph(asked))
    except Refusal:
        return None
    return moved if [step.op for step in moved.net.steps] == [step.op for step in left.net.steps] else None


_REVERSED = {"missing": "added", "added": "missing"}
_OTHER = {"left": "right", "right": "left"}


def reverse(difference: Difference) -> Difference:
    """The same difference seen from the other side."""

    def turned(cause: Cause) -> Cause:
        named = cause.left is not None and cause.right is not None and cause.op == cause.left.value
        back = msgspec.structs.replace(
            cause,
            op=cause.right.value if named and cause.right else cause.op,
            kind=_REVERSED.get(cause.kind, cause.kind),
            left=cause.right,
            right=cause.left,
            macs_delta=-cause.macs_delta,
            params_delta=-cause.params_delta,
            consequences=tuple(
                msgspec.structs.replace(c, macs_delta=-c.macs_delta, params_delta=-c.params_delta)
                for c in cause.consequences
            ),
        )
        return msgspec.structs.replace(back, words=_words(back))

    return msgspec.structs.replace(
        difference,
        left=difference.right,
        right=difference.left,
        macs=difference.macs.turned(),
        params=difference.params.turned(),
        differences=tuple(turned(cause) for cause in difference.differences),
        remainder={name: -value for name, value in difference.remainder.items()},
        sized=tuple([_OTHER[side] for side in difference.sized]),
        proof=_turned(difference.proof),
        aligned=difference.aligned and replace(difference.aligned, turned=not difference.aligned.turned),
    )


def _turned(proof: Equivalence | Parting | Unmeasured | None) -> Equivalence | Parting | Unmeasured | None:
    if isinstance(proof, Parting):
        return msgspec.structs.replace(proof, left=proof.right, right=proof.left)
    return proof


def _all(net: Net) -> list[Step]:
    return net.steps + net.preprocessing + net.head


def _same_input(left: Net, right: Net) -> dict[str, tuple[int | None, ...]] | None:
    """The right network's input sizes under the left one's names and in its layout; None where they are the same."""
    asked: dict[str, tuple[int | None, ...]] = {}
    for one, other in zip(left.inputs, right.inputs, strict=False):
        after = other.shape
        if one.shape != after and len(one.shape) == len(after) == 4 and one.shape[1] == after[1]:
            asked[one.name] = (after[0], after[2], after[3], after[1]) if one.stated != one.shape else after
    return asked or None


def _input_root(before: Net, moved: Net, after: Net) -> Root:
    """The input's share: what the left network costs more at the right one's input, step by step."""
    sizes = zip(before.inputs, after.inputs, strict=False)
    root = next(input_root(one, other) for one, other in sizes if one.shape != other.shape)
    if len(before.steps) == len(moved.steps):
        for one, two in zip(_all(before), _all(moved), strict=True):
            root.charge("input_size", two, two.macs - one.macs, two.params - one.params, own=False)
    else:
        macs = [sum(step.macs for step in _all(net)) + net.unplaced.macs for net in (before, moved)]
        root.macs = macs[1] - macs[0]
    return root


def _weight(cause: Cause) -> tuple[int, int, int]:
    group = ("architecture", "interface", "detail").index(cause.group)
    return (group, 0 if cause.kind == "input" else 1, -abs(cause.macs) - abs(cause.params))


# ---------------------------------------------------------------- the same change at several places


def _grouped(found: list[Root]) -> list[list[Root]]:
    """Roots that are one change at several places, together."""
    groups: dict[Any, list[Root]] = {}
    for root in found:
        groups.setdefault(_key(root), []).append(root)
    return list(groups.values())


def _key(root: Root) -> Any:
    sides = (str(root.left), str(root.right))
    if root.what == "out_channels" and root.left and root.right:
        sides = (str(round(root.right / root.left, 3)), "width")
    if root.what == "layer" and root.op == "Block":
        sides = (str(id(root)), "")
    return (root.kind, root.op, root.what, root.group, len(root.mine), len(root.theirs), *sides)


def _cause(group: list[Root]) -> Cause:
    effects: dict[tuple[str, str], list[tuple[Step, int, int]]] = {}
    for root in group:
        for key, rows in root.effects.items():
            effects.setdefault(key, []).extend(rows)
    first = group[0]
    cause = Cause(
        kind=first.kind,
        op=first.op,
        what=first.what,
        words="",
        left=_side([root.left for root in group], [step for root in group for step in root.mine]),
        right=_side([root.right for root in group], [step for root in group for step in root.theirs]),
        count=sum(root.count for root in group),
        macs_delta=sum(root.macs for root in group),
        params_delta=sum(root.params for root in group),
        consequences=tuple(
            Consequence(
                op, what, tuple(step.name for step, _, _ in rows), sum(m for _, m, _ in rows), sum(p for *_, p in rows)
            )
            for (op, what), rows in effects.items()
        ),
        group=first.group,
    )
    return msgspec.structs.replace(cause, words=_words(cause))


def _side(values: list[Any], steps: list[Step]) -> Side | None:
    if not steps and all(value is None for value in values):
        return None
    same = all(value == values[0] for value in values)
    return Side(values[0] if same else values, tuple(step.name for step in steps), tuple(map(_layer, steps)))


def _layer(step: Step) -> Layer:
    kernel, strides = (tuple(step.stated.get(name) or ()) for name in ("kernel_shape", "strides"))
    shape = tuple(step.shape_out or ())
    return Layer(step.op, kernel, strides, step.channels, shape[2:] if len(shape) == 4 else ())


def _words(cause: Cause) -> str:
    return sentence(cause.kind, cause.op, cause.what, cause.left, cause.right, cause.count)


def document(difference: Difference) -> dict[str, Any]:
    """The difference as the JSON document that `diff --json` prints."""
    proof = difference.proof
    unproven = (f"{_UNPROVEN}{proof.reason}",) if isinstance(proof, Unmeasured) else ()
    built: dict[str, Any] = msgspec.to_builtins(
        {
            "format": FORMAT,
            "kind": "difference",
            "left": difference.left,
            "right": difference.right,
            "identical": difference.identical,
            "equivalent": proof if isinstance(proof, Equivalence) else None,
            "parting": proof if isinstance(proof, Parting) else None,
            "macs": difference.macs,
            "params": difference.params,
            "differences": difference.differences,
            "remainder": difference.remainder,
            "folded": difference.folded,
            "not_compared": (*difference.not_compared, *unproven),
            "sized": difference.sized,
        },
        str_keys=True,
        enc_hook=lambda array: array.tolist(),  # an attribute that is a tensor
    )
    built["differences"] = _written(built["differences"])
    return built


def load(path: Path) -> Difference:
    """A difference that `diff --json` printed, read back: all but the pictures can be had of it again.

    Raises Refusal on a file that is none, or of another format.
    """
    hint = "Make one with: zoodiff diff A B --json > F"
    try:
        saved = msgspec.json.decode(store.bounded(path), type=_Saved)
    except OSError as error:
        raise Refusal(f"cannot read {str(path)!r}: {error.strerror}", hint) from None
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise Refusal(f"{str(path)!r} holds no difference: {error}", hint) from None
    if (saved.kind, saved.format) != ("difference", FORMAT):
        raise Refusal(f"{str(path)!r} is of kind {saved.kind!r}, format {saved.format}; not difference, {FORMAT}", hint)
    reasons = [one.removeprefix(_UNPROVEN) for one in saved.not_compared if one.startswith(_UNPROVEN)]
    return Difference(
        left=saved.left,
        right=saved.right,
        macs=saved.macs,
        params=saved.params,
        differences=saved.differences,
        remainder=saved.remainder,
        folded=saved.folded,
        not_compared=tuple(one for one in saved.not_compared if not one.startswith(_UNPROVEN)),
        sized=saved.sized,
        proof=saved.equivalent or saved.parting or next((Unmeasured(reason) for reason in reasons), None),
        aligned=None,
    )


_UNPROVEN = "proof: "
"""How the document begins the reason why there is no proof, among what was not compared."""


class _Saved(msgspec.Struct, kw_only=True):
    """A difference's document."""

    format: int
    kind: str
    left: dict[str, Any]
    right: dict[str, Any]
    equivalent: Equivalence | None
    parting: Parting | None
    macs: Gap
    params: Gap
    differences: tuple[Cause, ...]
    remainder: dict[str, int]
    folded: tuple[str, ...]
    not_compared: tuple[str, ...]
    sized: tuple[str, ...] = ()


def _written(value: Any) -> Any:
    """An attribute's value as JSON can have it: `nan`, `inf` and `-inf` are words there."""
    if isinstance(value, dict):
        return {key: _written(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_written(part) for part in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
