"""models.html: every architecture and every model in two tables that are searched and sorted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from zoodiff.survey.finding import SEVERITIES, Finding
from zoodiff.survey.study import Group, Study
from zoodiff.views import _site


def write(study: Study, folder: Path) -> list[Path]:
    """Write `models.html`; the tables are whole without a script, then only in their first order."""
    found: dict[str, list[Finding]] = {}
    for finding in study.findings:
        found.setdefault(finding.architecture, []).append(finding)
    rows = [_row(group, found.get(group.architecture, [])) for group in study.groups]
    return [_site.page(folder, "models.html", "models.html", study, rows=rows)]


def _row(group: Group, findings: list[Finding]) -> dict[str, Any]:
    claimed = [value for entry in group.by_zoo("acc@1").values() if (value := entry.value("acc@1")) is not None]
    return {
        "group": group,
        "graphs": sum(1 for entry in group.entries if entry.letter),
        "lowest": min(claimed, default=None),
        "highest": max(claimed, default=None),
        "top1": group.spread("acc@1"),
        "top5": group.spread("acc@5"),
        "ratio": None if group.macs_ratio is None else float(group.macs_ratio),
        "severities": _site.severities(findings),
        "weight": sum(1000 ** (len(SEVERITIES) - SEVERITIES.index(finding.severity)) for finding in findings),
    }
