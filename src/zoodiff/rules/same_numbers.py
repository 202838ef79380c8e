"""Two different models of one zoo bear the same pair of accuracies.

Why it matters: top-1 and top-5 both equal to the last digit is rare by chance; it happens when a table's row is copied.

What to do: look both rows up at their sources.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Entry, Study


def judge(study: Study) -> Iterator[Finding]:
    """Find equal pairs of top-1 and top-5 on different architectures of one zoo."""
    pairs: defaultdict[tuple[str, Decimal, Decimal], list[Entry]] = defaultdict(list)
    for entry in study.entries:
        top1, top5 = entry.value("acc@1"), entry.value("acc@5")
        if top1 is not None and top5 is not None:
            pairs[entry.zoo, top1, top5].append(entry)
    for (_, top1, top5), entries in sorted(pairs.items()):
        names = sorted({entry.naming.architecture for entry in entries})
        if len(names) < 2:
            continue
        refs = tuple(sorted(entry.ref for entry in entries))
        yield Finding(
            id="same-numbers",
            title=f"{' and '.join(refs)} both claim {top1} % top-1 and {top5} % top-5",
            severity="medium",
            confidence="medium",
            architecture=names[0],
            models=refs,
            evidence={"top1": str(top1), "top5": str(top5), "architectures": names},
            disproof="two evaluations that gave the same numbers",
            next_step=f"zoodiff claims {refs[0]}",
        )
