"""The report in headless Chromium: searched, sorted, stepped through, on a phone, in the dark, on paper, and inert.

Screenshots are kept in build/screenshots, which git ignores.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from madeup import ROOT, own_home, write_zoos
from zoodiff.showing import report
from zoodiff.survey import compare

pytestmark = pytest.mark.browser

AXE = ROOT / "tests" / "axe" / "axe.min.js"
SHOTS = ROOT / "build" / "screenshots"
EVIL = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
DIFFERENCE = "differences/resnet50-v1--*.html"
PAGES = (
    "index.html",
    "models.html",
    "findings.html",
    "zoos.html",
    "figures.html",
    "method.html",
    "architectures/resnet50-v1.html",
    "zoos/onnx.html",
    "rules/mislabelled.html",
    DIFFERENCE,
)


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Path:
    """A report of two architectures of the bundled snapshots."""
    folder = tmp_path_factory.mktemp("real")
    report.write(compare.audit(["resnet50-v1", "squeezenet-1.0"]), folder)
    return folder


@pytest.fixture
def opened(browser: Any, real: Path) -> Iterator[Callable[..., Any]]:
    """Open a page of a report; an error on its console, or a request beyond its folder, fails the test."""
    troubles: list[str] = []
    contexts = []

    def show(page: str, query: str = "", folder: Path = real, **context: Any) -> Any:
        (path,) = sorted(folder.glob(page))[:1]
        made = browser.new_context(**context)
        contexts.append(made)
        tab = made.new_page()
        inside = folder.as_uri()
        tab.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        tab.on("pageerror", lambda error: troubles.append(str(error)))
        tab.on("request", lambda asked: None if asked.url.startswith((inside, "data:")) else troubles.append(asked.url))
        tab.goto(path.as_uri() + query)
        return tab

    yield show
    for made in contexts:
        made.close()
    assert troubles == []


def rows(page: Any, table: int) -> Any:
    """The rows of a table of models.html that are shown."""
    return page.locator("table").nth(table).locator("tbody tr:visible")


# ---------------------------------------------------------------- what a user does


def test_search_from_any_page_finds_models(opened: Callable[..., Any]) -> None:
    page = opened("index.html")
    page.locator("#find").fill("keras resnet50")
    page.keyboard.press("Enter")
    page.wait_for_url("**/models.html?q=keras+resnet50")
    assert rows(page, 1).all_inner_texts()[0].startswith("keras:ResNet50")
    assert page.locator("#shown").inner_text() == "2 of 28 rows"
    page.locator("#filter").fill("")
    assert page.locator("#shown").inner_text() == "28 of 28 rows"
    page.locator("#filter").fill("no such thing")
    assert rows(page, 1).count() == 0


def test_headings_sort(opened: Callable[..., Any]) -> None:
    page = opened("models.html")
    accuracies = page.locator("table").nth(1).locator("tbody tr td:nth-child(4)")
    heading = page.locator("table").nth(1).get_by_role("button", name=re.compile("^Top-1"))
    heading.focus()
    page.keyboard.press("Enter")
    assert accuracies.first.inner_text() == "80.858"
    assert page.locator("table").nth(1).locator("th[aria-sort=descending]").count() == 1
    assert accuracies.last.inner_text() == "?"  # what is not known comes last
    heading.click()
    known = [float(text) for text in accuracies.all_inner_texts() if text != "?"]
    assert known == sorted(known)
    assert accuracies.last.inner_text() == "?"


def test_from_the_overview_to_a_choice(opened: Callable[..., Any]) -> None:
    page = opened("index.html")
    page.get_by_role("link", name="resnet50-v1").first.click()
    assert page.locator("h1").inner_text() == "resnet50-v1"
    picks = page.locator(".needs .pick a").all_inner_texts()
    assert picks == ["torchvision:resnet50", "tfmg:resnet_v1_50", "gluon:resnet50_v1"]
    assert page.locator(".needs").bounding_box()["y"] < 500  # without scrolling
    page.locator(".needs .pick a").first.click()
    assert page.url.endswith("#m-torchvision-resnet50-" + page.url[-8:])
    assert page.locator("article:target h3").inner_text().startswith("torchvision:resnet50")


def test_a_difference_is_stepped_through(opened: Callable[..., Any]) -> None:
    page = opened("architectures/resnet50-v1.html")
    page.get_by_role("link", name="both side by side").first.click()
    assert "Not the same network" in page.locator("h1").inner_text()
    page.wait_for_function("document.querySelectorAll('.row[data-row]').length > 100")
    page.keyboard.press("n")
    assert page.locator("#place").inner_text().startswith("1 of ")
    assert "strides" in page.locator("#about").inner_text()
    page.keyboard.press("n")
    assert page.locator("#place").inner_text().startswith("2 of ")
    page.locator(".fold summary").first.click()
    assert page.locator("#r1").is_visible()
    shown = page.locator("#unfold")
    shown.click()
    assert page.locator(".row[data-row]:visible").count() == page.locator(".row[data-row]").count()


@pytest.mark.parametrize("anchor", ["#d1", "#d2"])
def test_a_link_to_a_difference_shows_it(anchor: str, opened: Callable[..., Any]) -> None:
    page = opened(DIFFERENCE, anchor)
    page.locator(".cause.chosen").wait_for()
    assert page.locator(".cause.chosen").get_attribute("id") == anchor[1:]


def test_charts_say_what_a_mark_is_and_lead_on(opened: Callable[..., Any]) -> None:
    page = opened("figures.html")
    chart = page.locator("[data-chart=top1-spreads]")
    chart.locator("svg").wait_for()
    assert page.locator("[data-chart] img").count() == 0
    mark = chart.locator(".mark-symbol.role-mark path").last  # no other lies over it
    mark.hover()
    page.locator("#vg-tooltip-element.visible").wait_for()
    assert "squeezenet-1.0" in page.locator("#vg-tooltip-element").inner_text()
    mark.click()
    page.wait_for_url("**/architectures/*.html")


def test_charts_are_dark_in_the_dark(opened: Callable[..., Any]) -> None:
    page = opened("figures.html", color_scheme="dark", viewport={"width": 1280, "height": 1400})
    page.locator("[data-chart=top1-spreads] svg").wait_for()
    for text in page.locator("[data-chart=top1-spreads] svg text").all():
        red, green, blue = map(int, re.findall(r"\d+", text.evaluate("node => getComputedStyle(node).fill"))[:3])
        assert min(red, green, blue) >= 160, text.text_content()
    behind = "node => [node, node.parentElement.closest('.chart')].map(one => getComputedStyle(one).backgroundColor)"
    chart = page.locator("[data-chart=top1-spreads] svg").first
    assert chart.evaluate(behind) == ["rgba(0, 0, 0, 0)", "rgb(31, 34, 39)"]
    shoot(page, "figures-charts", "dark")
    page.emulate_media(media="print")
    assert "rgb(34, 34, 34)" in page.locator("[data-chart=top1-spreads] svg text").evaluate_all(
        "nodes => nodes.map(node => getComputedStyle(node).fill)"
    )


def test_all_is_reached_by_keys(opened: Callable[..., Any]) -> None:
    page = opened("index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.textContent.trim().split(' ')[0]"))
    assert {"Models", "Find", "resnet50-v1"} <= seen


# ---------------------------------------------------------------- wherever it is read


@pytest.mark.parametrize("name", PAGES)
def test_it_fits_a_phone_and_the_dark(name: str, opened: Callable[..., Any]) -> None:
    page = opened(name, viewport={"width": 360, "height": 740}, color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    paper, ink = page.evaluate(
        "(({ backgroundColor, color }) => [backgroundColor, color])(getComputedStyle(document.body))"
    )
    assert paper == "rgb(22, 24, 28)"
    assert ink == "rgb(232, 233, 235)"
    shoot(page, name, "phone-dark")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_accessibility_checker_finds_nothing_serious(name: str, scheme: str, opened: Callable[..., Any]) -> None:
    page = opened(name, color_scheme=scheme, viewport={"width": 1280, "height": 900})
    shoot(page, name, scheme)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations'], preload: false})")
    grave = [
        (one["id"], [node["html"] for node in one["nodes"]][:3])
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert grave == []


def test_on_paper_only_the_content_is_left(opened: Callable[..., Any]) -> None:
    page = opened("architectures/resnet50-v1.html", color_scheme="dark")
    page.emulate_media(media="print")
    assert not page.locator(".frame nav").is_visible()
    assert not page.locator(".search").is_visible()
    assert page.locator(".needs").is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    SHOTS.mkdir(parents=True, exist_ok=True)
    made = SHOTS / "architecture.pdf"
    page.pdf(path=str(made), format="A4")
    assert made.read_bytes().startswith(b"%PDF")


def test_without_a_script_all_is_there(opened: Callable[..., Any]) -> None:
    page = opened("models.html", java_script_enabled=False)
    assert page.locator("tbody tr").count() == 28
    assert not page.locator(".filter").is_visible()
    assert opened("figures.html", java_script_enabled=False).locator("figure img").count() == 5


def shoot(page: Any, name: str, kind: str) -> None:
    """Keep a picture of a page, to be looked at."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    plain = name.replace("/", "-").replace("*", "").removesuffix(".html")
    page.screenshot(path=SHOTS / f"{plain}-{kind}.png")


