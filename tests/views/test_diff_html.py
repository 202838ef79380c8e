"""The page of a difference: one file, whole without a script, stepped through by keys, and inert to what files say."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import onnx
import pytest

from madeup import Ran
from networks import network
from pages import Read
from zoodiff.comparison.difference import Difference
from zoodiff.comparison.diffing import diff
from zoodiff.comparison.sidebyside import lay
from zoodiff.views import diff_html

EVIL = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


def hostile(strides: int) -> onnx.ModelProto:
    """A network whose tensors' names are markup."""
    text = "net (float[1,8,16,16] x) => (float[] y) { a = Conv <strides = [S, S]> (x, w) y = Relu (a) }"
    model = network(text.replace("S", str(strides)), w=(8, 8, 3, 3))
    for node in model.graph.node:
        for names in (node.input, node.output):
            names[:] = [EVIL + name if name in "ax" else name for name in names]
    model.graph.input[0].name = EVIL + "x"
    return model


@pytest.fixture(scope="module")
def difference() -> Difference:
    return diff("torchvision:resnet50", "keras:ResNet50")


@pytest.fixture(scope="module")
def attack() -> Difference:
    """A difference between networks whose every name is markup."""
    found = diff(hostile(1), hostile(2))
    return msgspec.structs.replace(found, left=found.left | {"ref": EVIL, "stand_in": EVIL, "architecture": EVIL})


@pytest.fixture(scope="module")
def read(difference: Difference) -> Read:
    return Read(diff_html.draw(difference))


def test_it_needs_nothing_from_elsewhere(difference: Difference, read: Read) -> None:
    assert not [tag for tag, _ in read.elements if tag in ("link", "iframe", "object", "base", "form", "img", "use")]
    assert list(read.values("src")) == []
    assert "http" not in diff_html.draw(difference).replace("http-equiv", "")
    assert "default-src 'none'" in " ".join(read.values("content"))


def test_every_link_leads_somewhere_and_every_difference_has_one(difference: Difference, read: Read) -> None:
    ids, links = list(read.values("id")), set(read.values("href"))
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert {f"#d{number}" for number in range(1, len(difference.differences) + 1)} <= links


def test_every_row_is_there_with_all_that_is_known_of_it(difference: Difference, read: Read) -> None:
    picture = lay(difference)
    assert list(read.values("data-row")) == [str(at) for at in range(len(picture.rows))]
    facts = json.loads(read.facts)
    assert len(facts) == len(picture.rows)
    changed = next(at for at, row in enumerate(picture.rows) if row.causes)
    left, right = (dict(side) for side in facts[changed])
    assert (left["strides"], right["strides"]) == ("1x1", "2x2")
    assert left["MACs"] == f"{64 * 4 * 128 * 56 * 56:,}"


def test_it_says_at_once_what_differs_and_by_how_much(read: Read) -> None:
    said = " ".join(read.text.split())
    assert "Not the same network: 1 difference in architecture, 1 at the interface, 2 in details." in said
    assert "-231,211,008 (−5.65 %)" in said
    assert "−231.21 M MACs, 100 % of gap" in said


def test_what_a_file_says_cannot_act(attack: Difference) -> None:
    read = Read(diff_html.draw(attack))
    assert EVIL in read.text
    assert [tag for tag, _ in read.elements].count("script") == 2
    assert "img" not in [tag for tag, _ in read.elements]
    assert not [name for _, attributes in read.elements for name in attributes if name.startswith("on")]
    assert EVIL + "a" in json.dumps(json.loads(read.facts)).replace('\\"', '"')


def test_the_command_writes_it(cli: Callable[..., Ran], tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    assert cli("diff", "torchvision:resnet18", "torchvision:resnet34", "--html", path, "--json").code == 0
    assert path.read_text().startswith("<!doctype html>")


# ---------------------------------------------------------------- in a browser


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Open the page of a difference from a file; any error on its console fails the test."""
    troubles: list[str] = []
    pages = []

    def show(difference: Difference, hash: str = "", **context: Any) -> Any:
        path = tmp_path / "page.html"
        path.write_text(diff_html.draw(difference), encoding="utf-8")
        page = browser.new_context(**context).new_page()
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("request", lambda request: troubles.append(request.url) if "page.html" not in request.url else None)
        page.goto(f"{path.as_uri()}{hash}")
        pages.append(page)
        return page

    yield show
    for page in pages:
        page.context.close()
    assert troubles == []


def focused(page: Any) -> int | None:
    return page.evaluate("Number(document.activeElement.dataset.row ?? NaN)")


@pytest.mark.browser
def test_keys_step_from_difference_to_difference(difference: Difference, opened: Callable[..., Any]) -> None:
    page, picture = opened(difference), lay(difference)
    places = [at for at, row in enumerate(picture.rows) if row.causes]
    for place in places:
        page.keyboard.press("n")
        assert focused(page) == place
        assert page.locator(f"#r{place}").is_visible()
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("p")
    assert focused(page) == places[-2]
    assert "#1" in page.locator("#place").inner_text()
    page.keyboard.press("ArrowDown")
    assert focused(page) == places[-2] + 1


@pytest.mark.browser
def test_rows_show_what_is_known_of_them(difference: Difference, opened: Callable[..., Any]) -> None:
    page = opened(difference)
    about = page.locator("#about")
    assert not about.is_visible()
    page.keyboard.press("n")
    assert re.search(r"strides.*1x1\s+2x2", about.inner_text())
    page.keyboard.press("Escape")
    assert not about.is_visible()
    page.locator(".row.changed").nth(1).hover()
    assert re.search(r"strides.*2x2\s+1x1", about.inner_text())


@pytest.mark.browser
def test_folds_open_by_click_and_by_key(difference: Difference, opened: Callable[..., Any]) -> None:
    page = opened(difference)
    assert not page.locator("#r1").is_visible()
    page.locator(".fold summary").first.click()
    assert page.locator("#r1").is_visible()
    second = page.locator(".fold summary").nth(1)
    second.focus()
    page.keyboard.press("Enter")
    assert page.locator(".fold").nth(1).get_attribute("open") is not None
    page.locator("#unfold").click()
    assert page.locator(".row[data-row]:visible").count() == len(lay(difference).rows)


@pytest.mark.browser
@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_link_shows_its_difference(number: int, difference: Difference, opened: Callable[..., Any]) -> None:
    page = opened(difference, f"#d{number}")
    page.locator(".cause.chosen").wait_for()
    assert focused(page) == lay(difference).places(number)[0]
    assert page.locator(".cause.chosen").get_attribute("id") == f"d{number}"


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_the_window(width: int, scheme: str, opened: Callable[..., Any]) -> None:
    difference = diff("torchvision:googlenet", "tfmg:inception_v1")
    page = opened(difference, viewport={"width": width, "height": 800}, color_scheme=scheme)
    page.keyboard.press("n")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.browser
def test_hostile_names_show_as_text_in_a_browser(attack: Difference, opened: Callable[..., Any]) -> None:
    page = opened(attack)
    page.keyboard.press("n")
    assert EVIL + "a" in page.locator("#about").inner_text()
    assert page.title() != "owned"
    assert page.locator("img").count() == 0
