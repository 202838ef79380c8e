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
        for entry in group.entries:
            size = entry.weights.bytes if entry.weights else None
            if size is None or entry.naming.quantised:
                continue
            needs = _needs(group, entry)
            if not needs or size >= min(needs.values()):
                continue
            least = min(needs.values())
            yield Finding(
                id="published-bytes",
                title=f"{entry.ref} has {size:,} bytes; the weights of {group.architecture} need {least:,}",
                severity="high",
                confidence="high" if least - size > 0.005 * least else "medium",
                architecture=group.architecture,
                models=(entry.ref,),
                evidence={"bytes": size, "needed": needs, "file": entry.weights.file if entry.weights else None},
                disproof="weights stored in fewer than 32 bits each",
                next_step=f"zoodiff audit {group.architecture}",
            )


def _needs(group: Group, entry: Entry) -> dict[str, int]:
    """Bytes of 32-bit weights that the namesakes in other zoos need, running statistics left out."""
    return {
        other.ref: 4 * (other.measurement.counts.params.value - other.measurement.counts.statistics)
        for other in group.counted
        if other.zoo != entry.zoo and isinstance(other.measurement, Measurement)
    }
