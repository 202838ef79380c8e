"""Share the gap in cost out among the causes, exactly: what each changed step costs more goes to what changed it."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from zoodiff.alignment.align import Pairing
from zoodiff.attribution.root import DETAIL, Root
from zoodiff.reducing.net import Net, Step
from zoodiff.reducing.window import window_sizes

_OF_SPACE: Final = ("kernel_shape", "strides", "dilations", "pads", "ceil_mode", "auto_pad", "output_padding")
"""Attributes that make another size of what a step makes."""


def attribute(left: Net, right: Net, pairing: Pairing, roots: list[Root]) -> tuple[int, int]:
    """Charge every step's change in cost to a root; returns the macs and parameters that no root explains.

    A weighted step's cost is a product (positions, kernel, input channels by group, output channels): its factors are
    changed one after the other, upstream ones first, and each difference goes to the cause of that factor.
    """
    return _Sharer(left, right, pairing, roots).run()


class _Factors(NamedTuple):
    """What a weighted step's cost is made of."""

    positions: int
    inner: int
    """input channels by group"""
    kernel: int
    channels: int
    bias: int
    """1 where there is one"""

    @property
    def macs(self) -> int:
        return self.positions * self.inner * self.kernel * self.channels

    @property
    def params(self) -> int:
        return self.inner * self.kernel * self.channels + self.channels * self.bias


