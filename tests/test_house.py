"""House rules: the reading order, what may import what, a test for each unit, words for everything public."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "zoodiff"


def spine() -> list[str]:
    """The reading order, from the one place that states it: modules by their names inside the package."""
    found, chapter = [], ""
    for line in (ROOT / "docs" / "spine.md").read_text().splitlines():
        if line.startswith("## "):
            chapter = "".join(re.findall(r"`(\w+)/`", line))
        elif module := re.match(r"- `(\w+)\.py`", line):
            found.append(f"{chapter}.{module[1]}".lstrip("."))
    return found


SPINE = spine()
CHAPTERS = {name.partition(".")[0] for name in SPINE if "." in name}

MODULES = {
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
"""Every module's file, by its name inside the package (`record`, `reading.shapes`, `costs.product`); the package is
`__init__`."""

ROOMS = sorted({name.split(".")[0] for name, path in MODULES.items() if path.parent != PACKAGE} - CHAPTERS)
FRAMEWORKS = ("torch", "torchvision", "tensorflow", "keras", "tf_keras", "mxnet", "gluoncv", "jax", "onnxruntime")


def test_the_reading_order_names_every_module_once() -> None:
    folders = {*ROOMS, *CHAPTERS}
    modules = {name for name in MODULES if name.split(".")[0] not in ROOMS and name not in folders}
    assert sorted(SPINE) == sorted(name for name in modules if "__" not in name)


def test_a_chapter_is_read_at_one_go() -> None:
    order = [name.partition(".")[0] for name in SPINE if "." in name]
    assert sum(a != b for a, b in pairwise(order)) == len(CHAPTERS) - 1


def imports(path: Path) -> set[str]:
    """The modules of the package that a file imports anywhere in it, by their names inside the package."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            inner = name.removeprefix("zoodiff.")
            if inner == name:
                continue
            while inner and inner not in MODULES:
                inner = inner.rpartition(".")[0]
            if inner:
                found.add(inner)
    return found


def place(name: str) -> int:
    """Where a module stands in the reading order; a unit stands right below the last that it imports."""
    if name in SPINE:
        return SPINE.index(name)
    return max((place(other) for other in imports(MODULES[name])), default=-1)


@pytest.mark.parametrize("name", [name for name in SPINE if name in MODULES])
def test_a_module_imports_only_those_above_it(name: str) -> None:
    below = {other for other in imports(MODULES[name]) if place(other) >= place(name)}
    assert not below, f"{name} imports {sorted(below)}, which the reading order puts below it"


@pytest.mark.parametrize("name", [name for name in MODULES if "." in name and name.split(".")[0] in ROOMS])
def test_a_unit_imports_the_spine_and_its_own_room(name: str) -> None:
    strange = {
        other for other in imports(MODULES[name]) if other not in SPINE and other.split(".")[0] != name.split(".")[0]
    }
    assert not strange


@pytest.mark.parametrize("name", [name for name in MODULES if name not in ("__init__", "__main__")])
def test_a_module_or_unit_has_a_test_of_its_own(name: str) -> None:
    if name in ROOMS or name in CHAPTERS or name.split(".")[-1].startswith("_"):
        pytest.skip("a contract, or code that units share: the units' tests test it")
    folder, _, unit = name.rpartition(".")
    candidates = [ROOT / "tests" / folder / f"test_{unit}{suffix}" for suffix in (".py", ".toml")]
    assert any(path.is_file() for path in candidates), f"none of {', '.join(map(str, candidates))}"


def test_every_test_file_tests_something_that_is_there() -> None:
    """A test that outlives its module passes for ever and says nothing."""
    names = "house docs live main rooms contracts planted peers fuzz faults hostile browser growth"
    whole = {f"test_{name}" for name in names.split()}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        folder = ".".join(path.relative_to(ROOT / "tests").parent.parts)
        name = f"{folder}.{path.stem[5:]}" if folder else path.stem[5:]
        shared = ".".join([*name.split(".")[:-1], f"_{path.stem[5:]}"])
        assert name in MODULES or shared in MODULES or path.stem in whole, path


def test_the_core_imports_no_framework() -> None:
    """Nor do zoo files outside their environments: the core imports them to read what they are."""
    core = [f"zoodiff.{name}" for name in MODULES if name not in ("__init__", "__main__") and "zoos._" not in name]
    code = f"""
import importlib, sys
for name in {core}:
    importlib.import_module(name)
print(*[name for name in {FRAMEWORKS} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_help_loads_nothing_heavy() -> None:
    code = """
import sys
from zoodiff import app
app.run(["--help"])
print(*[name for name in ("onnx", "numpy", "pyarrow", "rich.table", "altair") if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith("Usage:")
    assert done.stderr.strip() == ""


def public(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Public classes and functions of a module, and public methods of public classes."""
    for node in tree.body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        yield node.name, node
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef) and not inner.name.startswith("_"):
                    yield f"{node.name}.{inner.name}", inner


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_has_words(name: str) -> None:
    tree = ast.parse(MODULES[name].read_text())
    first = (ast.get_docstring(tree) or "").partition("\n")[0]
    assert first.endswith((".", ":")), f"the module's first line is no sentence: {first!r}"
    silent = [what for what, node in public(tree) if not ast.get_docstring(node)]  # type: ignore[arg-type]
    assert not silent, f"without a docstring: {', '.join(silent)}"


def tracked() -> list[Path]:
    """The files of the repository that are text."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, timeout=60)
    if done.returncode:
        pytest.skip("not a git checkout")
    found = []
    for name in filter(None, done.stdout.decode().split("\0")):
        path = ROOT / name
        if path.is_file() and b"\0" not in path.read_bytes()[:8000]:
            found.append(path)
    return found


def test_no_machine_paths_in_tracked_files() -> None:
    somewhere = re.compile(r"/(?:hom[e]|roo[t]|User[s]|wor[k]|tm[p])/\w|/op[t]/wheels|[A-Z]:\\User[s]")
    bad = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if path.suffix not in (".csv", ".lock")
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if somewhere.search(line)
    ]
    assert not bad


def test_no_catch_all_modules() -> None:
    assert not [name for name in MODULES if name.split(".")[-1] in ("utils", "util", "helpers", "common", "misc")]


def test_a_wheel_holds_every_file_of_the_package() -> None:
    """Snapshots, claims, locks, names, the page's files and the mark that it is typed, beside the code."""
    builders = pytest.importorskip("hatchling.builders.wheel", reason="needs the tool that builds wheels")
    packed = {file.distribution_path for file in builders.WheelBuilder(str(ROOT)).recurse_included_files()}
    wanted = {str(path.relative_to(ROOT / "src")) for path in PACKAGE.rglob("*") if path.is_file()}
    wanted = {name for name in wanted if "__pycache__" not in name}
    assert {"zoodiff/py.typed", "zoodiff/names.toml", "zoodiff/site/start.html"} <= wanted
    assert packed == wanted
