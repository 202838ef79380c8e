"""A zoo for tests: zoo files whose models misbehave on demand, and a small network to stand for all graphs."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from zoodiff import places
from zoodiff.gathering.gather import gather
from zoodiff.gathering.guests import Limits
from zoodiff.isolate import declare, isolate
from zoodiff.isolate.declare import Zoo
from zoodiff.isolate.isolate import Environment

HERE = declare.interpreter(f"=={'.'.join(map(str, sys.version_info[:3]))}")

HEADER = """\
# /// script
# requires-python = ">=3.8"
# dependencies = [{dependencies}]
# [tool.zoodiff]
# {version}
# {more}
# ///
"""


def skeleton(channels: int = 8, name: str = "x") -> bytes:
    """A convolution and an activation; its weight has dimensions and no data."""
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[channels, 3, 3, 3])
    graph = helper.make_graph(
        [
            helper.make_node("Conv", [name, "w"], ["c"], strides=[2, 2], pads=[1, 1, 1, 1]),
            helper.make_node("Relu", ["c"], ["y"]),
        ],
        "toy",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, channels, 4, 4])],
        [weight],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9).SerializeToString()


def write(
    folder: Path,
    names: list[str],
    body: str = "",
    *,
    stem: str = "toy",
    dependencies: str = "",
    version: str = 'version = "1.0"',
    more: str = "",
    batch: int = 2,
    prove: str = "pass",
) -> Path:
    """Write a zoo file. `body` runs for each model before its graph is written; `name` and `folder` are bound there."""
    folder.mkdir(parents=True, exist_ok=True)
    head = HEADER.format(dependencies=dependencies, version=version, more=more).replace("# \n", "")
    code = f'''
"""A toy zoo."""
import os, signal, sys, time
from pathlib import Path

BATCH = {batch}
GRAPH = {skeleton()!r}

def prove():
    {prove}

def names():
    return {names!r}

def gather(name, folder):
{textwrap.indent(textwrap.dedent(body) or "pass", "    ")}
    file = "g" + name.replace("/", "_") + ".onnx"
    (folder / file).write_bytes(GRAPH)
    claim = dict(model=name, metric="acc@1", value="76.1", as_written="76.1", source=dict(repository="toy==1"))
    return dict(name=name, weights=[dict(id="w", graph=file, default=True)], claims=[claim])
'''
    path = folder / f"{stem}.py"
    path.write_text(head + code)
    return path


def opened(data: bytes) -> onnx.ModelProto:
    """The parsed skeleton."""
    return onnx.load_model_from_string(data)


def declared(tmp_path: Path, dependencies: str = '"leaf"', **more: str) -> Zoo:
    """A toy zoo that needs these packages."""
    path = write(tmp_path / "zoo", ["a"], dependencies=dependencies, **{"version": 'version = "1"', **more})  # type: ignore[arg-type]
    return declare.zoo(path)


def built(zoo: Zoo) -> tuple[Environment, list[str]]:
    """Its environment, and what was said while it was built."""
    said: list[str] = []
    with isolate.environment(zoo, said.append) as environment:
        return environment, said


def missing(zoo: Path, **limits: float) -> dict[str, str]:
    """Gather quietly; the reason of each model that has no graph."""
    found = gather(zoo, progress=lambda _: None, limits=Limits(**limits))  # type: ignore[arg-type]
    return {model.name: model.graph_missing.reason for model in found if model.graph_missing}


def left() -> set[str]:
    """What is in the folder of environments, without lock files."""
    return {path.name for path in (places.caches() / "environments").iterdir() if path.suffix != ".lock"}
