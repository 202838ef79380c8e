"""The command line keeps its promises: exit codes, one JSON document, help with examples, clear errors."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import zoodiff
from madeup import Ran
from zoodiff import app
from zoodiff.measuring import measurement

Cli = Callable[..., Ran]
VERBS = sorted(app.app.commands)
RESERVED = ("history", "check")
"""The other verbs of the contract; one that gets built leaves this list."""


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
