"""Axes under Transposes and Reshapes: which go where, and what can be said of one order in terms of another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

Shape = tuple[int, ...]


def inverse(perm: Sequence[int]) -> tuple[int, ...]:
    """The permutation that undoes one."""
    return tuple(perm.index(axis) for axis in range(len(perm)))


def permuted(values: Sequence[int], perm: Sequence[int]) -> Shape:
    """What a Transpose makes of a shape."""
    return tuple(values[axis] for axis in perm)


def keeps_order(shape: Sequence[int], perm: Sequence[int]) -> bool:
    """Whether a Transpose moves axes of size 1 only: then it is a Reshape."""
    wide = [axis for axis in perm if shape[axis] != 1]
    return wide == sorted(wide)


class Group(NamedTuple):
    """Axes before a Reshape and axes after it that hold the same elements; axes of size 1 are in no group."""

    before: tuple[int, ...]
    after: tuple[int, ...]


def groups(before: Shape, after: Shape) -> list[Group] | None:
    """The smallest groups of axes that a Reshape maps to each other; None where a size is 0 or sizes differ."""
    if 0 in before or 0 in after:
        return None
    left = [axis for axis, size in enumerate(before) if size != 1]
    right = [axis for axis, size in enumerate(after) if size != 1]
    found: list[Group] = []
    i = j = 0
    while i < len(left) and j < len(right):
        start, begin = i, j
        one, other = before[left[i]], after[right[j]]
        while one != other:
            if one < other:
                i += 1
                if i == len(left):
                    return None
                one *= before[left[i]]
            else:
                j += 1
                if j == len(right):
                    return None
                other *= after[right[j]]
        i, j = i + 1, j + 1
        found.append(Group(tuple(left[start:i]), tuple(right[begin:j])))
    return found if i == len(left) and j == len(right) else None


def unreshaped(constant: Shape, before: Shape, after: Shape) -> Shape | None:
    """The shape in which a constant that broadcasts against a Reshape's output does the same against its input.

    None where it varies along a part of a group of axes only.
    """
    known = groups(before, after)
    if known is None or len(constant) > len(after):
        return None
    wide = (1,) * (len(after) - len(constant)) + constant
    if any(size not in (1, after[axis]) for axis, size in enumerate(wide)):
        return None
    made = [1] * len(before)
    for group in known:
        sizes = [wide[axis] for axis in group.after]
        if all(size == 1 for size in sizes):
            continue
        if sizes != [after[axis] for axis in group.after]:
            return None
        for axis in group.before:
            made[axis] = before[axis]
    while made and made[0] == 1:
        made.pop(0)
    return tuple(made) or (1,) * min(1, len(constant))


def moved_axis(axis: int, before: Shape, after: Shape) -> int | None:
    """Where a Reshape puts an axis that it leaves whole; None where it splits or joins it."""
    for group in groups(before, after) or ():
        if group.before == (axis,):
            return group.after[0] if len(group.after) == 1 else None
    return None


def cut_axis(axis: int, before: Shape, after: Shape) -> tuple[int, int, int] | None:
    """Where a Reshape puts the pieces of an axis that is cut: the axis, and by what to multiply and to divide sizes.

    None where a piece is no run along one axis: where the axis is not the outermost of those that hold its elements.
    """
    for group in groups(before, after) or ():
        if group.before[0] == axis:
            inner = math.prod(before[place] for place in group.before[1:])
            return group.after[0], inner, math.prod(after[place] for place in group.after[1:])
    return None


def kept_last(before: Shape, after: Shape) -> bool:
    """Whether a Reshape leaves the last axis as it is."""
    return bool(before and after) and before[-1] == after[-1] and (before[-1] != 1 or before == after)
