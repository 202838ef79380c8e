"""Folders of the user's: those that the variables name, else the system's."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoodiff import places


def test_the_variables_name_the_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZOODIFF_HOME", "mine")
    monkeypatch.setenv("ZOODIFF_CACHE", "kept")
    assert (places.home(), places.caches()) == (Path("mine"), Path("kept"))


def test_without_them_the_folders_are_the_systems(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ZOODIFF_HOME", "ZOODIFF_CACHE", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert {place.name for place in (places.home(), places.caches())} == {"zoodiff"}
    assert all(place.is_relative_to(tmp_path) for place in (places.home(), places.caches()))
    assert places.home() != places.caches()
