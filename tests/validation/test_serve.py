"""The half that holds the model speaks with the standard library and numpy alone."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from zoodiff.validation import serve

HALF = [Path(serve.__file__), *sorted((Path(serve.__file__).parents[1] / "runners").glob("[!_]*.py"))]


@pytest.mark.parametrize("path", HALF, ids=lambda path: path.name)
def test_it_imports_the_standard_library_and_numpy(path: Path) -> None:
    """What runs a model is imported inside functions; nothing of zoodiff's own, which is not there in a zoo's."""
    for node in ast.parse(path.read_text()).body:
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names | {"numpy"}
