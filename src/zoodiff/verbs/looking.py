"""The verbs that show what is known: `list`, `explain`, `claims`."""

from __future__ import annotations

from pathlib import Path

import click

from zoodiff.fault import Refusal
from zoodiff.verb import argument, print_json, verb, with_json


@verb("list", epilog="Example: zoodiff list models torchvision")
@argument("room", metavar="ROOM", about="zoos, models, readers, costs, passes, rules, papers, ...")
@argument("which", metavar="[ZOO]", required=False, about="With models: only this zoo's.")
@with_json
def list_(room: str, which: str | None, as_json: bool) -> None:
    """List what there is: zoos, their models, readers, costs, passes, rules, papers, statements, views."""
    from zoodiff.showing import listed

    rows = listed.listing(room, which)
    if as_json:
        print_json({"format": 1, "kind": "listing", "room": room, "entries": rows})
    else:
        listed.show_listing(room, rows)


@verb(epilog="Example: zoodiff explain claim-spread")
@argument("name", metavar="ID", about="A unit's id, as `list` shows it.")
def explain(name: str) -> None:
    """Say what a rule, zoo, reader, cost, pass, paper, statement or view is, why it matters and what to do."""
    from zoodiff.showing.explained import show_explanation

    show_explanation(name)


@verb(epilog="Example: zoodiff claims keras:ResNet50V2")
@argument("model", metavar="MODEL|ARCH", about="ZOO:MODEL, or an architecture's name.")
@click.option("--as-of", help="As of that day (YYYY-MM-DD).")
@with_json
def claims(model: str, as_of: str | None, as_json: bool) -> None:
    """Show every claim with its source and date, and which one tables use, and why."""
    from zoodiff.showing.claimed import show_claims
    from zoodiff.survey.told import claims_of, document

    if Path(model).suffix and Path(model).exists():
        raise Refusal(f"{model!r} is a file; claims are of published models", f"See: zoodiff identify {model}")
    told = claims_of(model, as_of)
    if as_json:
        print_json(document(told))
    else:
        show_claims(told)
