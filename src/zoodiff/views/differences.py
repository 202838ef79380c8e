"""differences/NAME.html and .svg: the commonest network of a name beside each other kind, to step through."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from zoodiff.comparison.diffing import diff
from zoodiff.measuring.batch import Progress, workers
from zoodiff.measuring.memory import Drawings
from zoodiff.recognition.judged import apart
from zoodiff.survey.study import Study
from zoodiff.views import _site, diff_html, diff_svg

FOLDER = "differences"
_MANY = 4
"""Drawings from which on several processes are worth their start."""


class Pair(NamedTuple):
    """The commonest network of a name, and the first of those that differ from it in one way."""

    architecture: str
    left: str
    right: str

    @property
    def name(self) -> str:
        """The page's path in the report, without its suffix."""
        return f"{FOLDER}/{_site.slug(self.architecture)}--{_site.slug(self.right.partition('/')[0])}"


def pairs(architecture: str) -> list[Pair]:
    """The pairs of a name's networks of which there are pages: as many as `apart` has ways to differ, in its order."""
    left, ways = apart(architecture)
    return [Pair(architecture, left, way.refs[0]) for way in ways]


def write_slowly(study: Study, folder: Path, progress: Progress | None = None) -> list[Path]:
    """Write a page and a picture of each pair; what an earlier run drew is remembered, the rest takes 0.5 s each."""
    wanted = [pair for group in study.groups for pair in pairs(group.architecture)]
    remembered = Drawings()
    missing = [pair for pair in wanted if remembered.get(_key(pair)) is None]
    with workers(None, len(missing), _MANY) as executor:
        drawn = map(_draw, missing) if executor is None else executor.map(_draw, missing)
        for done, (pair, forms) in enumerate(zip(missing, drawn, strict=True), 1):
            remembered.add(_key(pair), forms)
            if progress:
                progress(done, len(missing), f"{pair.left} | {pair.right}")
    remembered.save()
    paths = [path for pair in wanted for path in _write(study, folder, pair, remembered.get(_key(pair)) or {})]
    for suffix in (".html", ".svg"):
        _site.clear(folder / FOLDER, paths, suffix)
    return [*paths, *(_site.asset(folder, name) for name in ("diff.css", "diff.js"))]


def _key(pair: Pair) -> str:
    return f"{pair.left} {pair.right}"


def _draw(pair: Pair) -> dict[str, str]:
    difference = diff(pair.left, pair.right)
    return {"html": diff_html.body(difference, packed=True), "svg": diff_svg.draw(difference)}


def _write(study: Study, folder: Path, pair: Pair, forms: dict[str, str]) -> list[Path]:
    context = {"architecture": pair.architecture, "left": pair.left, "right": pair.right}
    svg = folder / f"{pair.name}.svg"
    page = _site.page(
        folder, f"{pair.name}.html", "difference.html", study, main=Markup(forms["html"]), svg=svg.name, **context
    )
    return [page, _site.text(svg, forms["svg"])]
