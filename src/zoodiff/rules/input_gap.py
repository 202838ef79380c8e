"""Models of one architecture take images of different sizes.

Why it matters: a larger input costs quadratically more and often buys accuracy; claims made at different sizes do not
compare like with like.

What to do: recount at one size (`zoodiff measure MODEL --input 1x3x224x224`), and look at what size the claim was made.
"""

from __future__ import annotations

from collections.abc import Iterator

from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Study


def judge(study: Study) -> Iterator[Finding]:
    """List the input sizes of each architecture's models where they differ between zoos."""
    for group in study.shared:
        sizes = {entry.ref: entry.size for entry in group.entries if entry.size and not entry.naming.quantised}
        by_zoo = {ref.partition(":")[0] for ref in sizes}
        if len(set(sizes.values())) < 2 or len(by_zoo) < 2:
            continue
        spelled = ", ".join(f"{ref} {size}" for ref, size in sorted(sizes.items(), key=lambda item: (item[1], item[0])))
        yield Finding(
            id="input-gap",
            title=f"{group.architecture} is sold at input sizes {', '.join(map(str, sorted(set(sizes.values()))))}",
            severity="medium",
            confidence="high",
            architecture=group.architecture,
            models=tuple(sorted(sizes)),
            evidence={"input": sizes, "spelled": spelled},
            disproof="the zoo's documentation states another size for the claim",
            next_step=f"zoodiff audit {group.architecture}",
        )
