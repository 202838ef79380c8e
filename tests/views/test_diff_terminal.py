"""The terminal's two columns: they fit, say what differs and where, and are plain where there is no terminal."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from rich.console import Console

from madeup import Ran
from networks import network
from zoodiff.comparison.difference import Difference
from zoodiff.comparison.diffing import diff
from zoodiff.showing import screen
from zoodiff.views import diff_terminal

Cli = Callable[..., Ran]
PAIR = ("torchvision:resnet50", "keras:ResNet50")


@pytest.fixture(scope="module")
def difference() -> Difference:
    return diff(*PAIR)


def printed(difference: Difference, monkeypatch: pytest.MonkeyPatch, whole: bool = False, **settings: object) -> str:
    """What a console of such settings prints."""
    console = Console(**({"highlight": False, "markup": False, "width": 80} | settings))  # type: ignore[arg-type]
    monkeypatch.setattr(diff_terminal, "console", lambda: console)
    with console.capture() as capture:
        diff_terminal.show(difference, whole=whole)
    return capture.get()


@pytest.mark.parametrize("width", [80, 100, 160])
@pytest.mark.parametrize("pair", [PAIR, ("torchvision:densenet201", "torchvision:densenet161")])
def test_no_line_is_wider_than_the_terminal(pair: tuple[str, str], width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    out = printed(diff(*pair), monkeypatch, whole=True, width=width)
    assert max(map(len, out.splitlines())) <= width


def test_it_says_what_differs_and_where(cli: Cli) -> None:
    out = cli("diff", *PAIR).out
    changed = [re.sub(r"\W*~ ", "", line, count=1).split() for line in out.splitlines() if re.match(r"\W*~ ", line)]
    firsts = [line for line in changed if line[1] == "1x1,"]
    assert [line[2] for line in changed] == ["128,", "128,", "256,", "256,", "512,", "512,"]
    assert all(line[3] == "/1" and line[7] == "/2" for line in firsts)
    assert all("#1" in " ".join(line) for line in changed)
    assert "··· 36 operators, 3 blocks alike but for #3, #4 ···" in out
    assert re.search(r"(?m)^#1 .* the stride sits on", out)


def test_shortcuts_are_lanes(cli: Cli) -> None:
    lines = cli("diff", *PAIR).out.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("╭"))
    stop = next(at for at, line in enumerate(lines) if at > start and line.startswith("╰"))
    assert all(line.startswith("│") for line in lines[start + 1 : stop])
    assert "operators" in lines[stop]


def test_colour_is_only_for_terminals_that_want_it(
    difference: Difference, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    colour = re.compile(r"\x1b\[[0-9;]*3[0-9]")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b" not in cli("diff", *PAIR).out
    assert colour.search(printed(difference, monkeypatch, force_terminal=True, color_system="standard"))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colour.search(printed(difference, monkeypatch, force_terminal=True, color_system="standard"))


def test_what_is_longer_than_a_screen_is_printed_when_asked_for(cli: Cli) -> None:
    pair = ("torchvision:mobilenet_v2", "torchvision:resnet50")
    short, whole = cli("diff", *pair).out, cli("diff", *pair, "--side-by-side").out
    assert re.search(r"Side by side these are (\d+) lines: --side-by-side", short)
    assert len(whole.splitlines()) > len(short.splitlines()) + diff_terminal.SCREEN


def test_the_same_network_needs_no_columns(cli: Cli) -> None:
    assert "···" not in cli("diff", PAIR[0], PAIR[0]).out
    assert "174 operators, 16 blocks alike" in cli("diff", PAIR[0], PAIR[0], "--side-by-side").out


def test_what_differs_is_kept_where_a_cell_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    difference = diff("tfmg:official-efficientnet_b0", "torchvision:efficientnet_b0")
    out = printed(difference, monkeypatch, whole=True)
    rows = [line for line in out.splitlines() if "~ Conv" in line]
    assert rows
    assert all(len(re.findall(r"pads \dx\dx\dx\d", line)) == 2 for line in rows)


def test_json_stays_alone(cli: Cli) -> None:
    assert cli("diff", *PAIR, "--json", "--side-by-side").out.count("\n") == 1
    assert screen.console().width >= 80


def test_what_a_file_says_does_not_command_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "net (float[1,8,8,8] x) => (float[] y) { a = Relu (x) y = Odd <k = N> (a) }"
    models = [network(text.replace("N", number)) for number in "12"]
    for model in models:
        model.graph.node[1].op_type = "Odd\x1b[2J"
    out = printed(diff(*models), monkeypatch, whole=True)
    assert "Odd" in out
    assert "\x1b[2J" not in out
