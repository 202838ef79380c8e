"""What the pictures of a difference have in common: words, shares of the gap, and the lines of a lane."""

from __future__ import annotations

from collections import Counter
from typing import Final

from zoodiff.comparison.difference import Cause, Difference, Gap
from zoodiff.comparison.lanes import Stroke
from zoodiff.comparison.rows import ADDED, ALIKE, CHANGED, MISSING, MOVED
from zoodiff.comparison.sidebyside import Picture
from zoodiff.showing.screen import millions

NAMES: Final = {ALIKE: "alike", CHANGED: "changed", MISSING: "missing", ADDED: "added", MOVED: "moved"}
"""A mark's style class, the same in every picture."""

MEANING: Final = {
    ALIKE: "alike",
    CHANGED: "changed",
    MISSING: "only left",
    ADDED: "only right",
    MOVED: "stands elsewhere",
}
"""A mark in words."""

SIGNS: Final = {"changed": CHANGED, "missing": MISSING, "added": ADDED, "rewired": CHANGED, "input": CHANGED}
"""The mark that stands for a difference of a kind."""

EDGE: Final = 10
"""How far the nearest lane is from its column."""


_WHERE: Final = {"architecture": "in architecture", "interface": "at the interface", "detail": "in details"}


def verdict(difference: Difference) -> str:
    """What was found, in one sentence."""
    if difference.identical:
        return "The same network: nothing differs in operators, attributes, shapes and wiring."
    counts = Counter(cause.group for cause in difference.differences)
    if not counts:
        return "No difference was found, but not all could be compared."
    found = [(counts[group], where) for group, where in _WHERE.items() if counts[group]]
    (first, where), *others = found
    words = ", ".join(
        [f"{first} difference{'s' * (first > 1)} {where}", *(f"{count} {where}" for count, where in others)]
    )
    return f"{'Not the same network' if counts['architecture'] else 'The same architecture'}: {words}."


def share(cause: Cause, difference: Difference) -> str:
    """What a difference, with its consequences, has of the gap in multiply-accumulates; of parameters where of none."""
    for value, gap, what in ((cause.macs, difference.macs, "MACs"), (cause.params, difference.params, "parameters")):
        if value:
            return f"{signed(value)} {what}{_of(100 * value / gap.delta)}" if gap.delta else f"{signed(value)} {what}"
    return "no cost"


def _of(percent: float) -> str:
    shown = f"{percent:.0f}".replace("-", "−") if abs(percent) >= 1 else "under 1"
    return f", {shown} % of gap"


def legend(picture: Picture) -> str:
    """What the marks of a picture mean."""
    marks = {row.mark for row in picture.rows}
    return "  ".join(f"{sign(mark)} {words}" for mark, words in MEANING.items() if mark in marks)


def sign(mark: str) -> str:
    """A mark as it is printed: a minus as wide as a plus."""
    return "−" if mark == MISSING else mark


def signed(value: int) -> str:
    """A difference in cost, in millions; exact where it is less than ten thousand."""
    sign = "−" if value < 0 else "+"
    return f"{sign}{millions(abs(value)) if abs(value) >= 10_000 else f'{abs(value):,}'}" if value else "0"


def gap_words(gap: Gap) -> str:
    """Both costs and how far the right one is from the left one."""
    if gap.at_least:
        left, right = (f"{'≥ ' * (side in gap.at_least)}{millions(getattr(gap, side))}" for side in ("left", "right"))
        return f"{left} → {right} (the gap is not known)"
    if not gap.delta:
        return f"{millions(gap.left)} in both"
    return f"{millions(gap.left)} → {millions(gap.right)} ({percent(gap) or signed(gap.delta)})"


def percent(gap: Gap) -> str:
    """How far the right cost is from the left one; empty where that rounds to nothing."""
    far = 100 * gap.delta / gap.left if gap.left else 0.0
    return f"{far:+.2f} %".replace("-", "−") if abs(far) >= 0.01 else ""


def firsts(picture: Picture, difference: Difference) -> dict[int, list[int]]:
    """Per row, the differences that have their first place there."""
    found: dict[int, list[int]] = {}
    for number in range(1, len(difference.differences) + 1):
        for row in picture.places(number)[:1]:
            found.setdefault(row, []).append(number)
    return found


def path(stroke: Stroke, height: float, lane: float) -> str:
    """A lane's line beside one row as an SVG path: x grows away from the column, which is at 0."""
    x, middle = EDGE + lane * stroke.lane, height / 2
    bend = min(lane, middle)
    parts = []
    if stroke.above and (stroke.below or not stroke.joined):
        parts.append(f"M{x:g} 0V{height:g}")
    if stroke.joined and stroke.above:
        parts.append(f"M{x:g} 0V{middle - bend:g}Q{x:g} {middle:g} {max(0, x - bend):g} {middle:g}H0")
        parts.append(f"M4 {middle - 3:g}L0 {middle:g}L4 {middle + 3:g}")
    elif stroke.joined:
        parts.append(f"M0 {middle:g}H{max(0, x - bend):g}Q{x:g} {middle:g} {x:g} {middle + bend:g}V{height:g}")
    return "".join(parts)
