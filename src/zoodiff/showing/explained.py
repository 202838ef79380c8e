"""What `explain` shows of a unit: its own words, what its operators cost, and what its paper states."""

from __future__ import annotations

from types import ModuleType

from zoodiff import unit
from zoodiff.fault import Refusal
from zoodiff.showing.screen import console


def show_explanation(name: str) -> None:
    """Print the whole docstring of the unit with this id, whichever room it is in. Raises Refusal on an unknown id."""
    found = [(room, unit.find(room, name)) for room in unit.ROOMS if name in unit.ids(room)]
    if not found:
        from zoodiff.reading.reference import nearest

        near = nearest(name, list(dict.fromkeys(known for room in unit.ROOMS for known in unit.ids(room))))
        raise Refusal(
            f"nothing is called {name!r}", f"Did you mean {', '.join(near)}?" if near else "See: zoodiff list rules"
        )
    for room, module in found:
        console().print(f"{name}  ({room})", style="bold")
        said = unit.paragraphs(module)
        for paragraph, following in zip(said, [*said[1:], ""], strict=True):
            console().print(paragraph + "\n" * (not following.startswith("- ")))
        _show_operators(module)
        _show_paper(module)


def _show_operators(module: ModuleType) -> None:
    operators = getattr(module, "OPERATORS", None)
    if operators is None:
        return
    import inspect

    for name, cost in operators.items():
        console().print(f"  {name}: {' '.join((inspect.getdoc(cost) or '').split())}")


def _show_paper(module: ModuleType) -> None:
    paper = getattr(module, "PAPER", None)
    if paper is None:
        return
    out = console()
    out.print(f"{paper.authors}: {paper.title}, {paper.year}. {paper.url}")
    out.print(f"networks: {', '.join(f'paper:{one.name}' for one in paper.networks)}")
    out.print("It states", style="bold")
    for fact in paper.facts:
        quote = f"“{fact.quote}” (read in {fact.read})" if fact.read else fact.quote
        out.print(f"- {fact.text}\n  {fact.where}: {quote}")
    if paper.open:
        out.print("It leaves open", style="bold")
    for point in paper.open:
        out.print(f"- {point.text}\n  here: {point.choice}")
