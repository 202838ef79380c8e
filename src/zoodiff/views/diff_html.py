"""Two networks side by side as one self-contained page: step from difference to difference, unfold what is alike."""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from typing import Any

from markupsafe import Markup

from zoodiff import __version__
from zoodiff.comparison.cells import Cell
from zoodiff.comparison.difference import Cause, Difference
from zoodiff.comparison.lanes import Column
from zoodiff.comparison.sidebyside import Picture, lay
from zoodiff.comparison.spans import Span
from zoodiff.fault import plain
from zoodiff.showing.compared import GROUPS
from zoodiff.views import _diff, _site

_ROW, _LANE = 28, 11


def draw(difference: Difference) -> str:
    """The page's text; whatever zoos and files say is escaped."""
    page = _site.environment().get_template("diff.html")
    main = Markup(body(difference))
    text = page.render(tool=__version__, left=difference.left, right=difference.right, main=main)
    return plain(text)


def body(difference: Difference, *, packed: bool = False) -> str:
    """What the page shows, without the frame around it.

    `packed`: what is folded, and what is known of each row, is compressed and needs a script to be read.
    """
    picture = lay(difference)
    rows = _Rows(difference, picture)
    causes = [_cause(n, cause, difference, picture) for n, cause in enumerate(difference.differences, start=1)]
    entries = [rows.entry(span) for span in picture.spans]
    shared = {
        "gutters": [_diff.EDGE + _LANE * column.lanes for column in (picture.left, picture.right)],
        "height": _ROW,
    }
    facts = [[cell.facts if cell else () for cell in (row.left, row.right)] for row in picture.rows]
    text = (
        _site.environment()
        .get_template("diff_main.html")
        .render(
            left=difference.left,
            right=difference.right,
            verdict=_diff.verdict(difference),
            gaps=[("MACs", difference.macs), ("Parameters", difference.params)],
            percent=_diff.percent,
            groups=[(words, [c for c in causes if c["group"] == group]) for group, words in GROUPS.items()],
            remainder={what: value for what, value in difference.remainder.items() if value},
            folded=difference.folded,
            not_compared=difference.not_compared,
            sized=difference.sized,
            legend=_diff.legend(picture),
            entries=entries,
            facts=facts,
            packed=_packed(facts, [entry for entry in entries if entry["inner"]], shared) if packed else "",
            **shared,
        )
    )
    return plain(text)


def _packed(facts: Any, folds: list[dict[str, Any]], shared: dict[str, Any]) -> str:
    """Facts and the folds' rows as JSON, compressed, in letters that a page may hold."""
    template = _site.environment().get_template("diff_fold.html")
    told = [facts, [plain(template.render(entry=entry, **shared)) for entry in folds]]
    return b64encode(zlib.compress(json.dumps(told, ensure_ascii=False).encode(), 9)).decode()


def _cause(number: int, cause: Cause, difference: Difference, picture: Picture) -> dict[str, Any]:
    sign, places = _diff.SIGNS[cause.kind], picture.places(number)
    return {
        "number": number,
        "group": cause.group,
        "style": _diff.NAMES[sign],
        "sign": _diff.sign(sign),
        "words": cause.words,
        "share": _diff.share(cause, difference),
        "places": places,
        "marks": [f"{100 * place / len(picture.rows):.2f}" for place in places],
        "nodes": [side.nodes for side in (cause.left, cause.right) if side is not None and side.nodes],
        "consequences": cause.consequences,
    }


class _Rows:
    """The picture's spans as the page's template takes them."""

    def __init__(self, difference: Difference, picture: Picture) -> None:
        self.difference, self.picture = difference, picture
        self.firsts = _diff.firsts(picture, difference)

    def entry(self, span: Span) -> dict[str, Any]:
        """One span: its lines, its two cells or its words, and, where it is folded, the rows in it."""
        row = self.picture.rows[span.start]
        causes = self.picture.causes(span)
        details = row.details if not span.folded else ()
        sides = [
            self._side(column, side, span, cell)
            for side, (column, cell) in enumerate(
                zip((self.picture.left, self.picture.right), (row.left, row.right), strict=True)
            )
        ]
        return {
            "at": span.start,
            "style": _diff.NAMES[span.mark],
            "sign": _diff.sign(span.mark),
            "meaning": _diff.MEANING[span.mark],
            "sides": sides,
            "causes": [(number, self._share(number, span)) for number in causes],
            "details": details,
            "follows": row.follows if not span.folded else (),
            "numbers": " ".join(map(str, (*causes, *details))),
            "words": self.picture.words(span) if span.folded else "",
            "inner": [self.entry(Span(at, at + 1, self.picture.rows[at].mark)) for at in range(span.start, span.stop)]
            if span.folded
            else [],
        }

    def _share(self, number: int, span: Span) -> str:
        """A difference's share of the gap at its first place; empty elsewhere."""
        here = any(number in self.firsts.get(row, ()) for row in range(span.start, span.stop))
        return _diff.share(self.difference.differences[number - 1], self.difference) if here else ""

    def _side(self, column: Column, side: int, span: Span, cell: Cell | None) -> dict[str, Any]:
        rows = self.picture.rows
        first = next((at for at in range(span.start, span.stop) if (rows[at].left, rows[at].right)[side]), None)
        return {
            "cell": cell,
            "shown": first is not None,
            "chained": first in column.chained,
            "through": span.start in column.passed,
            "lines": "".join(_diff.path(stroke, _ROW, _LANE) for stroke in column.strokes(span.start, span.stop)),
        }
