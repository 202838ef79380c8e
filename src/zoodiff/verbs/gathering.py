"""The verb that brings a zoo's models in: `gather`."""

from __future__ import annotations

from pathlib import Path

import click

from zoodiff.verb import (
    PATH,
    Many,
    argument,
    print_json,
    verb,
    with_json,
    with_quiet,
    with_strict,
)


@verb(epilog="Example: zoodiff gather torchvision==0.28.0")
@argument("zoo", metavar="ZOO[==VERSION]", about="A zoo's id, as `list zoos` shows it.")
@click.option("--only", multiple=True, help="Only this model; may be repeated.")
@click.option("--out", type=PATH, help="Folder for the snapshot (default: your own).")
@with_json
@with_strict
@with_quiet
def gather(zoo: str, only: Many, out: Path | None, as_json: bool, strict: bool, quiet: bool) -> int:
    """Build a snapshot from a zoo's own release, in an environment of its own."""
    from zoodiff.gathering.gather import document
    from zoodiff.gathering.gather import gather as gathered
    from zoodiff.showing.gathered import show_snapshot
    from zoodiff.showing.progress import Steps

    name, _, version = zoo.partition("==")
    with Steps(quiet=quiet) as steps:
        snapshot = gathered(name, version or None, only=only or None, root=out, progress=steps.tell)
    if as_json:
        print_json(document(snapshot))
    else:
        show_snapshot(snapshot)
    return int(strict and any(model.graph_missing for model in snapshot))
