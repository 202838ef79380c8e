"""Findings and rules: each rule's page says what `explain` says, and lists what it found."""

from __future__ import annotations

from pathlib import Path

from pages import Read
from zoodiff import unit
from zoodiff.survey.study import Study


def test_every_rule_has_a_page_in_the_words_of_explain(site: Path, study: Study) -> None:
    for rule, module in unit.units("rules").items():
        said = Read(site / "rules" / f"{rule}.html").said
        assert " ".join((module.__doc__ or "").split()) in said
        found = [finding for finding in study.findings if finding.id == rule]
        assert f"Found: {len(found)}" in said
        assert all(finding.title in said for finding in found)


def test_the_list_has_every_finding(site: Path, study: Study) -> None:
    page = Read(site / "findings.html")
    assert f"{len(study.findings)} findings of {len(unit.ids('rules'))} rules" in page.said
    assert study.findings
    assert all(finding.title in page.said for finding in study.findings)
