"""A published file is too small for the weights that its name promises.

Why it matters: parameters take room. A 32-bit file that has fewer bytes than its architecture's weights need cannot
hold that architecture, whatever it is called; no download is needed to know.

What to do: look which network fits the size; other names of the family are the first candidates.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from zoodiff.measuring.measurement import Measurement
from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Entry, Group, Study


def judge(study: Study) -> Iterator[Finding]:
    """Hold every published file size against what each namesake's graph, in other zoos, needs for its weights."""
    for group in study.groups:
        least: dict[str, int] = {}
        for zoo, _, need in _needs(group):
            least[zoo] = min(need, least.get(zoo, need))
        fewest = sorted(least, key=least.__getitem__)[:2]  # of either zoo, the other one is another
        sizes: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for entry in group.entries:
            if size := _size(entry):
                sizes[entry.zoo][entry.ref] = size
        for zoo in group.zoos:
            bound = next((least[other] for other in fewest if other != zoo), 0)
            small = {ref: size for ref, size in sizes[zoo].items() if size < bound}
            if small:
                needed = {ref: need for other, ref, need in _needs(group) if other != zoo}
                yield _finding(group, small, needed, bound)


def _finding(group: Group, small: dict[str, int], needs: dict[str, int], least: int) -> Finding:
    low, high = min(small.values()), max(small.values())
    size = f"{low:,}" if low == high else f"{low:,} to {high:,}"
    first, *others = sorted(small)
    files = f"{first} and {len(others)} more have" if others else f"{first} has"
    return Finding(
        id="published-bytes",
        title=f"{files} {size} bytes; the weights of {group.architecture} need {least:,}",
        severity="high",
        confidence="high" if least - high > 0.005 * least else "medium",
        architecture=group.architecture,
        models=(first, *others),
        evidence={"bytes": small, "needed": needs},
        disproof="weights stored in fewer than 32 bits each",
        next_step=f"zoodiff audit {group.architecture}",
    )


def _size(entry: Entry) -> int | None:
    return entry.weights.bytes if entry.weights and not entry.naming.quantised else None


def _needs(group: Group) -> Iterator[tuple[str, str, int]]:
    """Zoo, reference, and the bytes of 32-bit weights that it needs at the least, of each model that was counted."""
    for entry in group.counted:
        if isinstance(entry.measurement, Measurement):
            yield entry.zoo, entry.ref, entry.measurement.counts.least_bytes
