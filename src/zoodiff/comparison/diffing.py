"""Compare two networks by structure: what differs, why, and how much of the gap in cost each cause accounts for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zoodiff.alignment.align import Pairing, align
from zoodiff.attribution.attribute import attribute
from zoodiff.attribution.causes import roots
from zoodiff.attribution.folding import presume
from zoodiff.attribution.root import Root
from zoodiff.comparison.aligned import mark
from zoodiff.comparison.difference import Cause, Difference, Gap
from zoodiff.comparison.grouping import grouped, ranked
from zoodiff.comparison.reverse import reverse
from zoodiff.comparison.sizing import Part, at_input_of, input_share, with_sizes_of
from zoodiff.measuring.own import per_operator
from zoodiff.proof.execute import require
from zoodiff.proof.parting import Parting, Subject
from zoodiff.proof.prove import Equivalence, prove
from zoodiff.reading.reference import Inputs, Network, find
from zoodiff.reading.validity import excused
from zoodiff.record import Unmeasured
from zoodiff.reducing.net import Net

if TYPE_CHECKING:
    import onnx


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
    `reverse(diff(a, b))`. With `proven` both are also run on one set of random weights (see `zoodiff.proof.prove`).
    Raises Refusal where one of them has no graph, and where a proof is asked for and onnxruntime is not installed.
    """
    if proven:
        require()
    networks = find(left), find(right)
    with excused(*networks):
        first, second = (Part(network, network.graph(inputs)) for network in networks)
        first, second = with_sizes_of(second, first), with_sizes_of(first, second)
        return reverse(_diff(second, first, proven)) if second.key < first.key else _diff(first, second, proven)


def _diff(left: Part, right: Part, proven: bool) -> Difference:
    moved = at_input_of(left, right)
    base, after = (moved or left).net, right.net
    pairing, found = _simplest(base, after)
    if moved is not None:
        found.insert(0, input_share(left.net, base, after))
    exported = not (left.network.on_paper or right.network.on_paper)
    folded = presume(base, after, pairing, found) if exported else ()
    rest = attribute(base, after, pairing, found)
    causes = ranked(found)
    return Difference(
        left=left.network.about(),
        right=right.network.about(),
        macs=Gap(left.net.macs, right.net.macs, right.net.macs - left.net.macs, _at_least(left, right)),
        params=Gap(left.net.params, right.net.params, right.net.params - left.net.params),
        differences=tuple(cause for cause, _ in causes),
        remainder={"macs": rest[0], "params": rest[1]},
        folded=folded,
        not_compared=tuple(sorted({*left.net.unknown, *after.unknown})),
        sized=tuple([name for name, part in (("left", left), ("right", right)) if part.sized]),
        proof=_proof(moved or left, right, pairing, [cause for cause, _ in causes]) if proven else None,
        aligned=mark(left.net, base, after, pairing, [group for _, group in causes]),
    )


def _simplest(left: Net, right: Net) -> tuple[Pairing, list[Root]]:
    """Of the ways to align, the one that leaves the fewest differences, at the fewest places; and these."""
    ways = [align(left, right)]
    if not ways[0].whole:
        ways.append(align(left, right, by_units=False))
    told = [(pairing, roots(left, right, pairing)) for pairing in ways]
    return min(told, key=lambda one: (len(grouped(one[1])), len(one[1])))


def _proof(left: Part, right: Part, pairing: Pairing, causes: list[Cause]) -> Equivalence | Parting | Unmeasured:
    sides = [side for cause in causes for side in (cause.left, cause.right) if side is not None]
    told = {name for side in sides for name in side.nodes}
    return prove(_subject(left), _subject(right), pairing, told)


def _subject(part: Part) -> Subject:
    return Subject(part.network.skeleton(), part.graph, part.net)


def _at_least(left: Part, right: Part) -> tuple[str, ...]:
    """The sides of which an operator could not be counted."""
    sides = (("left", left), ("right", right))
    return tuple(name for name, part in sides if any(own.uncounted for own in per_operator(part.graph)))
