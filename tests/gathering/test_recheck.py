"""Gathering again gives the same networks and records, and whatever does not is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import numpy_helper

import toyzoo
from zoodiff.gathering import recheck
from zoodiff.readers.onnx import read_bytes
from zoodiff.reading import entries, store


def print_of(model: onnx.ModelProto) -> str:
    return recheck.fingerprint(read_bytes(model.SerializeToString(), "toy"))


def strides(model: onnx.ModelProto) -> None:
    model.graph.node[0].attribute[1].ints[:] = [1, 1]


def width(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].dims[0] = 16
    model.graph.output[0].type.tensor_type.shape.dim[1].dim_value = 16


def operator(model: onnx.ModelProto) -> None:
    model.graph.node[1].op_type = "Elu"


def size(model: onnx.ModelProto) -> None:
    for dim in model.graph.input[0].type.tensor_type.shape.dim[2:]:
        dim.dim_value = 7


def wiring(model: onnx.ModelProto) -> None:
    model.graph.output[0].name = "c"
    model.graph.node[1].output[0] = "unused"


def more(model: onnx.ModelProto) -> None:
    model.graph.node.append(onnx.helper.make_node("Relu", ["c"], ["z"]))
    model.graph.output.append(onnx.helper.make_tensor_value_info("z", 1, [1, 8, 4, 4]))


def data(model: onnx.ModelProto) -> None:
    import numpy as np

    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.ones((8, 3, 3, 3), "float32"), "w"))


@pytest.mark.parametrize("change", [strides, width, operator, size, wiring, more, data])
def test_a_fingerprint_tells_networks_apart(change: Callable[[onnx.ModelProto], None]) -> None:
    model = toyzoo.opened(toyzoo.skeleton())
    before = print_of(model)
    change(model)
    assert print_of(model) != before


def test_a_fingerprint_knows_no_names_and_no_order() -> None:
    model = toyzoo.opened(toyzoo.skeleton())
    more(model)
    other = toyzoo.opened(toyzoo.skeleton(name="another"))
    more(other)
    nodes = list(other.graph.node)
    del other.graph.node[:]
    other.graph.node.extend([nodes[0], nodes[2], nodes[1]])
    for node in other.graph.node:
        node.name = "n" + node.op_type
    other.graph.name, other.producer_name, other.doc_string = "x", "y", "z"
    assert print_of(model) == print_of(other)


def test_a_sample_depends_on_the_seed_alone() -> None:
    names = [f"m{number}" for number in range(50)]
    first = recheck.sample(names, "abc")
    assert first == recheck.sample(reversed(names), "abc") == sorted(first)
    assert len(set(first)) == 6
    assert first != recheck.sample(names, "abd")
    assert recheck.sample(names[:2], "abc") == ["m0", "m1"]
    # over many seeds each name has its turn
    assert {name for seed in range(200) for name in recheck.sample(names, str(seed))} == set(names)


def test_what_changed_is_named(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    from zoodiff.gathering.gather import gather
    from zoodiff.isolate import declare

    monkeypatch.setenv("ZOODIFF_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ZOODIFF_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(entries, "BUNDLED", tmp_path / "bundled")
    path = toyzoo.write(tmp_path / "zoo", ["a", "b", "c"])
    monkeypatch.setattr(declare, "zoo", lambda _, version=None: declare.Zoo("toy", path, version))

    def quiet(_: object) -> None:
        pass

    gather("toy", progress=quiet)
    assert recheck.recheck("toy", progress=quiet) == []
    recheck.stamp("toy", "2026-11-23", tmp_path / "home" / "snapshots")
    checked = store.load("toy").provenance.checked
    assert checked == "2026-11-23: all 3 models gathered again from the lock, none differed"
    assert recheck.recheck("toy", progress=quiet) == []
    text = path.read_text()
    path.write_text(
        text.replace(repr(toyzoo.skeleton()), repr(toyzoo.skeleton(16)))
        .replace('value="76.1"', 'value="76.2" if name == "a" else "76.1"')
        .replace("['a', 'b', 'c']", "['a', 'b', 'd']")
    )
    found = recheck.recheck("toy", progress=quiet)
    assert [line.partition(":")[0] for line in found] == ["a", "a", "b", "c", "d"]
    assert '"76.1"' in found[0]
    assert '"76.2"' in found[0]
    assert found[1].endswith("another network: parameters 216 -> 432")
    assert found[3:] == ["c: only in the old snapshot", "d: only in the new snapshot"]
    assert len(recheck.recheck("toy", only=["b"], progress=quiet)) == 1
    assert len(store.load("toy").models) == 3
    shutil.rmtree(tmp_path / "cache")
