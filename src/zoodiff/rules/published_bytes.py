"""A published file is too small for the weights that its name promises.

Why it matters: parameters take room. A 32-bit file that has fewer bytes than its architecture's weights need cannot
hold that architecture, whatever it is called; no download is needed to know.

What to do: look which network fits the size; other names of the family are the first candidates.
"""

from __future__ import annotations

from collections.abc import Iterator

from zoodiff.finding import Finding
from zoodiff.measurement import Measurement
from zoodiff.study import Entry, Group, Study


def judge(study: Study) -> Iterator[Finding]:
    """Hold every published file size against what each namesake's graph, in other zoos, needs for its weights."""
    for group in study.groups:
        for zoo in group.zoos:
            needs = _needs(group, zoo)
            if not needs:
                continue
            least = min(needs.values())
            small = {e.ref: size for e in group.entries if e.zoo == zoo and (size := _size(e)) and size < least}
            if small:
                yield _finding(group, small, needs, least)


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


def _needs(group: Group, zoo: str) -> dict[str, int]:
    """Bytes of 32-bit weights that the namesakes in other zoos need at the least."""
    return {
        other.ref: other.measurement.counts.least_bytes
        for other in group.counted
        if other.zoo != zoo and isinstance(other.measurement, Measurement)
    }
