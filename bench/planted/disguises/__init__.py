"""Rewrites that change no function: what exporters do differently, and no difference between networks.

A disguise edits a network and says at how many places; 0 where it does not apply. Tensors keep the names by which nodes
are known, but for `rename`, which says what they are called since. Every file of this folder holds a few that rewrite
the same.
Each is proven by running before and after on equal weights.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from importlib import import_module
from random import Random

import onnx

from planted.network import Illegal, Net

Disguise = Callable[[Net, Random], int]

DISGUISES: dict[str, Disguise] = {}


def disguise(found: Disguise) -> Disguise:
    """Enter a disguise under its function's name."""
    DISGUISES[found.__name__] = found
    return found


def apply(name: str, net: Net, random: Random) -> tuple[onnx.ModelProto, dict[str, str]]:
    """Disguise a network: the new model, and the new names of its tensors where they have any.

    Raises Illegal where the disguise does not apply.
    """
    if not DISGUISES[name](net, random):
        raise Illegal(f"{name} does not apply")
    net.edited()
    if name != "reorder":
        net.nodes = net.ordered()
    return net.model(), net.renamed


# Each file enters its own; they read what is above, so this comes last.
for _file in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_file.name}")
