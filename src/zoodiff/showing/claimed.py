"""What `claims` shows of a model: every claim, the one that tables use with its reasons, and what others measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from zoodiff.accuracy.choice import Chosen
from zoodiff.accuracy.claim import when
from zoodiff.record import Unmeasured
from zoodiff.showing.screen import console

if TYPE_CHECKING:
    from zoodiff.accuracy.evidence import Evidence
    from zoodiff.record import Claim
    from zoodiff.survey.told import Told


def show_claims(told: Sequence[Told]) -> None:
    """Print every claim of each model, the one that tables use marked with its reasons; then what others measured."""
    out = console()
    for model in told:
        out.print(f"{model.ref}  ({model.architecture})", style="bold")
        used = [chosen.claim for chosen in model.chosen.values() if isinstance(chosen, Chosen)]
        for (source, date, weights, size), claims in _by_source(model.claims).items():
            about = "".join([f", weights {weights}" if weights else "", f", at {size}" if size else ""])
            out.print(f"  {date}{about}: {source}", style="dim")
            out.print("    " + "   ".join(_claimed(claim, used=claim in used) for claim in claims))
        for metric, chosen in model.chosen.items():
            if isinstance(chosen, Unmeasured):
                out.print(f"  {metric}: {chosen.reason}", style="yellow")
                continue
            out.print(f"  * {metric} {chosen.claim.value}: {chosen.why}")
            for other in chosen.contradicted_by:
                out.print(f"    contradicted by {other.value} in {other.source}", style="yellow")
        if model.evidence:
            out.print("  Evidence: measured by others")
        for (source, measured_by, weights), several in _by_measurer(model.evidence).items():
            one = several[0]
            prepared = {True: " (as the zoo says)", False: " (not as the zoo says)", None: ""}[one.as_the_zoo_prepares]
            how = f", {one.preprocessing}{prepared}" if one.preprocessing else ", preprocessing not known"
            out.print(f"  {measured_by}, weights {weights}{how}: {source}", style="dim")
            out.print("    " + "   ".join(f"{e.metric} {e.value}{_counted(e)}" for e in several))
        out.print()


def _counted(one: Evidence) -> str:
    return f" ({one.correct:,} of 50,000)" if one.correct is not None else ""


def _by_measurer(evidence: Sequence[Evidence]) -> dict[tuple[str, str, str], list[Evidence]]:
    found: dict[tuple[str, str, str], list[Evidence]] = {}
    for one in sorted(evidence, key=lambda e: (e.weights, e.measured_by, e.metric)):
        source = msgspec.structs.replace(one.source, line=None)  # two metrics of one table may be on two lines
        found.setdefault((str(source), one.measured_by, one.weights), []).append(one)
    return found


def _by_source(claims: Sequence[Claim]) -> dict[tuple[str, str, str | None, int | None], list[Claim]]:
    found: dict[tuple[str, str, str | None, int | None], list[Claim]] = {}
    for claim in claims:
        found.setdefault((str(claim.source), when(claim), claim.weights, claim.input_size), []).append(claim)
    return found


def _claimed(claim: Claim, *, used: bool) -> str:
    written = "" if claim.as_written == str(claim.value) else f" (written {claim.as_written})"
    return f"{'*' if used else ''}{claim.metric} {claim.value}{written}"
