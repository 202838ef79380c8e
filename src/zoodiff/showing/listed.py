"""What `list` shows: the units of a room, or the models of the zoos."""

from __future__ import annotations

from typing import Any

from zoodiff import unit
from zoodiff.fault import Refusal
from zoodiff.showing.screen import console, table


def listing(room: str, which: str | None = None) -> list[dict[str, Any]]:
    """The entries of a room, one dict each; `models` lists the published models of all zoos or of one."""
    if room == "models":
        return _models(which)
    if room not in unit.ROOMS:
        raise Refusal(f"there is no room {room!r}", f"There are: models, {', '.join(unit.ROOMS)}")
    return [{"id": name, "title": unit.title(module)} for name, module in unit.units(room).items()]


def _models(zoo: str | None) -> list[dict[str, Any]]:
    from zoodiff.reading.reference import nearest, snapshot, zoos

    if zoo is not None and zoo not in zoos():
        raise Refusal(f"there is no zoo {zoo!r}", f"There are: {', '.join(zoos())}. {nearest(zoo, zoos())}")
    return [
        {
            "ref": f"{name}:{model.name}",
            "weights": [w.id for w in model.weights],
            "graph": model.stand_in or (model.graph_missing.reason if model.graph_missing else "own"),
        }
        for name in ([zoo] if zoo else zoos())
        for model in snapshot(name)
    ]


def show_listing(room: str, rows: list[dict[str, Any]]) -> None:
    """Print the entries of a room as a table."""
    if not rows:
        console().print(f"There are no {room} yet.")
        return
    made = table(*((key, "left") for key in rows[0]))
    for row in rows:
        made.add_row(*(", ".join(v) if isinstance(v, list) else str(v) for v in row.values()))
    console().print(made)
