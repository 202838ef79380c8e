"""What verbs are made of: arguments are explained, sizes are read or refused, what is printed commands no terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest

from madeup import Ran
from zoodiff import app
from zoodiff.fault import Refusal
from zoodiff.verb import Argument, note, parse_size, print_json

Cli = Callable[..., Ran]


@pytest.mark.parametrize("verb", sorted(app.app.commands))
def test_help_explains_every_argument_once(cli: Cli, verb: str) -> None:
    text = cli(verb, "--help").out
    listed = re.findall(r"(?m)^  (\S+)  +\S", text.partition("Arguments:\n")[2].partition("\n\n")[0])
    arguments = [one.metavar for one in app.app.commands[verb].params if isinstance(one, Argument)]
    assert listed == arguments
    assert text.startswith(f"Usage: zoodiff {verb} [OPTIONS] {' '.join(map(str, arguments))}\n")
    assert text.count("rguments:") == 1


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1x3x224x224", ("", (1, 3, 224, 224))),
        ("x=1x3x8x8", ("x", (1, 3, 8, 8))),
        ("a=b=1,3,10,12", ("a=b", (1, 3, 10, 12))),
        ("7", ("", (7,))),
    ],
)
def test_a_size_has_dimensions_and_perhaps_a_name(text: str, size: tuple[str, tuple[int, ...]]) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "x=", "=1x3", "1x0x8", "1x-3", "1x3.5", "1x3x", f"1x{1 << 63}"])
def test_other_texts_are_no_sizes(text: str) -> None:
    with pytest.raises(Refusal, match="is no size"):
        parse_size(text)


def test_a_document_is_one_line_that_commands_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    document = {"name": "Größe \x1b[31m \x7f \x9b2J \n", "values": [1, None, True]}
    print_json(document)
    out = capsys.readouterr().out
    assert json.loads(out) == document
    assert (out.count("\n"), "Größe" in out) == (1, True)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", out)


def test_a_note_is_no_part_of_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    note("wrote a file", quiet=False)
    note("wrote another", quiet=True)
    assert capsys.readouterr() == ("", "wrote a file\n")
