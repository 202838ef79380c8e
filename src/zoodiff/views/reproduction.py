"""The 2022 study's statements beside the tool's own numbers, on the terminal."""

from __future__ import annotations

import json
from collections import Counter

from zoodiff.showing.screen import console, table
from zoodiff.survey.judge import Judged
from zoodiff.survey.original import original
from zoodiff.survey.reproduce import Reproduction, Robustness, Tried

_STYLE = {"same": "green", "different": "red", "not-checkable": "yellow"}
_MARK = {"same": "=", "last digit": "~", "different": "!", "not known": "?"}


def show(reproduction: Reproduction, *, evidence: bool) -> None:
    """Print each statement with its numbers and why; with `evidence` all that they rest on."""
    out, study = console(), original()
    out.print(f"{study.title} ({study.url})", style="bold")
    out.print(f"Claims in force on {reproduction.as_of}: {reproduction.why_as_of}.")
    for one in reproduction.statements:
        out.print()
        out.print(f"{one.id}  {one.status}", style=_STYLE[one.status])
        out.print(f"  {one.text} [{one.where}]")
        out.print(_numbers(one, reproduction.choices))
        out.print(f"  {one.why}")
        if evidence:
            out.print(json.dumps(one.evidence, indent=1, ensure_ascii=False), style="dim")
    out.print()
    if reproduction.choices is not None:
        _show_firmness(reproduction.dates, reproduction.choices)
    count: Counter[str] = Counter(one.status for one in reproduction.statements)
    out.print(", ".join(f"{count[status]} {status}" for status in _STYLE if count[status]), style="bold")


def _numbers(one: Judged, choices: Robustness | None) -> str:
    """The statement's numbers, each with the mark of how it compares (`~` a unit of the last digit apart)."""
    lines = []
    for name, grade in one.numbers.items():
        line = (
            f"  {_MARK[grade]} {name.replace('_', ' ')}: printed {_word(one.paper[name])}, here {_word(one.ours[name])}"
        )
        firm = choices.numbers.get(f"{one.id}.{name}") if choices else None
        lines.append(
            line if choices is None or firm is None else f"{line} (as printed in {firm} of {choices.combinations})"
        )
    return "\n".join(lines)


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return f"{value['from']} to {value['to']}" if "from" in value else "?"
    return str(value)


def _show_firmness(dates: tuple[Tried, ...], choices: Robustness) -> None:
    """What the statements that rest on claims say on other days and under other options."""
    out = console()
    rows = table(("claims in force on", "left"), ("numbers", "right"), ("others than on the day taken", "left"))
    for tried in dates:
        rows.add_row(tried.under["as_of"], _score(tried), _changed(tried, choices.taken))
    out.print(rows)
    out.print()
    out.print("(as printed in N of M): under how many combinations of what the study leaves open.", style="dim")
    made = table(("the study leaves open", "left"), ("numbers", "right"), ("others than taken", "left"))
    made.add_row("all as taken", _score(choices.taken), "")
    for tried in choices.one_changed:
        [name] = [name for name, said in tried.under.items() if said != choices.taken.under[name]]
        question = original().choice[name].question
        made.add_row(f"{question} {tried.under[name]}", _score(tried), _changed(tried, choices.taken))
    out.print(made)
    most = choices.best[0]
    taken = "that taken is among them" if choices.taken in choices.best else "that taken is not among them"
    give = "1 gives" if len(choices.best) == 1 else f"{len(choices.best)} give"
    out.print(f"Of {choices.combinations} combinations, {give} {_score(most)}, the most; {taken}.")


def _score(tried: Tried) -> str:
    return f"{tried.same} of {tried.of}"


def _changed(tried: Tried, taken: Tried) -> str:
    """The statements that are answered otherwise."""
    return ", ".join(
        f"{name} {status}" for name, status in tried.statements.items() if status != taken.statements[name]
    )
