"""Find what people add: each room is a folder, each unit a file in it, and nothing is listed centrally."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterable
from functools import cache
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from zoodiff.fault import Refusal

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ROOMS = (
    "zoos",
    "readers",
    "costs",
    "passes",
    "conventions",
    "datasets",
    "runners",
    "rules",
    "papers",
    "statements",
    "views",
)


@cache
def ids(room: str) -> dict[str, str]:
    """Map each unit's id in a room to the module that holds it, sorted by id; nothing is imported.

    The id is the file's name with dashes for underscores. Third parties add units by an entry point in the
    group `zoodiff.ROOM`. Two units with one id raise ValueError: an id is a promise to users.
    """
    package = importlib.import_module(f"zoodiff.{room}")
    own = [
        (found.name.replace("_", "-"), f"{package.__name__}.{found.name}")
        for found in pkgutil.iter_modules(package.__path__)
        if not found.name.startswith("_")
    ]
    foreign = [(entry.name, entry.module) for entry in _entry_points(f"zoodiff.{room}")]
    modules: dict[str, str] = {}
    for name, module in own + foreign:
        if name in modules:
            raise ValueError(f"two units named {name!r} in {room}: {modules[name]} and {module}")
        modules[name] = module
    return dict(sorted(modules.items()))


def _entry_points(group: str) -> Iterable[EntryPoint]:
    if not _extended():
        return ()
    from importlib.metadata import entry_points

    return entry_points(group=group)


@cache
def _extended() -> bool:
    """Whether something that is installed may add units: importlib.metadata takes as long to look as a count takes."""
    for place in map(Path, sys.path):
        stated = [place.glob(f"*.{kind}-info/entry_points.txt") for kind in ("dist", "egg")]
        if place.is_file() or any(b"[zoodiff." in file.read_bytes() for file in chain(*stated)):
            return True  # a zipped package can only be looked into by importlib.metadata
    return False


def find(room: str, name: str) -> ModuleType:
    """Import one unit by its id; an unknown id is a Refusal that names those there are."""
    known = ids(room)
    if name not in known:
        raise Refusal(f"no {name!r} among {room}", f"There are: {', '.join(known)}. See: zoodiff list {room}")
    return importlib.import_module(known[name])


def units(room: str) -> dict[str, ModuleType]:
    """Import every unit of a room, by id."""
    return {name: importlib.import_module(module) for name, module in ids(room).items()}


def title(module: ModuleType) -> str:
    """The first line of a unit's docstring: what a user reads of it in lists."""
    return (module.__doc__ or "").strip().partition("\n")[0]


def paragraphs(module: ModuleType) -> list[str]:
    """A unit's docstring in paragraphs, each on one line, the title first; an item of a list is one, with its dash."""
    blocks = inspect.cleandoc(module.__doc__ or "").split("\n\n")
    parts = [part for block in blocks for part in re.split(r"\n(?=- |\d+\. )", block)]
    return [" ".join(part.split()) for part in parts]
