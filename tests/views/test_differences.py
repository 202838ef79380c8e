"""Pages of differences: a pair for each way to differ, drawn once, whole when unpacked, and inert."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path

import pytest

from pages import Read
from zoodiff.comparison.diffing import diff
from zoodiff.comparison.sidebyside import lay
from zoodiff.recognition.judged import apart
from zoodiff.survey import compare
from zoodiff.views import diff_html, differences


def test_there_is_a_page_and_a_picture_of_each_pair(site: Path) -> None:
    found = sorted(path.suffix for path in (site / "differences").iterdir())
    assert found == [".html", ".svg"]
    (path,) = (site / "differences").glob("*.html")
    said = Read(path).said
    assert "Not the same network" in said
    assert "zoodiff diff" in said


def test_each_way_to_differ_has_one_pair() -> None:
    left, ways = apart("resnet50-v1")
    pairs = differences.pairs("resnet50-v1")
    assert [pair.left for pair in pairs] == [left] * len(ways)
    assert len({pair.name for pair in pairs}) == len(pairs) == len(ways) > 1


def test_what_is_packed_is_what_the_page_alone_shows() -> None:
    difference = diff("torchvision:resnet18", "torchvision:resnet34")
    packed = diff_html.body(difference, packed=True)
    (letters,) = re.findall('id="packed">([^<]+)<', packed)
    facts, folds = json.loads(zlib.decompress(base64.b64decode(letters)))
    rows = sorted(int(row) for text in (packed, *folds) for row in re.findall('data-row="([0-9]+)"', text))
    assert rows == list(range(len(lay(difference).rows))) == list(range(len(facts)))
    assert len(folds) == packed.count('class="fold"')
    assert len(packed) < len(diff_html.body(difference)) / 2


def test_what_was_drawn_is_not_drawn_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path / "cache"))
    found = compare.audit(["resnet18-v1"])
    told: list[tuple[int, int, str]] = []
    first = {
        path: path.read_bytes() for path in differences.write_slowly(found, tmp_path, lambda *one: told.append(one))
    }
    assert [(done, of) for done, of, _ in told] == [(1, 1)]
    again = differences.write_slowly(found, tmp_path, lambda *one: told.append(one))
    assert {path: path.read_bytes() for path in again} == first
    assert len(told) == 1
