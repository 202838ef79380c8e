"""The report of the three made-up zoos, written once, and a browser to open pages in."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from madeup import own_home, write_zoos
from zoodiff.showing import report
from zoodiff.survey import compare


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the report."""
    folder = tmp_path_factory.mktemp("site")
    with own_home(tmp_path_factory.mktemp("home")):
        write_zoos()
        report.write(compare.audit(), folder)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Headless Chromium. Where CI is set and Chromium is there, the rest has to be there too."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium is installed")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        if os.environ.get("CI"):
            raise
        pytest.skip("needs the extra `browser`: pip install 'zoodiff[browser]'")
    with sync_playwright() as started:
        launched = started.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield launched
        launched.close()
