"""How the numbers were made: conventions in the words of `explain`, provenance, and every name with its rule."""

from __future__ import annotations

from pathlib import Path

from pages import Read
from zoodiff import unit
from zoodiff.survey.study import Study


def test_conventions_snapshots_and_names_are_told(site: Path, study: Study) -> None:
    page = Read(site / "method.html")
    for module in unit.units("conventions").values():
        assert unit.title(module) in page.said
    for snapshot in study.snapshots:
        assert f"sha256 {snapshot.provenance.lock}" in page.said
    assert f"{len(study.entries)} published names" in page.said
    assert {"macs", "flops", "zoo-alpha"} <= set(page.values("id"))
