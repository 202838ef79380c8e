"""index.html: what was found, in one screen; with the style and the script that all pages of the report share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Group, Study
from zoodiff.survey.tables import top_mac_ratios, top_spreads
from zoodiff.views import _site

_MOST = 5


def write(study: Study, folder: Path) -> list[Path]:
    """Write `index.html`, `page.css` and `page.js`."""
    told = [group for group in study.shared if len({entry.zoo for entry in group.entries if entry.letter}) > 1]
    mislabelled: dict[tuple[str, str, str | None], list[Finding]] = {}
    for finding in study.findings:
        if finding.id == "mislabelled":
            named = finding.models[0].partition(":")[0], finding.architecture, finding.evidence["is"]
            mislabelled.setdefault(named, []).append(finding)
    page = _site.page(
        folder,
        "index.html",
        "start.html",
        study,
        headlines=list(_headlines(study, told)),
        spreads=top_spreads(study, "acc@1", most=_MOST),
        ratios=top_mac_ratios(study, most=_MOST),
        mislabelled=list(mislabelled.items()),
        several=[group for group in told if len(group.letters) > 1],
        one=[group for group in told if len(group.letters) == 1],
        untold=[group for group in study.shared if group not in told],
        counts=_site.severities(study.findings),
    )
    return [page, *(_site.asset(folder, name) for name in ("page.css", "page.js"))]


def _headlines(study: Study, told: list[Group]) -> Iterator[tuple[str, str, str]]:
    """The few numbers that say what was found, each with its words and a link."""
    names = len(study.shared)
    yield str(names), f"names are in two or more of {len(study.snapshots)} zoos", "models.html?shared=1"
    several = sum(1 for group in told if len(group.letters) > 1)
    yield f"{several} of {len(told)}", "names whose graphs can be compared are different networks", "#several"
    yield f"{len(told) - several} of {len(told)}", "are one network under one name", "#one"
    for spread in top_spreads(study, "acc@1", most=1):
        low, high = spread.points[0], spread.points[-1]
        words = f"points between claims for one name: {spread.architecture}, {low[0].zoo} and {high[0].zoo}"
        yield str(spread.spread), words, _link(spread.architecture)
    if wrong := sum(1 for finding in study.findings if finding.id == "mislabelled"):
        words = "model is another network than its name says" if wrong == 1 else "models are not what they are called"
        yield str(wrong), words, "rules/mislabelled.html"
    for ratio in top_mac_ratios(study, most=1):
        sizes = sorted({entry.size for entry, _ in ratio.points if entry.size})
        at = f", at inputs of {sizes[0]} to {sizes[-1]}" if len(sizes) > 1 else ""
        words = f"the computation under one name: {ratio.architecture}{at}"
        yield f"{float(ratio.ratio):.3g} ×", words, _link(ratio.architecture)


def _link(architecture: str) -> str:
    return f"architectures/{_site.slug(architecture)}.html"
