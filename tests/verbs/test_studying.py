"""`audit` and `reproduce` print a document or a screen, write where one says, and exit 1 under --strict."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from madeup import Ran, own_home, published, tiny, write_snapshot

Cli = Callable[..., Ran]


def test_audit_is_one_document_or_a_screen(cli: Cli, zoos: None) -> None:
    ran = cli("audit", "vgg16", "--zoo", "alpha", "--zoo", "beta", "--json")
    document = json.loads(ran.out)
    assert (ran.code, ran.err, document["kind"]) == (0, "", "audit")
    assert sorted(zoo["zoo"] for zoo in document["zoos"]) == ["alpha", "beta"]
    assert "vgg16" in cli("audit", "vgg16").out
    quiet = cli("audit", "vgg16", "--quiet")
    assert ("vgg16" in quiet.out, quiet.err) == (True, "")
    assert cli("audit", "vgg61").code == 2


def test_audit_under_strict_fails_where_something_was_found(cli: Cli, tmp_path: Path) -> None:
    """Two equal networks, of which no paper is known, under one claim leave nothing grave; twice the channels do."""
    with own_home(tmp_path):
        for zoo, channels in (("one", 8), ("two", 8), ("wide", 16)):
            write_snapshot(zoo, "1.0", (published("dla34", "a.onnx", "71.592"),), {"a.onnx": tiny(channels)})
        for other, code in (("two", 0), ("wide", 1)):
            arguments = ("audit", "dla34", "--zoo", "one", "--zoo", other, "--quiet")
            assert (cli(*arguments).code, cli(*arguments, "--strict").code) == (0, code)


def test_an_audit_is_written_where_one_says(cli: Cli, zoos: None, tmp_path: Path) -> None:
    ran = cli("audit", "vgg16", "--zoo", "beta", "--out", tmp_path / "report", "--json")
    assert ran.code == 0
    assert json.loads(ran.out)["kind"] == "audit"
    assert (tmp_path / "report" / "index.html").is_file()
    assert f"the report begins at {tmp_path / 'report' / 'index.html'}" in ran.err
    assert cli("audit", "vgg16", "--zoo", "beta", "--out", tmp_path / "report", "--quiet") == (0, "", "")


def test_reproduce_under_strict_exits_1_where_something_is_different(cli: Cli) -> None:
    assert cli("reproduce", "acc-max", "--strict", "--quiet").code == 0
    assert cli("reproduce", "tab1-top1", "--strict", "--quiet").code == 1
    ran = cli("reproduce", "acc-max", "--as-of", "2022-06", "--json", "--quiet")
    assert json.loads(ran.out)["statements"][0]["status"] == "different"


def test_wrong_use_of_reproduce_exits_2(cli: Cli) -> None:
    assert cli("reproduce", "acc").code == 2
    assert cli("reproduce", "--as-of", "May").code == 2
