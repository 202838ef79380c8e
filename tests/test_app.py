"""The command line keeps its promises: exit codes, one JSON document, help with examples, clear errors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

import zoodiff
from madeup import Ran
from networks import network
from zoodiff import app, measurement

Cli = Callable[..., Ran]
VERBS = sorted(app.app.commands)
RESERVED = ("history", "check")
"""The other verbs of the contract; one that gets built leaves this list."""


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "small.onnx"
    onnx.save(network("net (float[1,3,8,8] x) => (float[] y) { c = Conv (x, w) y = Relu (c) }", w=(4, 3, 3, 3)), path)
    return path


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    """A network with an operator that has no cost."""
    made = network("net (float[1,3,8,8] x) => (float[] y) { c = Conv (x, w) y = own.Strange (c) }", w=(4, 3, 3, 3))
    made.opset_import.append(onnx.helper.make_opsetid("own", 1))
    onnx.save(made, tmp_path / "strange.onnx")
    return tmp_path / "strange.onnx"


def test_version(cli: Cli) -> None:
    assert cli("--version") == (0, f"zoodiff {zoodiff.__version__}\n", "")


@pytest.mark.parametrize("verb", [None, *VERBS])
def test_help_ends_with_an_example(cli: Cli, verb: str | None) -> None:
    ran = cli(*([verb] if verb else []), "--help")
    assert ran.code == 0
    last = re.split(r"\n\s*\n", ran.out.strip())[-1]
    expected = f"Example: zoodiff {verb} " if verb else "Start with: zoodiff "
    assert " ".join(last.split()).startswith(expected)


@pytest.mark.parametrize("verb", RESERVED)
def test_reserved_verbs_say_so(cli: Cli, verb: str) -> None:
    ran = cli(verb, "something")
    assert (ran.code, ran.out) == (2, "")
    assert f"{verb!r} is not in this version" in ran.err
    assert verb not in VERBS
    assert f"\n  {verb} " not in cli("--help").out


@pytest.mark.parametrize("arguments", [["nonsense"], ["measure"], ["measure", "--wrong", "a"], ["list"]], ids=" ".join)
def test_usage_errors_are_two(cli: Cli, arguments: list[str]) -> None:
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback" not in ran.err
    assert ran.err


def test_nothing_asked_is_answered_with_the_help(cli: Cli) -> None:
    ran = cli()
    assert (ran.code, ran.out, ran.err) == (2, "", cli("--help").out)


def test_verbs_are_listed_in_the_order_in_which_one_meets_them(cli: Cli) -> None:
    listed = re.findall(r"(?m)^  (\w+)  ", cli("--help").out.partition("Commands:")[2])
    assert listed == list(app.app.commands)
    assert (listed[0], sorted(listed)) == ("measure", VERBS)


@pytest.mark.parametrize("verb", VERBS)
def test_help_explains_every_argument_once(cli: Cli, verb: str) -> None:
    text = cli(verb, "--help").out
    listed = re.findall(r"(?m)^  (\S+)  +\S", text.partition("Arguments:\n")[2].partition("\n\n")[0])
    arguments = [one.metavar for one in app.app.commands[verb].params if isinstance(one, app.Argument)]
    assert listed == arguments
    assert text.startswith(f"Usage: zoodiff {verb} [OPTIONS] {' '.join(map(str, arguments))}\n")
    assert text.count("rguments:") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["measure", "--jsom", "a"], ["--jsom", "--json"]),
        (["bench", "a", "--batch", "0"], ["'--batch'", "0", "x>=1"]),
        (["bench", "a", "--seed", "-1"], ["'--seed'", "-1", "x>=0"]),
        (["bench", "a", "--rounds", "many"], ["'--rounds'", "'many'"]),
        (["verify", "a", "--budget", "1.5"], ["'--budget'", "'1.5'"]),
        (["diff", "a"], ["'B'", "zoodiff diff --help"]),
        (["diff", "a", "b", "c"], ["(c)", "zoodiff diff --help"]),
        (["explain", "a", "--json"], ["option", "--json"]),
    ],
    ids=" ".join,
)
def test_usage_errors_name_what_was_wrong(cli: Cli, arguments: list[str], words: list[str]) -> None:
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert not [word for word in words if word not in ran.err]


def test_an_error_about_no_model_has_no_reference(cli: Cli) -> None:
    ran = cli("bench", "--json")
    assert (ran.code, json.loads(ran.out)["ref"]) == (2, None)


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


def test_an_error_is_a_document_too(cli: Cli, tmp_path: Path) -> None:
    missing = tmp_path / "missing.onnx"
    ran = cli("measure", missing, "--json")
    assert ran.code == 2
    document = json.loads(ran.out)
    assert document.keys() == {"format", "kind", "ref", "error", "hint"}
    assert (document["format"], document["kind"]) == (1, "error")
    assert (document["ref"], document["error"]) == (str(missing), f"no file {str(missing)!r}")
    assert ran.err.startswith("error: ")


def test_the_document_names_the_model_whatever_the_order_of_options(cli: Cli, tmp_path: Path) -> None:
    missing = tmp_path / "missing.onnx"
    for arguments in (("measure", "--by", "op", missing, "--json"), ("measure", "--json", "--input", "1x3", missing)):
        assert json.loads(cli(*arguments).out)["ref"] == str(missing)


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


def test_our_fault_is_three_with_a_log(cli: Cli, model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(measurement, "count", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    ran = cli("measure", model, "--json")
    assert (ran.code, ran.out) == (3, "")
    assert "Traceback" not in ran.err
    assert "RuntimeError: a bug of ours" in ran.err
    (log,) = tmp_path.glob("zoodiff-fault-*.log")
    assert str(log) in ran.err
    text = log.read_text()
    assert "Traceback" in text
    assert str(model) in text
    assert zoodiff.__version__ in text


def test_debug_shows_our_fault_here(cli: Cli, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(measurement, "count", fail)
    with pytest.raises(RuntimeError, match="a bug of ours"):
        cli("measure", model, "--debug")


def test_interrupted_is_130(cli: Cli, model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(measurement, "count", interrupt)
    ran = cli("measure", model)
    assert (ran.code, ran.out, ran.err) == (130, "", "interrupted\n")


@pytest.mark.parametrize("room", ["zoos", "models", "readers", "costs", "conventions", "rules", "views"])
def test_rooms_are_listed(cli: Cli, room: str) -> None:
    document = json.loads(cli("list", room, "--json").out)
    assert (document["kind"], document["room"]) == ("listing", room)
    ran = cli("list", room)
    assert ran.code == 0
    words = " ".join(ran.out.split())
    assert all(entry[next(iter(entry))] in words for entry in document["entries"][:20])


def test_every_unit_is_explained(cli: Cli) -> None:
    for room in ("readers", "costs", "conventions", "rules"):
        for entry in json.loads(cli("list", room, "--json").out)["entries"]:
            ran = cli("explain", entry["id"])
            assert ran.code == 0
            assert " ".join(entry["title"].split()) in " ".join(ran.out.split())


def test_unknown_names_have_neighbours(cli: Cli) -> None:
    assert "mac-gap" in cli("explain", "mac-gab").err
    several = cli("explain", "onnxx").err.partition("Did you mean ")[2].rstrip("?\n").split(", ")
    assert "onnx" in several  # a zoo, a reader and a runner
    assert len(set(several)) == len(several)
    ran = cli("list", "rool")
    assert (ran.code, "rules" in ran.err) == (2, True)


def test_diff_prints_one_document_or_a_screen(cli: Cli, model: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    text = "net (float[1,3,8,8] x) => (float[] y) { c = Conv (x, w) y = LeakyRelu (c) }"
    onnx.save(network(text, w=(4, 3, 3, 3)), other)
    ran = cli("diff", model, other, "--json")
    document = json.loads(ran.out)
    assert (ran.code, document["kind"], document["identical"]) == (0, "difference", False)
    (cause,) = document["differences"]
    assert (cause["op"], cause["what"], cause["left"]["value"], cause["right"]["value"]) == (
        "Activation",
        "op",
        "Relu",
        "LeakyRelu",
    )
    assert "Activation: ReLU against leaky ReLU" in cli("diff", model, other).out
    assert cli("diff", model, other, "--strict").code == 1
    assert "The same network" in cli("diff", model, model, "--strict").out
    assert cli("diff", model, "nowhere.onnx").code == 2
