"""What `identify` shows of a network: what it is called, what it is, and what is nearest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoodiff.showing.screen import console, table

if TYPE_CHECKING:
    from zoodiff.recognition.identification import Identification


def show_identification(identification: Identification) -> None:
    """Print the verdict on a network's name, the reason, and the nearest known architectures."""
    out = console()
    out.print(identification.model["ref"], style="bold")
    match = identification.match
    rows = [
        ("called", identification.advertised or "nothing that is known"),
        ("is", match.architecture if match else "not known"),
        ("verdict", identification.verdict),
        ("reason", identification.reason),
    ]
    for label, value in rows:
        out.print(f"  {label:<8} {value}", soft_wrap=True)
    if identification.candidates:
        made = table(("nearest", "left"), ("alike", "right"), ("by", "left"))
        for one in identification.candidates:
            made.add_row(one.architecture, "the same" if one.exact else f"{one.similarity:.3f}", one.ref)
        out.print(made)
