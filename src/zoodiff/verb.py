"""What verbs of the command line are made of: arguments with words in the help, options they share, how they answer."""

from __future__ import annotations

import json
import re
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from zoodiff.fault import Refusal

Many = tuple[str, ...]
PATH = click.Path(path_type=Path)
POSITIVE = click.IntRange(min=1)
REFERENCE = "ZOO:MODEL[/WEIGHTS][@VERSION], or a file."


class Argument(click.Argument):
    """An argument that says in the help of its verb what it is about."""

    def __init__(self, *declarations: Any, about: str, **settings: Any) -> None:
        super().__init__(*declarations, **settings)
        self.about = about


class Verb(click.Command):
    """A command whose help explains its arguments above its options."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what is known of each."""
        with formatter.section("Arguments"):
            formatter.write_dl([(str(p.metavar), p.about) for p in self.params if isinstance(p, Argument)])
        super().format_options(ctx, formatter)


verb = partial(click.command, cls=Verb)
argument = partial(click.argument, cls=Argument)
with_input = click.option(
    "--input", "sizes", multiple=True, help="Another input, as [NAME=]1x3x224x224; may be repeated."
)
with_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on standard output, all else on error."
)
with_strict = click.option("--strict", is_flag=True, help="Exit 1 if something was skipped or found.")
with_quiet = click.option("--quiet", is_flag=True, help="No progress and no notes on standard error.")


def parse_size(text: str) -> tuple[str, tuple[int, ...]]:
    """An input's name, empty where none is given, and its dimensions. Raises Refusal where the text is no size."""
    name, separator, size = text.rpartition("=")
    try:
        dims = tuple(int(part) for part in size.replace(",", "x").split("x"))
    except ValueError:
        dims = ()
    if not dims or min(dims) < 1 or max(dims) >= 1 << 63 or (separator and not name):
        raise Refusal(f"--input {text!r} is no size", "Write it as 1x3x224x224, or NAME=1x3x224x224.")
    return name, dims


def print_json(document: Any) -> None:
    """Print a document on one line of standard output."""
    text = json.dumps(document, ensure_ascii=False)
    # JSON leaves these as they are, and terminals obey some
    sys.stdout.write(re.sub("[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


def note(text: str, *, quiet: bool) -> None:
    """Say on standard error what is no part of the answer, unless one is not to."""
    if not quiet:
        print(text, file=sys.stderr)
