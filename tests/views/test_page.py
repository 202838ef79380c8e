"""The page: whole without network, script or figures; nothing that a zoo says can act in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from zoodiff.finding import Finding
from zoodiff.study import Study
from zoodiff.views import figures, page

VOID = {"meta", "img", "br"}


class Read(HTMLParser):
    """What a browser would make of the page: its elements with their attributes, and its text; ill nesting raises."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("script", "style"):
            self.text += data

    def values(self, attribute: str) -> Iterator[str]:
        return (value for _, attributes in self.elements if (value := attributes.get(attribute)) is not None)


@pytest.fixture(scope="module")
def html(study: Study) -> str:
    return page.render(study)


@pytest.fixture(scope="module")
def read(html: str) -> Read:
    return Read(html)


def words(text: str) -> str:
    return " ".join(text.split())


def test_every_link_leads_somewhere_on_the_page(read: Read) -> None:
    ids = list(read.values("id"))
    assert len(ids) == len(set(ids))
    links = list(read.values("href"))
    assert {"#a-vgg16", "#a-resnet50-v1", "#a-alexnet"} <= set(links)
    assert all(link.startswith("#") and link[1:] in ids for link in links)


def test_it_needs_nothing_but_the_figures_beside_it(read: Read) -> None:
    assert not [tag for tag, _ in read.elements if tag in ("link", "iframe", "object", "base", "form")]
    expected = [] if figures.missing() else [f"figures/{name}.svg" for name in figures.NAMES]
    expected = [name for name in expected if "cost-and-time" not in name]  # no times were given
    assert list(read.values("src")) == expected
    assert all(attributes["alt"] for tag, attributes in read.elements if tag == "img")


def test_what_a_zoo_says_cannot_act(study: Study) -> None:
    # in a study of what was asked for, each name has a section, this one among them
    read = Read(page.render(replace(study, asked=("all",), note="<script>alert(2)</script>")))
    assert "alpha:<img src=x onerror=alert(1)>" in read.text
    assert "<script>alert(1)</script>" in read.text
    assert "it cannot be <built>" in read.text
    assert [tag for tag, _ in read.elements].count("script") == 1
    assert not [name for _, attributes in read.elements for name in attributes if name.startswith("on")]


def test_it_says_at_once_what_was_compared_and_found(read: Read) -> None:
    start = words(read.text.partition("Gravest findings")[0])
    assert "8 pre-trained models of 3 zoos" in start
    assert "alpha 1.0 (2026-01-02), beta 2.1 (2026-01-02), gamma 0.3 (2026-01-02)." in start
    assert "3 names are shared by two or more of 3 zoos" in start
    # vgg16 is two networks, resnet50-v1 one at two input sizes, alexnet one with its stand-in
    assert "1 of 3 names whose graphs can be compared stand for different networks" in start
    assert "1.230 points apart is the claimed top-1 accuracy of resnet50-v1: 74.9 % in beta, 76.130 % in alpha" in start
    assert "4 × the computation: beta:ResNet50_v1 against alpha:resnet50_v1" in start


def test_each_model_has_its_claims_with_sources_its_counts_and_preprocessing(read: Read) -> None:
    said = words(read.text)
    assert "76.130 in owner/zoo@0123456789ab README.md:7: " in said
    assert "carried since 2022-05-01 or before" in said
    assert "w1; the zoo also has w2 80.858 %" in said
    assert "resize to 256 (shorter side), centre crop 224 x 224, mean 0.485/0.456/0.406" in said
    assert "1x3x64x64" in said
    assert "884,816" in set(read.values("title"))  # 27 * 8 * 64**2 + 80
    assert "measured on the graph of alpha:alexnet: its file is not to be had" in said


def test_what_is_not_known_says_why(read: Read) -> None:
    assert "the zoo claims no acc@5" in set(read.values("title"))
    assert "the zoo claims no acc@5" in read.text


def test_findings_show_evidence_disproof_and_next_step(study: Study) -> None:
    finding = Finding(
        id="some-rule",
        title="they <differ>",
        severity="high",
        confidence="medium",
        architecture="vgg16",
        models=("alpha:vgg16", "beta:VGG16"),
        evidence={"noise_floor": Decimal("0.292"), "macs": {"alpha:v_1": 1234567}, "same": False, "why": None},
        disproof="another count",
        next_step="zoodiff measure alpha:vgg16",
    )
    read = Read(page.render(replace(study, findings=(finding,))))
    said = words(read.text)
    assert said.count("they <differ>") == 3  # among the gravest, in its architecture's section, and in full
    assert "rule some-rule; confidence medium; alpha:vgg16, beta:VGG16" in said
    for part in ("noise floor0.292", "alpha:v_11,234,567", "sameno", "whynot known"):
        assert part in said
    assert "another count" in said
    assert "zoodiff measure alpha:vgg16" in said


def test_a_study_of_nothing_is_a_page_too(study: Study) -> None:
    read = Read(page.render(Study(study.snapshots, ())))
    assert "No name is in two zoos of this study." in read.text
    assert "The rules found nothing." in read.text


def test_without_figures_it_says_what_to_install(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "find_spec", lambda _: None)
    read = Read(page.render(study))
    assert "zoodiff[figures]" in read.text
    assert list(read.values("src")) == []


def test_it_is_written_the_same_each_time(study: Study, html: str, tmp_path: Path) -> None:
    (path,) = page.write(study, tmp_path)
    assert path.name == "index.html"
    assert path.read_text(encoding="utf-8") == html


def test_the_page_leads_to_the_2022_study_where_it_is_beside(study: Study, tmp_path: Path) -> None:
    link = 'href="reproduction.html"'
    page.write(study, tmp_path)
    assert link not in (tmp_path / "index.html").read_text(encoding="utf-8")
    (tmp_path / "reproduction.html").touch()
    page.write(study, tmp_path)
    assert link in (tmp_path / "index.html").read_text(encoding="utf-8")
