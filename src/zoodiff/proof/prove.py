"""Prove that two networks compute the same, or find the first layer at which they part, by running both.

The proof has three parts, each on random weights and inputs: either file computes what its normal form does, with the
weights carried through the passes; and the two normal forms compute the same, with one set of weights put into both by
the pairs of steps. How far outputs may lie apart follows from how much the networks magnify rounding, measured on the
same weights and inputs.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from zoodiff.alignment.align import Pairing
from zoodiff.fault import Refusal
from zoodiff.proof.agreement import SEED, SIZES, Agreement, Array, agreement, nudged_inputs, random_inputs, telling
from zoodiff.proof.execute import execute
from zoodiff.proof.parting import Parting, Subject, Together
from zoodiff.record import Unmeasured
from zoodiff.reducing import emit


class Equivalence(msgspec.Struct, frozen=True):
    """Two networks compute the same."""

    max_abs_error: float
    """largest difference of an output, as a part of that output's largest magnitude; the largest of the three parts"""
    tolerance: float
    """how large rounding may make it: ten times how far outputs move where all weights and inputs change by 1e-6"""
    inputs: int
    """on how many random inputs"""


def prove(
    left: Subject, right: Subject, pairing: Pairing, told: Collection[str] = ()
) -> Equivalence | Parting | Unmeasured:
    """Run two networks on one set of random weights and inputs.

    `told` are the names of the steps at which `diff` found a difference. What comes before the first and after the last
    operator that learns (preprocessing, a final Softmax) is part of each file's proof, not of their comparison.
    Raises Refusal where onnxruntime is absent.
    """
    try:
        found = telling(lambda gain, scale: Together(left, right, pairing, gain, scale).compared(told))
        if isinstance(found, Parting):
            return found
        parts = {"left": preserved(left), "right": preserved(right)}
    except Refusal as refusal:
        return Unmeasured(refusal.message)
    for side, part in parts.items():
        if not part.holds:
            return Unmeasured(
                f"the {side} file and its normal form differ by {part.error:.1e}, more than the {part.tolerance:.1e} "
                "that rounding explains: a fault of zoodiff"
            )
    worst = max(found, *parts.values())
    return Equivalence(worst.error, worst.tolerance, len(SIZES))


def preserved(subject: Subject) -> Agreement:
    """How far a file's outputs are from its normal form's, on random weights carried through the passes.

    Raises Refusal where it cannot be run, and where the outputs prove nothing.
    """
    scores = _scores(subject)

    def attempt(gain: float, scale: float) -> Agreement:
        feeds = [random_inputs(subject.graph.inputs, seed, scale * size) for seed, size in enumerate(SIZES)]
        values = emit.Weights(subject.graph, SEED, gain)

        def outputs(values: emit.Weights, feeds: list[dict[str, Array]]) -> list[list[Array]]:
            return execute(emit.filled(subject.skeleton, subject.graph, values, [file for file, _ in scores]), feeds)

        before = outputs(values, feeds)
        names = [*subject.net.draft.outputs, *(normal for _, normal in scores)]
        after = execute(emit.model(subject.net.draft, values, outputs=names), feeds)
        return agreement(
            before,
            after,
            lambda part: outputs(values.nudged(part), [nudged_inputs(one, part) for one in feeds]),
            len(scores),
        )

    return telling(attempt)


def _scores(subject: Subject) -> list[tuple[str, str]]:
    """What the head reads, in the file and in its normal form: a Softmax of large numbers tells little."""
    if not subject.net.head:
        return []
    first = subject.net.head[-1]
    node = next(node for node in subject.graph.nodes if first.name in node.outputs)
    return [(node.inputs[0], subject.net.ops[first].inputs[0])]
