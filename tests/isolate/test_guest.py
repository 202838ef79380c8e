"""The half that runs inside: one model that fails is a reason, not an end."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

from zoodiff.isolate import guest

ZOO = """
BATCH = 3
def prove(): pass
def names(): return ["good", "bad", "a/b"]
def gather(name, folder):
    if name == "bad":
        raise ValueError("cannot be built")
    (folder / "g.onnx").write_bytes(b"graph")
    return {"name": name}
"""


def run(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "toy.py").write_text(ZOO)
    command = [sys.executable, guest.__file__, "--out", str(tmp_path), str(tmp_path / "toy.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_it_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse(Path(guest.__file__).read_text())
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {getattr(node, "module", None) or node.names[0].name for node in imports}
    assert {module.partition(".")[0] for module in modules} <= sys.stdlib_module_names


def test_names_come_with_what_is_installed(tmp_path: Path) -> None:
    assert run(tmp_path, "names").returncode == 0
    said = json.loads((tmp_path / "names.json").read_text())
    assert said["names"] == ["good", "bad", "a/b"]
    assert said["batch"] == 3
    assert "pytest" in said["packages"]


def test_a_model_that_fails_does_not_stop_the_others(tmp_path: Path) -> None:
    assert run(tmp_path, "gather", "--", "bad", "good", "a/b").returncode == 0
    places = {name: guest.place(tmp_path, name) for name in ("bad", "good", "a/b")}
    records = {name: json.loads((place / guest.RECORD).read_text()) for name, place in places.items()}
    assert records["bad"]["graph_missing"]["reason"] == "ValueError: cannot be built"
    assert (guest.place(tmp_path, "bad") / guest.ERROR).read_text().endswith("ValueError: cannot be built\n")
    assert "graph_missing" not in records["good"]
    assert (guest.place(tmp_path, "a/b") / "g.onnx").read_bytes() == b"graph"
