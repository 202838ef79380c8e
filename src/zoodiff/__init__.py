"""Same name, same network? Measures and compares pre-trained neural networks across model zoos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoodiff.measurement import measure
    from zoodiff.reference import find as load

__version__ = "0.1.0"
__all__ = ["__version__", "load", "measure"]

_PUBLIC = {"measure": ("zoodiff.measurement", "measure"), "load": ("zoodiff.reference", "find")}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import zoodiff` costs nothing."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'zoodiff' has no attribute {name!r}")
    import importlib

    module, attribute = _PUBLIC[name]
    return getattr(importlib.import_module(module), attribute)
