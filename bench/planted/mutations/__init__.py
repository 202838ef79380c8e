"""Single changes that keep a network legal, each with the truth about it in the words of the `diff` contract.

A mutation is a generator: given a network it yields one edit for each place where it could be made. Calling an edit
changes the network and returns the truth; Illegal is raised where the place turns out not to do. Every file of this
folder holds a few that are alike.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator
from importlib import import_module

from planted.network import Net
from planted.truth import Change

Edit = Callable[[], Change]
Mutation = Callable[[Net], Iterator[Edit]]

MUTATIONS: dict[str, Mutation] = {}


def mutation(found: Mutation) -> Mutation:
    """Enter a mutation under its function's name."""
    MUTATIONS[found.__name__] = found
    return found


# Each file enters its own; they read what is above, so this comes last.
for _file in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_file.name}")
