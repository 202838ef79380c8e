"""Same name, same network? Measures and compares pre-trained neural networks across model zoos."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoodiff.comparison.diffing import diff
    from zoodiff.measuring.measurement import measure
    from zoodiff.reading.reference import find as load
    from zoodiff.recognition.identify import identify
    from zoodiff.survey.compare import audit
    from zoodiff.survey.conform import conform
    from zoodiff.survey.verify import verify
    from zoodiff.timing.rounds import bench

__version__ = "0.1.0"
__all__ = ["__version__", "audit", "bench", "conform", "diff", "identify", "load", "measure", "verify"]

_PUBLIC = {
    "audit": ("zoodiff.survey.compare", "audit"),
    "bench": ("zoodiff.timing.rounds", "bench"),
    "conform": ("zoodiff.survey.conform", "conform"),
    "diff": ("zoodiff.comparison.diffing", "diff"),
    "identify": ("zoodiff.recognition.identify", "identify"),
    "load": ("zoodiff.reading.reference", "find"),
    "measure": ("zoodiff.measuring.measurement", "measure"),
    "verify": ("zoodiff.survey.verify", "verify"),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used, so that `import zoodiff` costs nothing."""
    if name not in _PUBLIC:
        raise AttributeError(f"module 'zoodiff' has no attribute {name!r}")
    import importlib

    module, attribute = _PUBLIC[name]
    return getattr(importlib.import_module(module), attribute)
