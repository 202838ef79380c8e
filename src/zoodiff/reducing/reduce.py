"""Reduce a graph to the steps that are compared, with movement of data (Reshape, Transpose) taken for granted."""

from __future__ import annotations

import math
from itertools import accumulate
from typing import Final

from zoodiff.measuring.own import Own, per_operator
from zoodiff.record import Graph
from zoodiff.reducing.draft import Draft, Op
from zoodiff.reducing.net import COMMUTATIVE, Input, Net, Port, Step, channels_first
from zoodiff.reducing.normalise import normalise
from zoodiff.reducing.operators import as_compared, as_stated, kind_of

_MOVEMENT: Final = frozenset({"Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze", "Cast", "Identity", "Expand"})

_FRONT: Final = frozenset({"Gather", "Slice", "Split", "Concat", "Resize"})
"""Operators that, like arithmetic with constants, only prepare an image where they come before all others."""

_HEAD: Final = frozenset({"Softmax", "LogSoftmax", "ArgMax", "TopK"})
"""Operators that only read the scores where they come after all others."""


def build(graph: Graph) -> Net:
    """The steps of a graph, from its normal form."""
    return _Builder(graph, normalise(graph)).build()


class _Builder:
    def __init__(self, graph: Graph, draft: Draft) -> None:
        self.graph, self.draft = graph, draft
        draft.sort()
        self.ports: dict[str, Port] = {value.name: (-1 - at, 0) for at, value in enumerate(draft.inputs)}
        self.steps: list[Step] = []
        self.own = per_operator(graph)
        self.left = set(range(len(graph.nodes)))
        self.claims: dict[int, list[Step]] = {}
        self.pending: dict[Port, list[int]] = {}
        self.preprocessing: list[Step] = []
        self.head: list[Step] = []
        self.ops: dict[Step, Op] = {}

    def build(self) -> Net:
        for op in self.draft.ops:
            if self._moves(op):
                self._contract(op)
            else:
                self._step(op)
        self._share()
        outputs = self._outputs()
        self._note_readers()
        left = [self.own[at] for at in self.left]
        return Net(
            steps=self.steps,
            inputs=[Input(v.name, v.shape or (), channels_first(v.shape or ())) for v in self.draft.inputs],
            outputs=outputs,
            unplaced=Own(sum(o.macs for o in left), sum(o.flops for o in left), sum(o.params for o in left)),
            preprocessing=self.preprocessing,
            head=self.head,
            unknown=tuple(dict.fromkeys(step.op for step in self.steps if step.shape_out is None)),
            draft=self.draft,
            ops=self.ops,
        )

    def _moves(self, op: Op) -> bool:
        """Whether an operator only moves data: also a Gather by constants that takes as many elements as there are."""
        if not op.inputs or op.inputs[0] not in self.ports or len(op.outputs) != 1:
            return False
        if op.op == "Gather" and op.inputs[1] in self.draft.constants:
            before, after = self.draft.whole(op.inputs[0]), self.draft.whole(op.outputs[0])
            return before is not None and after is not None and math.prod(before) == math.prod(after)
        return op.op in _MOVEMENT

    def _contract(self, op: Op) -> None:
        port = self.ports[op.inputs[0]]
        self.ports[op.outputs[0]] = port
        self.pending.setdefault(port, []).extend(self.draft.stands_for(op))

    def _step(self, op: Op) -> None:
        carried = [name for name in op.inputs if name in self.ports]
        mine, together = self._origin(op, carried)
        step = self._made(op, carried, mine)
        self.ops[step] = op
        for at in together:
            self.claims.setdefault(at, []).append(step)
        first = bool(step.inputs) and all(source < 0 for source, _ in step.inputs)
        if first and (step.kind.endswith(" constant") or op.op in _FRONT):
            self.preprocessing.append(step)
            self.ports.update(dict.fromkeys(op.outputs, step.inputs[0]))
            return
        self.steps.append(step)
        self.ports.update({name: (step.index, at) for at, name in enumerate(op.outputs) if name})

    def _origin(self, op: Op, carried: list[str]) -> tuple[list[int], set[int]]:
        """The file's operators that a step alone stands for, with the movement before it, and those that it shares."""
        origin = self.draft.stands_for(op)
        for name in carried:
            origin += self.pending.pop(self.ports[name], [])
        together = self.draft.shared.intersection(origin)
        mine = [at for at in dict.fromkeys(origin) if at in self.left and at not in together]
        self.left.difference_update(mine)
        return mine, together

    def _made(self, op: Op, carried: list[str], mine: list[int]) -> Step:
        draft = self.draft
        constants = [name for name in op.inputs if name and name not in self.ports]
        shape_in = draft.whole(carried[0]) if carried and carried[0] else None
        shape_out = draft.whole(op.outputs[0])
        stated = as_stated(op, draft)
        weights = tuple(draft.constants[name].shape for name in constants if name in draft.constants)
        channels, size = _channels(op, shape_out)
        if shape_out is None and op.op == "Conv" and weights and weights[0]:
            channels = weights[0][0]
        return Step(
            index=len(self.steps),
            op=op.op,
            kind=kind_of(op, len(carried)),
            name=op.name,
            inputs=tuple(self.ports[name] for name in carried),
            attributes=as_compared(op, stated, shape_in, shape_out, weights),
            stated=stated,
            weights=weights,
            shape_in=shape_in,
            shape_out=shape_out,
            channels_in=_channels(op, shape_in)[0],
            channels=channels,
            size=size,
            macs=sum(self.own[at].macs for at in mine),
            params=sum(self.own[at].params for at in mine),
            scope=op.scope,
        )

    def _share(self) -> None:
        """Share the cost of what several steps stand for together, as of a packed projection, out by their widths."""
        for at, steps in self.claims.items():
            self.left.discard(at)
            widths = [step.channels or 1 for step in steps]
            for step, start, end in zip(steps, accumulate([0, *widths]), accumulate(widths), strict=False):
                whole = sum(widths)
                step.macs += self.own[at].macs * end // whole - self.own[at].macs * start // whole
                step.params += self.own[at].params * end // whole - self.own[at].params * start // whole

    def _outputs(self) -> list[Port]:
        """What the network's outputs are made of, once operators that only read the scores are set apart."""
        outputs = [self.ports[name] for name in self.draft.outputs if name in self.ports]
        while len(outputs) == 1 and self.steps and self.steps[-1].op in _HEAD and outputs[0][0] == len(self.steps) - 1:
            self.head.append(self.steps.pop())
            outputs = [self.head[-1].inputs[0]]
        return outputs

    def _note_readers(self) -> None:
        for step in self.steps:
            for place, (source, _) in enumerate(step.inputs):
                if source >= 0:
                    self.steps[source].readers.append((step.index, 0 if step.op in COMMUTATIVE else place))


def _channels(op: Op, shape: tuple[int, ...] | None) -> tuple[int | None, tuple[int, ...]]:
    """Channels, and the other dimensions in order of size: layouts do not count."""
    if not shape:
        return None, ()
    at = len(shape) - 1 if op.op in ("Gemm", "MatMul", "LayerNormalization") or len(shape) == 3 else 1
    at = min(at, len(shape) - 1)
    others = [d for place, d in enumerate(shape) if place != at]
    return shape[at], tuple(d for d in others if d != 1)
