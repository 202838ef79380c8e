"""What tests of gathering share: one cache, and a home of each test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from zoodiff.reading import entries


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache for all tests here: the toy zoos share an environment without packages, built once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def places(shared_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shared cache, a home that is empty, and no bundled snapshots."""
    monkeypatch.setenv("ZOODIFF_CACHE", str(shared_cache))
    monkeypatch.setenv("ZOODIFF_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(entries, "BUNDLED", tmp_path / "bundled")
