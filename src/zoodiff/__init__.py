"""Same name, same network? Measures and compares pre-trained neural networks across model zoos."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoodiff.compare import audit
    from zoodiff.conform import conform
    from zoodiff.diffing import diff
    from zoodiff.identify import identify
    from zoodiff.measurement import measure
    from zoodiff.reference import find as load
    from zoodiff.rounds import bench
    from zoodiff.verify import verify

__version__ = "0.1.0"
__all__ = ["__version__", "audit", "bench", "conform", "diff", "identify", "load", "measure", "verify"]

_PUBLIC = {
    "audit": ("zoodiff.compare", "audit"),
    "bench": ("zoodiff.rounds", "bench"),
    "conform": ("zoodiff.conform", "conform"),
    "diff": ("zoodiff.diffing", "diff"),
    "identify": ("zoodiff.identify", "identify"),
    "load": ("zoodiff.reference", "find"),
    "measure": ("zoodiff.measurement", "measure"),
    "verify": ("zoodiff.verify", "verify"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import zoodiff` costs nothing."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'zoodiff' has no attribute {name!r}")
    import importlib

    module, attribute = _PUBLIC[name]
    return getattr(importlib.import_module(module), attribute)


class _Package(ModuleType):
    """The package, whose public functions are not hidden by modules of the same names once those are imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in _PUBLIC and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
