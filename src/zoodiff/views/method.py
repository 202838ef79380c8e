"""method.html: how the numbers were made: snapshots and their provenance, conventions, and how names were matched."""

from __future__ import annotations

import platform
from importlib.metadata import version
from pathlib import Path

from zoodiff import unit
from zoodiff.survey import stated
from zoodiff.survey.study import Study
from zoodiff.survey.tables import matches
from zoodiff.views import _site, _words


def write(study: Study, folder: Path) -> list[Path]:
    """Write `method.html`, in the words of `explain`."""
    conventions = unit.units("conventions")
    first = {name: conventions[name] for name in ("macs", "flops") if name in conventions}
    page = _site.page(
        folder,
        "method.html",
        "method.html",
        study,
        versions=f"Python {platform.python_version()} and onnx {version('onnx')}",
        conventions=first | conventions,
        matches=matches(study),
        names=[(_words.STATES[row.states], row) for row in stated.counted(study)],
    )
    return [page]
