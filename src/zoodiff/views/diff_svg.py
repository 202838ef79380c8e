"""Two networks side by side as a static SVG for papers: aligned columns, shortcuts as lanes, changes coloured."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from html import escape
from typing import Final

from zoodiff.comparison.cells import Cell
from zoodiff.comparison.difference import Difference
from zoodiff.comparison.lanes import Column
from zoodiff.comparison.rows import ADDED, ALIKE, MISSING
from zoodiff.comparison.sidebyside import lay
from zoodiff.comparison.spans import Span
from zoodiff.fault import plain
from zoodiff.views import _diff

_ROW, _BOX, _LANE = 24, 20, 10
_CELL, _MARK = 270, 36
_EDGE: Final = 16
_LINE: Final = 18
_LETTER: Final = 7
"""About as wide as a letter."""

_STYLE: Final = """
text{font:12px Helvetica,Arial,"Liberation Sans",sans-serif;fill:#1b1b1f}
.title{font-size:17px;font-weight:bold}.head{font-weight:bold}.soft{fill:#5b5f66}.end{text-anchor:end}.mid{text-anchor:middle}
.differs{font-weight:bold}.mark{font:bold 15px "Liberation Mono",Menlo,Consolas,monospace;text-anchor:middle}
rect{fill:#fff;stroke:#b4b8bf}.line{fill:none;stroke:#767b84;stroke-width:1.4}.paper{stroke:none}
.fold rect{fill:#f4f5f7;stroke-dasharray:3 3}
.changed rect{fill:#fff3cd;stroke:#8a5a00;stroke-dasharray:none}.changed .mark,.changed .number{fill:#8a5a00}
.missing rect{fill:#fde4dd;stroke:#a8321a;stroke-width:1.6}.missing .mark,.missing .number{fill:#a8321a}
.added rect{fill:#dcebfa;stroke:#0b57a4;stroke-width:1.6}.added .mark,.added .number{fill:#0b57a4}
.moved rect{fill:#f0e4f7;stroke:#7a3aa8}.moved .mark,.moved .number{fill:#7a3aa8}
.fold.changed rect,.fold.missing rect,.fold.added rect{stroke-dasharray:3 3}
.number{font-weight:bold}
"""


def draw(difference: Difference) -> str:
    """The SVG's text; whatever zoos and files say is escaped."""
    return _Drawing(difference).text()


class _Drawing:
    def __init__(self, difference: Difference) -> None:
        self.difference, self.picture = difference, lay(difference)
        self.firsts = _diff.firsts(self.picture, difference)
        left, right = (_LANE * column.lanes + _diff.EDGE for column in (self.picture.left, self.picture.right))
        self.x = (_EDGE + left, _EDGE + left + _CELL + _MARK)
        self.labels = self.x[1] + _CELL + right
        self.width = (
            self.labels + max([_LETTER * len(self._label(span)) for span in self.picture.spans], default=0) + _EDGE
        )

    def text(self) -> str:
        top, header = _EDGE, []
        for line, style in self._header():
            top += _LINE
            header.append(f'<text x="{_EDGE + 26 * (style == "more")}" y="{top}" class="{style}">{line}</text>')
        top += 2 * _LINE
        for x, model in zip(self.x, (self.difference.left, self.difference.right), strict=True):
            header.append(f'<text x="{x + _CELL / 2:g}" y="{top}" class="head mid">{_cut(model["ref"], 40)}</text>')
        top += 10
        rows = [
            f'<g transform="translate(0,{top + _ROW * at})">{self._span(span)}</g>'
            for at, span in enumerate(self.picture.spans)
        ]
        height = top + _ROW * len(self.picture.spans) + _EDGE
        names = escape(f"{self.difference.left['ref']} against {self.difference.right['ref']}")
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {height}" width="{self.width}"'
            f' height="{height}" role="img" aria-labelledby="title desc">',
            f'<title id="title">{names}</title>',
            f'<desc id="desc">{escape(_diff.verdict(self.difference))}</desc>',
            f"<style>{_STYLE}</style>",
            f'<rect class="paper" width="{self.width}" height="{height}"/>',
            *header,
            *rows,
            "</svg>\n",
        ]
        return plain("\n".join(lines))

    def _header(self) -> Iterator[tuple[str, str]]:
        difference = self.difference
        yield escape(f"{difference.left['ref']} against {difference.right['ref']}"), "title"
        macs, params = _diff.gap_words(difference.macs), _diff.gap_words(difference.params)
        yield escape(f"{_diff.verdict(difference)} MACs {macs}; parameters {params}."), ""
        for number, cause in enumerate(difference.differences, start=1):
            first, *more = textwrap.wrap(f"{cause.words}: {_diff.share(cause, difference)}", int(self.width / 6.2))
            sign = _diff.SIGNS[cause.kind]
            yield f'<tspan class="number">#{number} {_diff.sign(sign)}</tspan> {escape(first)}', _diff.NAMES[sign]
            yield from ((escape(line), "more") for line in more)
        yield escape(_diff.legend(self.picture)), "soft"

    def _span(self, span: Span) -> str:
        row = self.picture.rows[span.start]
        parts = []
        for side, column in enumerate((self.picture.left, self.picture.right)):
            parts += [self._chain(column, side, span), self._lanes(column, side, span)]
            if not span.folded:
                parts.append(self._cell((row.left, row.right)[side], side))
        if span.folded:
            parts.append(self._fold(span))
        if span.mark != ALIKE:
            x = self.x[1] - _MARK / 2
            if not span.folded or span.mark in (MISSING, ADDED):
                parts.append(f'<text x="{x:g}" y="16" class="mark">{_diff.sign(span.mark)}</text>')
            parts.append(f'<text x="{self.labels}" y="16" class="number">{escape(self._label(span))}</text>')
        return f'<g class="{_diff.NAMES[span.mark]}{" fold" if span.folded else ""}">{"".join(parts)}</g>'

    def _chain(self, column: Column, side: int, span: Span) -> str:
        """The line from the cell above, to a cell of the span or through it."""
        x = self.x[side] + _CELL / 2
        if span.start in column.passed:
            return f'<path class="line" d="M{x:g} -2V{_ROW}"/>'
        cells = [(row.left, row.right)[side] for row in self.picture.rows[span.start : span.stop]]
        first = next((at for at, cell in enumerate(cells, start=span.start) if cell), None)
        return f'<path class="line" d="M{x:g} -2V2"/>' if first in column.chained else ""

    def _lanes(self, column: Column, side: int, span: Span) -> str:
        lines = "".join(_diff.path(stroke, _ROW, _LANE) for stroke in column.strokes(span.start, span.stop))
        if not lines:
            return ""
        where = f"translate({self.x[0] - 2},0) scale(-1,1)" if side == 0 else f"translate({self.x[1] + _CELL + 2},0)"
        return f'<path class="line" transform="{where}" d="{lines}"/>'

    def _cell(self, cell: Cell | None, side: int) -> str:
        if cell is None:
            return ""
        spans = []
        for at, part in enumerate(cell.parts):
            before = "" if at == 0 else " " if at == 1 else ", "
            spans.append(
                before + (f'<tspan class="differs">{escape(part.text)}</tspan>' if part.differs else escape(part.text))
            )
        x, room = self.x[side], 40 - len(cell.shape)
        shape = cell.shape if len(cell.text) < room else ""
        return (
            f'<rect x="{x}" y="2" width="{_CELL}" height="{_BOX}" rx="3"/>'
            f'<text x="{x + 8}" y="16">{"".join(spans)}</text>'
            f'<text x="{x + _CELL - 8}" y="16" class="soft end">{escape(shape)}</text>'
        )

    def _fold(self, span: Span) -> str:
        whole = span.mark not in (MISSING, ADDED)
        side = 1 if span.mark == ADDED else 0
        x, width = self.x[side], 2 * _CELL + _MARK if whole else _CELL
        words = escape(f"{_diff.sign(span.mark)} {self.picture.words(span)}")
        return (
            f'<rect x="{x}" y="2" width="{width}" height="{_BOX}" rx="3"/>'
            f'<text x="{x + width / 2:g}" y="16" class="mid">{words}</text>'
        )

    def _label(self, span: Span) -> str:
        """The numbers of the differences that mark a span, with its share of the gap where one comes first."""
        if span.mark == ALIKE:
            return ""
        new = {n for row in range(span.start, span.stop) for n in self.firsts.get(row, ())}
        return "; ".join(
            f"#{n} {_diff.share(self.difference.differences[n - 1], self.difference)}" if n in new else f"#{n}"
            for n in self.picture.causes(span)
        )


def _cut(text: str, most: int) -> str:
    return escape(text if len(text) <= most else text[: most - 1] + "…")
