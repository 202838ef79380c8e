"""One zoo says two different numbers of one model.

Why it matters: at most one of them is right, and tables elsewhere may have copied either. Differences that rounding as
printed explains are left out, and so are claims about other weights or another input size.

What to do: look both sources up; the stated rule of `zoodiff claims` says which one tables here use.
"""

from __future__ import annotations

from collections.abc import Iterator

from zoodiff.accuracy.choice import Chosen
from zoodiff.survey.finding import Finding, Severity
from zoodiff.survey.study import Study


def judge(study: Study) -> Iterator[Finding]:
    """Report every model whose chosen claim is contradicted by another one in force."""
    for entry in study.entries:
        for metric, chosen in (("top-1", entry.top1), ("top-5", entry.top5)):
            if not isinstance(chosen, Chosen) or not chosen.contradicted_by:
                continue
            others = chosen.contradicted_by
            gap = max(abs(other.value - chosen.claim.value) for other in others)
            severity: Severity = "medium" if gap >= 1 else "low"
            values = ", ".join(dict.fromkeys(f"{other.value}" for other in others))
            yield Finding(
                id="contradicting-claims",
                title=f"{entry.ref}: {metric} is {chosen.claim.value} % in one place and {values} % in another",
                severity=severity,
                confidence="high",
                architecture=entry.naming.architecture,
                models=(entry.ref,),
                evidence={
                    "chosen": {"value": str(chosen.claim.value), "source": str(chosen.claim.source)},
                    "others": [{"value": str(other.value), "source": str(other.source)} for other in others],
                },
                disproof="the two figures are about different weights, sizes or evaluations, and their sources say so",
                next_step=f"zoodiff claims {entry.ref}",
            )