# ---------------------------------------------------------------- what zoos say is text


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory, browser: Any) -> Path:
    """A report in which every name is markup: of architectures, models, weights, rules' words, notes."""
    folder = tmp_path_factory.mktemp("attacked")
    with own_home(tmp_path_factory.mktemp("home")):
        write_zoos()
        study = compare.audit()
        groups = tuple(
            replace(
                group,
                architecture=EVIL + group.architecture,
                entries=tuple(
                    replace(entry, network=replace(entry.network, name=EVIL + entry.network.name))
                    for entry in group.entries
                ),
            )
            for group in study.groups
        )
        report.write(replace(study, groups=groups, note=EVIL), folder)
    return folder


@pytest.mark.parametrize(
    "name", ["index.html", "models.html", "figures.html", "zoos/alpha.html", "architectures/*.html"]
)
def test_markup_in_names_is_text(name: str, attacked: Path, opened: Callable[..., Any]) -> None:
    page = opened(name, folder=attacked)
    if name == "figures.html":
        page.locator("[data-chart=mac-ratios] .mark-symbol.role-mark path").first.hover()
        page.locator("#vg-tooltip-element.visible").wait_for()
        page.locator("summary").first.click()
    assert "<img src=x" in page.locator("body").inner_text()
    assert page.locator("img[src=x]").count() == 0
    assert page.title() != "owned"
