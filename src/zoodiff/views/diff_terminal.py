"""Two networks side by side on the terminal: facing operators, changes marked and numbered, equal runs folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from zoodiff.comparison.cells import Cell
from zoodiff.comparison.difference import Difference
from zoodiff.comparison.lanes import Stroke
from zoodiff.comparison.rows import ADDED, ALIKE, CHANGED, MISSING, MOVED
from zoodiff.comparison.sidebyside import Picture, lay
from zoodiff.comparison.spans import Span
from zoodiff.fault import plain
from zoodiff.showing.screen import console
from zoodiff.views import _diff

if TYPE_CHECKING:
    from rich.text import Text

SCREEN: Final = 60
"""Most lines that are printed without being asked for."""

_STYLES: Final = {ALIKE: "dim", CHANGED: "yellow", MISSING: "red", ADDED: "cyan", MOVED: "magenta"}
_LANES: Final = 3
"""Lanes that are drawn; further ones go together in the outermost."""


def show(difference: Difference, *, whole: bool = False) -> None:
    """Print the two networks side by side; what is longer than a screen only with `whole`, else how to see it."""
    if difference.identical and not whole:
        return
    picture, out = lay(difference), console()
    if len(picture.spans) > SCREEN and not whole:
        out.print(
            f"Side by side these are {len(picture.spans)} lines: --side-by-side prints them, --html F draws them."
        )
        return
    lanes = max(min(column.lanes, _LANES) for column in (picture.left, picture.right))
    numbers = [_numbers(picture, span) for span in picture.spans]
    width = (out.width - 2 * lanes - 5 - max(map(len, numbers), default=0)) // 2
    heading = [difference.left["ref"], difference.right["ref"]]
    out.print(f"{'':{lanes}}  {_cut(heading[0], width):{width}}  {_cut(heading[1], width)}", style="bold")
    for span, end in zip(picture.spans, numbers, strict=True):
        out.print(_line(picture, span, lanes, width).append(f" {end}"), no_wrap=True, crop=True)
    numbers_mean = "  #1 difference 1 above" if difference.differences else ""
    out.print(f"{_diff.legend(picture)}{numbers_mean}", style="dim")


def _numbers(picture: Picture, span: Span) -> str:
    """The differences that a span is marked with, or that are details of its one row."""
    details = () if span.folded else picture.rows[span.start].details
    return ",".join(f"#{number}" for number in sorted({*picture.causes(span), *details}))


def _line(picture: Picture, span: Span, lanes: int, width: int) -> Text:
    from rich.text import Text

    style, row = _STYLES[span.mark], picture.rows[span.start]
    left = _gutter(picture.left.strokes(span.start, span.stop), lanes, "╭├╰")
    right = _gutter(picture.right.strokes(span.start, span.stop), lanes, "╮┤╯")
    line = Text(f"{left[::-1]}{_diff.sign(span.mark)} ", style)
    if span.folded:
        line.append(f"{_cut(f'··· {picture.words(span)} ···', 2 * width + 2):{2 * width + 2}}")
    else:
        for cell, end in ((row.left, "  "), (row.right, "")):
            line.append(_fitted(cell, width))
            line.append(end)
    return line.append(right)


def _gutter(strokes: list[Stroke], lanes: int, corners: str) -> str:
    """One character a lane, from the column outwards; `corners` are those that begin, join and end."""
    drawn = [" "] * lanes
    merged: dict[int, Stroke] = {}
    for stroke in strokes:
        at = min(stroke.lane, lanes - 1)
        merged[at] = stroke.merged(merged[at]) if at in merged else stroke
    for at, stroke in merged.items():
        if not stroke.joined:
            drawn[at] = "│"
            continue
        drawn[:at] = [{"│": "┼", " ": "─"}.get(inner, inner) for inner in drawn[:at]]
        drawn[at] = corners[1] if stroke.above and stroke.below else corners[2 if stroke.above else 0]
    return "".join(drawn)


def _fitted(cell: Cell | None, width: int) -> Text:
    """A cell's text in so many columns; where it is too long, pieces that do not differ go first."""
    from rich.text import Text

    parts = list(cell.parts) if cell else []
    made = Text()
    while len(shown := Cell(tuple(parts), "", ()).text if parts else "") > width:
        at = next((i for i in range(len(parts) - 1, 0, -1) if not parts[i].differs), None)
        if at is None:
            break
        del parts[at]
    for at, part in enumerate(parts):
        made.append("" if at == 0 else " " if at == 1 else ", ")
        made.append(plain(part.text), "bold underline" if part.differs else "")
    if len(shown) > width:
        made.truncate(width, overflow="ellipsis")
    made.pad_right(width - made.cell_len)
    return made


def _cut(text: str, width: int) -> str:
    return plain(text if len(text) <= width else text[: width - 1] + "…")