class _Sharer:
    def __init__(self, left: Net, right: Net, pairing: Pairing, roots: list[Root]) -> None:
        self.left, self.right, self.pairing, self.roots = left, right, pairing, roots
        self.own: dict[tuple[int, str], Root] = {}
        self.mine: dict[int, Root] = {}
        self.theirs: dict[int, Root] = {}
        self.width: dict[int, Root] = {}
        self.space: dict[int, Root] = {}
        self.macs = self.params = 0
        for root in roots:
            self._note(root)

    def _note(self, root: Root) -> None:
        companions = {id(step) for step in root.companions}
        for step in root.mine + [s for s in root.companions if self._is(self.left, s)]:
            if step.index >= 0 and self._is(self.left, step):
                if self.pairing.left[step.index] < 0:
                    self.mine[step.index] = root
                elif id(step) not in companions:
                    self.own[self.pairing.left[step.index], root.what] = root
        for step in root.theirs + root.companions:
            if step.index >= 0 and self._is(self.right, step) and self.pairing.right[step.index] < 0:
                self.theirs[step.index] = root

    @staticmethod
    def _is(net: Net, step: Step) -> bool:
        return 0 <= step.index < len(net.steps) and net.steps[step.index] is step

    def run(self) -> tuple[int, int]:
        for step in self.left.steps:
            if self.pairing.left[step.index] < 0:
                self._charge(self.mine.get(step.index), step, "layer", -step.macs, -step.params, own=True)
        for step in self.right.steps:
            a = self.pairing.right[step.index]
            if a < 0:
                self._charge(self.theirs.get(step.index), step, "layer", step.macs, step.params, own=True)
            else:
                self._pair(self.left.steps[a], step)
        for sign, net in ((-1, self.left), (1, self.right)):
            for step in net.preprocessing + net.head:
                root = next((r for r in self.roots if step in r.mine or step in r.theirs), None)
                self._charge(root, step, "layer", sign * step.macs, sign * step.params, own=True)
        self.macs += self.right.unplaced.macs - self.left.unplaced.macs
        self.params += self.right.unplaced.params - self.left.unplaced.params
        return self.macs, self.params

    def _charge(self, root: Root | None, step: Step, what: str, macs: int, params: int, *, own: bool) -> None:
        if not macs and not params:
            return
        if root is None:
            self.macs += macs
            self.params += params
        else:
            root.charge(what, step, macs, params, own=own)

    # ------------------------------------------------------------ one pair

    def _pair(self, a: Step, b: Step) -> None:
        width, space = self._above(a, b)
        self._carry(a, b, width, space)
        if a.macs == b.macs and a.params == b.params:
            return
        before, after = _factors(a), _factors(b)
        if before is not None and after is not None:
            self._product(a, b, before, after, width, space)
            return
        own = self._any_own(b)
        root = own or width or space
        if root is None:  # nothing but constants that are written as tensors on one side and not on the other
            root = own = Root("changed", a.op, "constants", None, None, [a], [b], DETAIL)
            self.roots.append(root)
        self._charge(root, b, "layer", b.macs - a.macs, b.params - a.params, own=own is not None)

    def _above(self, a: Step, b: Step) -> tuple[Root | None, Root | None]:
        """What changed the channels and the size of what a pair reads."""
        width = space = None
        for source, _ in b.inputs:
            if source < 0:
                root = next((r for r in self.roots if r.kind == "input"), None)
                width, space = width or root, space or root
            elif source in self.theirs:
                width, space = width or self.theirs[source], space or self.theirs[source]
            else:
                width, space = width or self.width.get(source), space or self.space.get(source)
        for source, _ in a.inputs:
            if source in self.mine:
                width, space = width or self.mine[source], space or self.mine[source]
        rewired = self.own.get((b.index, "wiring"))
        return width or rewired, space or rewired

    def _carry(self, a: Step, b: Step, width: Root | None, space: Root | None) -> None:
        """Remember what changed the channels and the size of what a pair makes."""
        own_width = self.own.get((b.index, "out_channels"))
        if a.channels != b.channels:
            root = own_width or width or self._any_own(b) or space
            if root is not None:
                self.width[b.index] = root
        if a.size != b.size:
            own = self._own_space(b)
            root = own if own is not None and (space is None or _resized(a, b) != b.size) else space
            root = root or self._any_own(b) or width
            if root is not None:
                self.space[b.index] = root

    def _own_space(self, b: Step) -> Root | None:
        for name in ("strides", *_OF_SPACE):
            if (b.index, name) in self.own:
                return self.own[b.index, name]
        return None

    def _any_own(self, b: Step) -> Root | None:
        return next((root for (index, _), root in self.own.items() if index == b.index), None)

    def _product(
        self, a: Step, b: Step, before: _Factors, after: _Factors, width: Root | None, space: Root | None
    ) -> None:
        own = {what: root for (index, what), root in self.own.items() if index == b.index}
        now = before
        own_space = self._own_space(b)
        middle = after.positions
        if own_space is not None:
            size = _resized(a, b)
            middle = math.prod(size) if size is not None else before.positions
        group = own.get("group")
        inner = after.inner
        if group is not None and b.channels_in and before.inner:
            inner = b.channels_in // int(a.stated.get("group", 1)) or 1
        turns: list[tuple[str, str, int, Root | None, bool]] = [
            ("positions", "input_size", middle, space or own_space or width, False),
            ("inner", "in_channels", inner, width or group or space, False),
            ("inner", "group", after.inner, group or width or space, group is not None),
            ("kernel", "kernel_shape", after.kernel, own.get("kernel_shape") or self._any_own(b), True),
            ("positions", "output_size", after.positions, own_space or space, own_space is not None),
            *self._outer(b, own, after, width),
            ("bias", "bias", after.bias, own.get("bias") or self._any_own(b), True),
        ]
        for factor, what, value, root, is_own in turns:
            then = now._replace(**{factor: value})
            self._charge(root, b, what, then.macs - now.macs, then.params - now.params, own=is_own)
            now = then

    def _outer(
        self, b: Step, own: dict[str, Root], after: _Factors, width: Root | None
    ) -> list[tuple[str, str, int, Root | None, bool]]:
        root = own.get("out_channels")
        return [("channels", "out_channels", after.channels, root or width or self._any_own(b), root is not None)]


def _factors(step: Step) -> _Factors | None:
    """The factors of a weighted step's cost; None where its cost is not their product."""
    if not step.weighted or step.shape_out is None or not step.weights or step.channels is None:
        return None
    weight = step.weights[0]
    if step.kind == "convolution" and step.op != "ConvTranspose" and len(weight) > 2:
        inner, kernel = weight[1], math.prod(weight[2:])
    elif step.kind == "dense" and len(weight) == 2 and step.channels:
        inner, kernel = math.prod(weight) // step.channels, 1
    else:
        return None
    positions = math.prod(step.shape_out) // step.channels
    factors = _Factors(positions, inner, kernel, step.channels, int(len(step.weights) > 1))
    return factors if (factors.macs, factors.params) == (step.macs, step.params) else None


def _resized(a: Step, b: Step) -> tuple[int, ...] | None:
    """The size that the left step's window would make of what the right one reads; None where it has no window."""
    if b.shape_in is None or "kernel_shape" not in a.stated or len(b.shape_in) < 3:
        return None
    sizes = window_sizes(a.stated, b.shape_in[2:])
    return None if sizes is None else tuple(d for d in (b.shape_in[0], *sizes) if d != 1)
