"""What all screens share: the terminal and its width, tables, and how counts and shapes are written."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from zoodiff import fault

if TYPE_CHECKING:
    from rich.console import Console
    from rich.segment import Segment
    from rich.table import Table

    from zoodiff.record import Shape


@cache
def console() -> Console:
    """The terminal on standard output: colour only where it is one; 80 columns wide or as wide as it is."""
    from rich.console import Console

    class Plain(Console):
        """A console on which nothing that is printed commands the terminal, whoever wrote it."""

        def render(self, *given: Any, **options: Any) -> Iterator[Segment]:
            for segment in super().render(*given, **options):
                yield segment if segment.control else segment._replace(text=fault.plain(segment.text))

    made = Plain(highlight=False, emoji=False, markup=False)
    return made if made.is_terminal else Plain(highlight=False, emoji=False, markup=False, width=_width())


def _width() -> int:
    import os

    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdigit() and int(columns) >= 40 else 100


def table(*columns: tuple[str, str], title: str | None = None) -> Table:
    """An empty table; each column is its heading and `left` or `right`."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(box=SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False, show_edge=False)
    for heading, side in columns:
        made.add_column(heading, justify="right" if side == "right" else "left", overflow="fold")
    return made


def millions(value: int) -> str:
    """A count in millions with two decimals, as the field writes MACs and parameters."""
    return f"{value / 1e6:,.2f} M"


def dims(shape: Shape | None) -> str:
    """A shape as 1x3x224x224; `?` where a dimension is not known."""
    return "?" if shape is None else "x".join("?" if d is None else str(d) for d in shape)
