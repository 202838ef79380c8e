"""findings.html and rules/ID.html: everything that was found, and of each rule what it means and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from zoodiff import unit
from zoodiff.survey.finding import SEVERITIES, Finding
from zoodiff.survey.study import Study
from zoodiff.views import _site

FOLDER = "rules"


def write(study: Study, folder: Path) -> list[Path]:
    """Write the list of all findings and a page for each rule, in the words of `explain`."""
    rules = unit.units("rules")
    found = {rule: [finding for finding in study.findings if finding.id == rule] for rule in rules}
    listed = _site.page(
        folder,
        "findings.html",
        "findings.html",
        study,
        counts=_site.severities(study.findings),
        order=SEVERITIES,
        rules=[
            (rule, unit.title(rules[rule]), found[rule], _site.severities(found[rule]))
            for rule in sorted(rules, key=lambda rule: (-len(found[rule]), rule))
        ],
    )
    pages = [
        _site.page(
            folder,
            f"{FOLDER}/{rule}.html",
            "rule.html",
            study,
            rule=rule,
            module=module,
            findings=found[rule],
            general={one.title: _evidence(one) for one in found[rule] if not one.architecture},
        )
        for rule, module in rules.items()
    ]
    _site.clear(folder / FOLDER, pages)
    return [listed, *pages]


def _evidence(finding: Finding) -> Any:
    return msgspec.to_builtins(finding.evidence, str_keys=True)
