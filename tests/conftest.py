"""What tests share: the command line, the evidence beside the repository, and small zoos made up for tests."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import onnx
import pytest

from madeup import EVIDENCE, ROOT, Ran, own_home, tiny, write_snapshot, write_zoos
from networks import network
from zoodiff import app, unit
from zoodiff.accuracy import evidence as evidence_of_others
from zoodiff.accuracy.evidence import Evidence
from zoodiff.isolate import install, lock
from zoodiff.reading import entries
from zoodiff.record import Model
from zoodiff.survey import compare
from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Study
from zoodiff.survey.then import Models, gather


def pytest_configure() -> None:
    """Let tests send themselves and their children Ctrl-C, also where a shell started all this in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
    long = [f"{path} {n}" for path, n in sorted(lines.items()) if n > (150 if path.parts[0] in unit.ROOMS else 250)]
    if long:
        terminalreporter.write_line(f"longer than planned (lines): {', '.join(long)}")


@pytest.fixture
def zoos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The three made-up zoos are the only ones there are."""
    with own_home(tmp_path_factory.mktemp("home")):
        write_zoos()
        yield


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """The audit of the three made-up zoos."""
    with own_home(tmp_path_factory.mktemp("home")):
        write_zoos()
        return compare.audit()


@pytest.fixture(scope="session")
def models() -> Models:
    """Every model of the bundled snapshots that the study of 2022 may have compared, measured."""
    return gather()


FILES = {
    "eight.onnx": tiny(8),
    "nine.onnx": tiny(9),
    "sixteen.onnx": tiny(16),
    "large.onnx": tiny(8, 64),
    "pooled.onnx": tiny(8, 32, pooled=True),
}


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., list[Finding]]:
    """What one rule finds among zoos given as keywords, each a tuple of models."""

    def judge(rule: str, **zoos: tuple[Model, ...]) -> list[Finding]:
        with own_home(tmp_path):
            for zoo, models in zoos.items():
                write_snapshot(zoo, "1.0", models, FILES)
            return [finding for finding in compare.audit().findings if finding.id == rule]

    return judge


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> list[Evidence]:
    """All the evidence there is, about the weights of any model that have its id; tests fill it."""
    several: list[Evidence] = []

    def of(zoo: str, model: str, weights: str | None, metric: str | None = None) -> tuple[Evidence, ...]:
        return tuple(one for one in several if weights == one.weights and metric in (None, one.metric))

    monkeypatch.setattr(evidence_of_others, "of", of)
    return several


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A registry that is a folder, which is returned, and folders of the test's own for all that is kept; no uv."""
    monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ZOODIFF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "pip"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    monkeypatch.setattr(install, "uv", lambda: None)
    monkeypatch.setattr(entries, "BUNDLED", tmp_path / "bundled")
    (tmp_path / "locks").mkdir()
    monkeypatch.setattr(lock, "LOCKS", tmp_path / "locks")
    return tmp_path / "wheels"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """The file of a network of one convolution, from 3 channels to 4 at 3x3, and a ReLU."""
    path = tmp_path / "small.onnx"
    onnx.save(network("net (float[1,3,8,8] x) => (float[] y) { c = Conv (x, w) y = Relu (c) }", w=(4, 3, 3, 3)), path)
    return path
