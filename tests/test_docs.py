"""What the documents say is so: links lead somewhere, quoted commands exist, quoted help is the help."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from madeup import ROOT, Ran
from zoodiff import app
from zoodiff.survey.reproduce import document, reproduce
from zoodiff.survey.then import Models

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")])
VERBS = app.app.commands


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"(?s)```.*?```", "", page.read_text())
    broken = [
        target
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text)
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert not broken


def quoted() -> list[tuple[Path, str]]:
    """Every `zoodiff ...` command in the documents, in code blocks and between backticks."""
    found = []
    for page in PAGES:
        text = page.read_text().split("```")
        prose, code = "".join(text[::2]), "".join(text[1::2])
        lines = re.findall(r"(?m)^(?:\$ )?(?:\.venv/bin/)?(zoodiff .+)$", code) + re.findall(
            r"`(zoodiff [^`]+)`", prose
        )
        found += [(page, " ".join(line.partition(" #")[0].split())) for line in lines]
    return found


@pytest.mark.parametrize(("page", "line"), quoted(), ids=lambda value: value if isinstance(value, str) else value.name)
def test_quoted_commands_exist(page: Path, line: str) -> None:
    words = shlex.split(line.partition("|")[0].partition(">")[0])[1:]
    if words[0] in ("--help", "--version"):
        return
    assert words[0] in VERBS, f"{page.name} quotes a verb that this version does not have"
    known = {option for parameter in VERBS[words[0]].params for option in parameter.opts} | {"--help", "--debug"}
    assert {word for word in words if word.startswith("--")} <= known


def test_readme_quotes_the_help(cli: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = re.findall(r"(?s)```[a-z]*\n\$ zoodiff (--help|\w+ --help)\n(.*?)```", (ROOT / "README.md").read_text())
    assert blocks
    for arguments, text in blocks:
        assert text.split() == cli(*arguments.split()).out.split()


def test_every_verb_is_documented() -> None:
    readme = (ROOT / "README.md").read_text()
    assert not [verb for verb in VERBS if f"zoodiff {verb}" not in readme]


def test_decisions_are_numbered_and_of_one_form() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [page.name[:3] for page in pages] == [f"{number:03}" for number in range(1, len(pages) + 1)]
    for page in pages:
        headings = re.findall(r"(?m)^## (.+)$", page.read_text())
        assert headings == ["Existing approaches", "Ours", "Limits"], page.name


# ---------------------------------------------------------------- the story of the 2022 study

STUDY = ROOT / "docs" / "the-2022-study.md"
MARK = re.compile(r"([\d.]+)<!-- ([^>]+) -->")


@pytest.fixture(scope="module")
def reproduced(models: Models) -> dict[str, Any]:
    """What `reproduce --json` says, by the paths that the page uses."""
    made = json.loads(json.dumps(document(reproduce(models=models))))
    statements = {one["id"]: one for one in made["statements"]}
    rank = statements["flop-rank"]["evidence"]
    parts = {cell: text.split(" of ") for cell, text in rank["by_the_tools"].items()}
    statements["flop-rank"] |= {
        "times": {cell: times for cell, (times, _) in parts.items()},
        "models": {cell: of for cell, (_, of) in parts.items()},
        "in_one_convention": {cell: text.split(" of ")[0] for cell, text in rank["in_one_convention"].items()},
        "by_the_tools_only": {cell: told["by_the_tools_only"] for cell, told in rank["cells"].items()},
    }
    cells = [grade for name in ("tab1-top1", "tab1-top5") for grade in statements[name]["numbers"].values()]
    taken = made["choices"]["taken"]["under"]
    for tried in list(made["choices"]["one_changed"]):
        [changed] = [f"{name}={said}" for name, said in tried["under"].items() if said != taken[name]]
        made["choices"].setdefault("by_option", {})[changed] = tried
    return (
        made
        | statements
        | {
            "cells": {"of": len(cells), "same": cells.count("same")},
            "counts": Counter(one["status"] for one in made["statements"]),
            "dates": {one["under"]["as_of"]: one for one in made["dates"]},
            "choices": made["choices"] | {"one_changed": made["choices"]["by_option"]},
            "today": {"largest": max(models.then(None).spreads("acc@1").values())},
        }
    )


def at(found: Any, path: str) -> Any:
    """What stands at a path; the length of a list."""
    for part in path.split("/"):
        found = found[int(part)] if isinstance(found, list) else found[part]
    return len(found) if isinstance(found, list) else found


@pytest.mark.parametrize(("number", "path"), MARK.findall(STUDY.read_text(encoding="utf-8")))
def test_the_story_says_what_reproduce_says(reproduced: dict[str, Any], number: str, path: str) -> None:
    found, shown = Decimal(str(at(reproduced, path))), Decimal(number)
    unit = Decimal(1).scaleb(int(shown.as_tuple().exponent))
    assert shown in (found.quantize(unit, ROUND_HALF_UP), found.quantize(unit, ROUND_DOWN)), path


def test_no_decimal_of_the_story_is_without_its_mark() -> None:
    text = re.sub(r"`[^`]*`|\]\([^)]*\)", "", STUDY.read_text(encoding="utf-8"))
    loose = re.findall(r"\d+\.\d+(?!\d|<!--)", MARK.sub("", text))
    assert set(loose) == {"60.96", "1.0", "1.1"}  # a claim quoted as the reason for the day, and names


def limits() -> list[tuple[str, str]]:
    """Each limit that docs/security.md states: the number, and the name that it has in the code."""
    return re.findall(r"(?m)^\| .+ \| ([\d,]+) \| `([\w.]+)` \|$", (ROOT / "docs" / "security.md").read_text())


@pytest.mark.parametrize(("stated", "name"), limits(), ids=lambda value: str(value))
def test_stated_limits_are_those_of_the_code(stated: str, name: str) -> None:
    module, _, constant = name.rpartition(".")
    assert int(stated.replace(",", "")) == getattr(import_module(f"zoodiff.{module}"), constant)


def test_all_limits_are_found() -> None:
    assert len(limits()) == 18
