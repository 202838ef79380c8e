"""Pages of the report from the templates in site/: one frame around all, whatever zoos and files say escaped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from fractions import Fraction
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zoodiff import __version__, disk, unit
from zoodiff.fault import plain
from zoodiff.record import Unmeasured
from zoodiff.showing.screen import millions
from zoodiff.survey.finding import SEVERITIES, Finding
from zoodiff.survey.study import Study
from zoodiff.views import _words

if TYPE_CHECKING:
    from jinja2 import Environment

REPRODUCTION: Final = "reproduction.html"
"""What `reproduce --out` writes into the same folder."""
PAGES: Final = {
    "index.html": "Overview",
    "models.html": "Models",
    "findings.html": "Findings",
    "zoos.html": "Zoos",
    "figures.html": "Figures",
    REPRODUCTION: "The 2022 study",
    "method.html": "Method",
}
"""The report's pages in the order of its navigation."""


@cache
def environment() -> Environment:
    """Where templates are loaded from; a name that a template uses and nobody gives is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("zoodiff", "site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "slug": slug,
        "finding": anchor,
        "percent": percent,
        "millions": millions,
        "ms": milliseconds,
        "preprocessing": _words.preprocessing,
        "others": _words.others,
        "paragraphs": unit.paragraphs,
    }
    return made


def page(folder: Path, name: str, template: str, study: Study | None = None, **context: Any) -> Path:
    """Write one page of a report; `name` is its path in the folder. Without a study it is no part of an audit."""
    rendered = (
        environment()
        .get_template(template)
        .render(
            root="../" * name.count("/"),
            here=name,
            pages=_pages(folder, name, study),
            tool=__version__,
            study=study,
            **context,
        )
    )
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return text(path, plain(rendered))


def text(path: Path, content: str) -> Path:
    """Write a file of a report, whole or not at all."""
    with disk.whole(path) as staging:
        staging.write_text(content, encoding="utf-8")
    return path


def _pages(folder: Path, name: str, study: Study | None) -> dict[str, str]:
    """The pages to lead to: a study's own, and those that are there of what another command writes."""
    own = PAGES.keys() - {REPRODUCTION} if study else {"index.html"}
    return {path: words for path, words in PAGES.items() if path in own or path == name or (folder / path).is_file()}


def asset(folder: Path, name: str) -> Path:
    """Copy a style or a script from site/ into a report."""
    path = folder / name
    with disk.whole(path) as staging:
        staging.write_bytes((files("zoodiff") / "site" / name).read_bytes())
    return path


def clear(folder: Path, keep: Iterable[Path], suffix: str = ".html") -> None:
    """Remove what an earlier report left in a folder of its own, and this one has not."""
    kept = set(keep)
    for path in folder.glob(f"*{suffix}"):
        if path not in kept:
            path.unlink()


# ---------------------------------------------------------------- names in links


def slug(name: str) -> str:
    """Any name as letters that files, ids and links may hold; no two names alike, whatever the file system.

    A name of small letters, digits, dashes and points is itself; any other is followed by a digest of it.
    """
    safe = "".join(c if c in _SAFE else "-" for c in name.lower()).lstrip(".")[:80]
    return safe if safe == name else f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


_SAFE: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-.")


def anchor(finding: Finding) -> str:
    """The id of a finding on its architecture's page: the same in every report in which it says the same."""
    told = repr((finding.id, finding.architecture, finding.models, finding.title))
    return f"{finding.id}-{hashlib.sha256(told.encode()).hexdigest()[:8]}"


# ---------------------------------------------------------------- words


def percent(share: Fraction | Unmeasured) -> str:
    """A share in whole per cent."""
    return "–" if isinstance(share, Unmeasured) else f"{float(100 * share):.0f} %"


def milliseconds(time: float) -> str:
    """A time in three digits or more."""
    return f"{time:,.0f}" if time >= 100 else f"{time:.1f}" if time >= 10 else f"{time:.2f}"


def severities(findings: Iterable[Finding]) -> list[tuple[str, int]]:
    """How many findings there are of each severity, gravest first; those that there are."""
    counts = [finding.severity for finding in findings]
    return [(severity, counts.count(severity)) for severity in SEVERITIES if severity in counts]
