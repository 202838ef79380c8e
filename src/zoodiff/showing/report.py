"""Hand a study or a difference to the views, and say whether a study found anything."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zoodiff import disk, unit
from zoodiff.fault import Refusal
from zoodiff.record import Unmeasured

if TYPE_CHECKING:
    from zoodiff.comparison.difference import Difference
    from zoodiff.measuring.batch import Progress
    from zoodiff.survey.reproduce import Reproduction
    from zoodiff.survey.study import Study
    from zoodiff.timing.latency import Bench, Latency
    from zoodiff.timing.median import Estimate


def show(study: Study) -> None:
    """Print the study on the terminal."""
    unit.find("views", "terminal").show(study)


def document(study: Study) -> dict[str, Any]:
    """The study as one JSON document."""
    made: dict[str, Any] = unit.find("views", "json").document(study)
    return made


def write(study: Study, folder: Path, progress: Progress | None = None) -> list[Path]:
    """Write every file that the views make into a folder, and return their paths; `progress` is told of the long ones.

    Raises Refusal where the folder cannot be written to.
    """
    written: list[Path] = []
    with disk.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for view in unit.units("views").values():
            if hasattr(view, "write"):
                written += view.write(study, folder)
            if hasattr(view, "write_slowly"):
                written += view.write_slowly(study, folder, progress)
    return written


def show_reproduction(reproduction: Reproduction, *, evidence: bool) -> None:
    """Print what became of the 2022 study's statements; with `evidence` all of it."""
    unit.find("views", "reproduction").show(reproduction, evidence=evidence)


def publish(reproduction: Reproduction, folder: Path) -> list[Path]:
    """Write a reproduction's page, tables and figures into a folder, and return their paths.

    Raises Refusal where the folder cannot be written to, or where not all statements were asked for.
    """
    if not reproduction.whole:
        raise Refusal("a page shows all statements", "Leave the statements' names out: zoodiff reproduce --out FOLDER")
    with disk.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        made: list[Path] = unit.find("views", "reproduction-page").publish(reproduction, folder)
    return made


def show_side_by_side(difference: Difference, *, whole: bool) -> None:
    """Print two compared networks side by side; what is longer than a screen only with `whole`."""
    unit.find("views", "diff-terminal").show(difference, whole=whole)


def show_bench(bench: Bench, since: Sequence[tuple[Latency, Estimate]]) -> None:
    """Print how long networks take, and how many times as long as in an earlier bench."""
    unit.find("views", "latency").show(bench, since)


def draw(difference: Difference, kind: str, path: Path) -> None:
    """Write a picture of a difference, `svg` or `html`, to a file. Raises Refusal where it cannot be written."""
    made: str = unit.find("views", f"diff-{kind}").draw(difference)
    with disk.writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with disk.whole(path) as staging:
            staging.write_text(made, encoding="utf-8")


def found(study: Study) -> bool:
    """True where a finding is more than information, or a model could not be measured: what --strict exits 1 for."""
    grave = any(finding.severity != "info" for finding in study.findings)
    return grave or any(isinstance(entry.measurement, Unmeasured) for entry in study.entries)
