"""The report of the three made-up zoos, written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from madeup import own_home, write_zoos
from zoodiff import compare, report


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the report."""
    folder = tmp_path_factory.mktemp("site")
    with own_home(tmp_path_factory.mktemp("home")):
        write_zoos()
        report.write(compare.audit(), folder)
    return folder
