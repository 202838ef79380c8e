"""What the documents say is so: links lead somewhere, quoted commands exist, quoted help is the help."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import typer

from madeup import ROOT, Ran
from zoodiff import app

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")])
COMMAND = typer.main.get_command(app.app)
VERBS = COMMAND.commands  # type: ignore[attr-defined]


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
