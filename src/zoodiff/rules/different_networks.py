"""Different networks are published under one name.

Why it matters: weights do not fit from one to the other, costs differ, and accuracies do not compare. The networks are
told apart at one input size by every convolution's kernel, strides, groups, channels and output size, every dense
product and every pooling; the number of classes is left aside. Different fingerprints prove different networks; equal
ones do not prove equal networks.

What to do: name the variant. `zoodiff diff A B` says in what they differ, and what each difference costs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from zoodiff.recognition.judged import Apart, apart
from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Entry, Study


def judge(study: Study) -> Iterator[Finding]:
    """Report each architecture whose models fall into two or more groups of equal networks across zoos."""
    for group in study.shared:
        own = [e for e in group.entries if e.letter and not e.naming.quantised and not e.network.stand_in]
        letters = sorted({entry.letter for entry in own if entry.letter})
        if len(letters) < 2 or len({entry.zoo for entry in own}) < 2:
            continue
        members = {letter: sorted(e.ref for e in own if e.letter == letter) for letter in letters}
        commonest, others = apart(group.architecture)
        gravest = _gravest(own, commonest, others)
        yield Finding(
            id="different-networks",
            title=f"{len(letters)} different networks are called {group.architecture}{gravest}",
            severity="high",
            confidence="high",
            architecture=group.architecture,
            models=tuple(sorted(entry.ref for entry in own)),
            evidence={
                "groups": members,
                "macs": {entry.ref: entry.macs for entry in own},
                "differences": {", ".join(other.refs): {"beside": commonest, "words": other.words} for other in others},
            },
            disproof="a graph that is not the published one, or a count that fails for one of them",
            next_step=f"zoodiff audit {group.architecture}",
        )


def _gravest(entries: Iterable[Entry], commonest: str, others: Iterable[Apart]) -> str:
    """The gravest difference between the commonest network and one of another letter."""
    letter = {entry.ref: entry.letter for entry in entries}
    for refs, words in others:
        model = refs[0].partition("/")[0]
        if letter.get(model) not in (None, letter.get(commonest.partition("/")[0])):
            return f": {model} beside {commonest.partition('/')[0]} (left): {words[0]}"
    return ""
