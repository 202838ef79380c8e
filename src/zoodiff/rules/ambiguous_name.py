"""A name does not say which of several networks a model is.

Why it matters: ResNet-50 is at least three networks (strides in the 1x1 or in the 3x3 convolutions, pre-activation).
A name without the version leaves the reader to guess, and papers to compare what does not compare.

What to do: say the version in the name or on the first line of the documentation.
"""

from __future__ import annotations

from collections.abc import Iterator

from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Study


def judge(study: Study) -> Iterator[Finding]:
    """Report the models of an architecture whose names may mean several that some zoo has."""
    published = {group.architecture for group in study.groups}
    for group in study.groups:
        open_ = [entry for entry in group.entries if len(published & set(entry.naming.readings)) > 1]
        if not open_:
            continue
        refs = tuple(sorted(entry.ref for entry in open_))
        readings = sorted({reading for entry in open_ for reading in entry.naming.readings})
        several = f"{refs[0]} and {len(refs) - 1} more" if len(refs) > 1 else refs[0]
        yield Finding(
            id="ambiguous-name",
            title=f"{several}: the name may mean {' or '.join(readings)}; it is taken for {group.architecture}",
            severity="low",
            confidence="high",
            architecture=group.architecture,
            models=refs,
            evidence={"readings": readings, "why": {entry.ref: entry.naming.ambiguous for entry in open_}},
            disproof="documentation of the zoo that says which one it is",
            next_step=f"zoodiff identify {refs[0]}",
        )
