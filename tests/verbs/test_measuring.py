"""`measure` counts what arithmetic says, in one document; `bench` times or shows, never both."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from madeup import Ran, filled
from networks import network
from zoodiff.measuring import measurement

Cli = Callable[..., Ran]


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """A network with an operator that has no cost."""
    made = network("net (float[1,3,8,8] x) => (float[] y) { c = Conv (x, w) y = own.Strange (c) }", w=(4, 3, 3, 3))
    made.opset_import.append(onnx.helper.make_opsetid("own", 1))
    onnx.save(made, tmp_path / "strange.onnx")
    return tmp_path / "strange.onnx"


def test_one_measurement_is_one_document(cli: Cli, model: Path) -> None:
    ran = cli("measure", model, "--json")
    assert (ran.code, ran.err) == (0, "")
    document = json.loads(ran.out)
    assert (document["format"], document["kind"]) == (1, "measurement")
    assert document["macs"] == 4 * 6 * 6 * 3 * 9
    assert document["params"] == 4 * 3 * 9


def test_several_measurements_keep_their_order_and_outlast_a_failure(cli: Cli, model: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing.onnx"
    ran = cli("measure", model, missing, model, "--json")
    assert ran.code == 2
    document = json.loads(ran.out)
    assert (document["format"], document["kind"]) == (1, "measurements")
    first, failed, last = document["measurements"]
    assert first == last
    assert failed["ref"] == str(missing)
    assert failed["error"] in ran.err


def test_another_input(cli: Cli, model: Path) -> None:
    by_name = json.loads(cli("measure", model, "--input", "x=1x3x10x12", "--json").out)
    assert by_name["input"] == {"x": [1, 3, 10, 12]}
    assert by_name["macs"] == 4 * 8 * 10 * 27
    assert json.loads(cli("measure", model, "--input", "1,3,10,12", "--json").out) == by_name


@pytest.mark.parametrize("size", ["", "x", "1x3x0x8", "1x-3x8x8", "1x3.5x8", "=1x3x8x8", "1x3x8x8x"])
def test_no_size_is_refused(cli: Cli, model: Path, size: str) -> None:
    ran = cli("measure", model, f"--input={size}")
    assert (ran.code, ran.out) == (2, "")
    assert repr(size) in ran.err


@pytest.mark.parametrize("size", ["1x4x8x8", "1x3x2x2", "y=1x3x8x8", "1x3x8"])
def test_impossible_sizes_are_refused(cli: Cli, model: Path, size: str) -> None:
    ran = cli("measure", model, "--input", size)
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("by", measurement.PARTS)
def test_parts_add_up(cli: Cli, model: Path, by: str) -> None:
    document = json.loads(cli("measure", model, "--by", by, "--json").out)
    for number in ("macs", "flops", "params"):
        assert sum(row[number] for row in document[f"by_{by}"]) == document[number]
    assert cli("measure", model, "--by", by).code == 0


def test_parts_that_there_are_not(cli: Cli, model: Path) -> None:
    ran = cli("measure", model, "--by", "colour")
    assert ran.code == 2
    assert "'colour'" in ran.err
    assert "op, layer, block" in ran.err


def test_strict_is_one_where_something_was_not_counted(cli: Cli, model: Path, strange: Path) -> None:
    assert cli("measure", model, "--strict").code == 0
    assert cli("measure", strange).code == 0
    ran = cli("measure", strange, "--strict")
    assert ran.code == 1
    assert "at least" in ran.out
    assert "own::Strange" in ran.out
    assert json.loads(cli("measure", strange, "--json").out)["complete"] is False


def test_bench_says_what_it_needs(cli: Callable[..., Ran], tmp_path: Path) -> None:
    assert cli("bench").code == 2
    assert "takes models or a saved bench" in cli("bench").err
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert "cannot write" in cli("bench", filled(tmp_path), "--out", blocked / "f.json").err
    assert "is a folder" in cli("bench", filled(tmp_path), "--out", tmp_path).err
