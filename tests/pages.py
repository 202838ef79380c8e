"""What tests of pages share: a page as a browser would read it."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "img", "br", "link", "input", "wbr"}


class Read(HTMLParser):
    """What a browser would make of a page: its elements with their attributes, and its text; ill nesting raises."""

    def __init__(self, page: Path | str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.facts = ""
        """what the first script holds"""
        self._open: list[str] = []
        self.feed(page if isinstance(page, str) else page.read_text(encoding="utf-8"))
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag
        if tag in ("td", "th", "li", "dt", "dd", "p"):
            self.text += " "

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "script":
            self.facts = self.facts or data
        elif self._open and self._open[-1] != "style":
            self.text += data

    def values(self, attribute: str) -> Iterator[str]:
        """Every value of an attribute, in the page's order."""
        return (value for _, attributes in self.elements if (value := attributes.get(attribute)) is not None)

    @property
    def said(self) -> str:
        """The text, every run of white space a blank."""
        return " ".join(self.text.split())
