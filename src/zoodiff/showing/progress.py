"""Show how far long work has got, on standard error and only to a person: a bar on a terminal, else nothing."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any

from zoodiff.fault import plain

if TYPE_CHECKING:
    from zoodiff.gathering.step import Step


class Counter:
    """A bar with the number done, the time left and the item at hand; use it as a context."""

    def __init__(self, what: str, *, quiet: bool = False) -> None:
        self.what = what
        self.quiet = quiet
        self.bar: Any = None
        self.task: Any = None

    def __enter__(self) -> Counter:
        import sys

        if not self.quiet and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (TextColumn(self.what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self.bar = Progress(
                *columns, TextColumn("{task.description}", markup=False), console=Console(stderr=True), transient=True
            )
            self.bar.start()
            self.task = self.bar.add_task("", total=None)
        return self

    def tell(self, done: int, total: int, item: str) -> None:
        """Show that `done` of `total` are done and `item` is at hand."""
        if self.bar is not None:
            self.bar.update(self.task, completed=done, total=total, description=plain(item))

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.bar is not None:
            self.bar.stop()


class Steps:
    """The steps of a gather: one line that is drawn over on a terminal, plain lines elsewhere."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.status: Any = None

    def __enter__(self) -> Steps:
        import sys

        if not self.quiet and sys.stderr.isatty():
            from rich.console import Console

            self.status = Console(stderr=True, highlight=False).status("starting")
            self.status.start()
        return self

    def tell(self, step: Step) -> None:
        """Show one step."""
        from zoodiff.gathering.step import lines, told

        if self.status is not None:
            from rich.text import Text

            self.status.update(Text(plain(told(step))))
        elif not self.quiet:
            lines(step)

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        if self.status is not None:
            self.status.stop()
