"""What tests share: the command line as a function, and the evidence beside the repository where there is any."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from zoodiff import app

ROOT = Path(__file__).parents[1]
EVIDENCE = ROOT.parent / "shared" / "evidence"


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def cli(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Run a command in this process, 100 columns wide."""
    monkeypatch.setenv("COLUMNS", "100")

    def run(*arguments: object) -> Ran:
        capsys.readouterr()
        code = app.run([str(argument) for argument in arguments])
        return Ran(code, *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def evidence() -> Path:
    """The folder with real model files and planted pairs, which is no part of the repository."""
    if not EVIDENCE.is_dir():
        pytest.skip("no folder shared/evidence beside the repository")
    return EVIDENCE


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which modules are longer than planned; nothing is enforced."""
    package = ROOT / "src" / "zoodiff"
    lines = {path.relative_to(package): len(path.read_text().splitlines()) for path in package.rglob("*.py")}
    long = [f"{path} {n}" for path, n in sorted(lines.items()) if n > (250 if len(path.parts) == 1 else 150)]
    if long:
        terminalreporter.write_line(f"longer than planned (lines): {', '.join(long)}")
