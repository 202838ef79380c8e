"""The thousand classes of ImageNet-1k: their WordNet ids, which number them, and what people call them."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def synsets() -> tuple[str, ...]:
    """The WordNet ids of the classes, in the order of their index: sorted.

    Source: timm 1.0, timm/data/_info/imagenet_synsets.txt (the classes of Russakovsky et al. 2015, arXiv 1409.0575).
    """
    return _lines("imagenet_synsets.txt")


@cache
def names() -> tuple[str, ...]:
    """What the classes are called, each otherwise, in the order of their index.

    Source: torchvision 0.29.1, torchvision/models/_meta.py, `_IMAGENET_CATEGORIES`, which all its weights state.
    """
    return _lines("imagenet_names.txt")


def words(number: int) -> str:
    """A class for a person: its name and its WordNet id."""
    return f"{names()[number]} ({synsets()[number]})"


def _lines(file: str) -> tuple[str, ...]:
    return tuple((files("zoodiff") / "datasets" / file).read_text(encoding="ascii").splitlines())
