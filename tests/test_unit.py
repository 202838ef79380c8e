"""Units are found by walking their folder; ids are unique; an unknown id names the known ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import zoodiff.rules
from zoodiff import unit
from zoodiff.fault import Refusal


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The rules' room with one more folder in it, for units of a test's own."""
    monkeypatch.setattr(zoodiff.rules, "__path__", [*zoodiff.rules.__path__, str(tmp_path)])
    unit.ids.cache_clear()
    yield tmp_path
    unit.ids.cache_clear()
    unit._extended.cache_clear()


def test_a_new_file_is_a_new_unit(room: Path) -> None:
    before = unit.ids("rules")
    (room / "odd_sizes.py").write_text('"""Odd sizes.\n\nMore words."""\n')
    (room / "_shared.py").write_text("raise RuntimeError('no unit')\n")
    unit.ids.cache_clear()
    assert set(unit.ids("rules")) - set(before) == {"odd-sizes"}
    assert list(unit.ids("rules")) == sorted(unit.ids("rules"))
    assert unit.title(unit.find("rules", "odd-sizes")) == "Odd sizes."
    assert "odd-sizes" in unit.units("rules")


def test_finding_ids_imports_nothing(room: Path) -> None:
    (room / "broken.py").write_text("raise RuntimeError('imported')\n")
    unit.ids.cache_clear()
    assert unit.ids("rules")["broken"] == "zoodiff.rules.broken"


def test_an_unknown_id_names_the_known_ones() -> None:
    with pytest.raises(Refusal, match="no 'odour' among readers") as caught:
        unit.find("readers", "odour")
    assert "onnx" in caught.value.hint
    assert "zoodiff list readers" in caught.value.hint


def installed(folder: Path, entries: str) -> None:
    """Put into a folder what an installer would: the metadata of a distribution with these entry points."""
    folder = folder / "theirs-1.0.dist-info"
    folder.mkdir(exist_ok=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(entries)
    unit.ids.cache_clear()
    unit._extended.cache_clear()


def test_others_add_units_by_entry_point(room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (room / "mine.py").write_text('"""Mine."""\n')
    monkeypatch.syspath_prepend(tmp_path)
    installed(tmp_path, "[zoodiff.rules]\ntheirs = json\n")
    assert unit.find("rules", "theirs").__name__ == "json"
    assert "theirs" not in unit.ids("readers")
    installed(tmp_path, "[zoodiff.rules]\nmine = json\n")
    with pytest.raises(ValueError, match=r"two units named 'mine' in rules: zoodiff\.rules\.mine and json"):
        unit.ids("rules")


def test_what_adds_no_units_is_not_looked_through(room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    installed(tmp_path, "[console_scripts]\nzoodiff.odd = json:dumps\n")
    assert not unit._extended()
    monkeypatch.syspath_prepend(tmp_path / "packages.zip")
    (tmp_path / "packages.zip").write_bytes(b"")
    unit._extended.cache_clear()
    assert unit._extended()


@pytest.mark.parametrize("name", unit.ROOMS)
def test_every_room_states_its_contract(name: str) -> None:
    contract = __import__(f"zoodiff.{name}", fromlist=["__doc__"]).__doc__
    assert "binds `" in contract or "Worked example" in contract


def test_paragraphs_are_lines_and_items_stand_alone() -> None:
    module = ModuleType("one")
    module.__doc__ = "Title.\n\nFirst line\nsecond line:\n- an item\n  goes on\n- another\n\nThe end."
    assert unit.paragraphs(module) == [
        "Title.",
        "First line second line:",
        "- an item goes on",
        "- another",
        "The end.",
    ]
