"""A model is another network than its name says.

Why it matters: who takes it for what it is called compares, cites or retrains the wrong network. The graph is held
against every network of the snapshots, and equals, or is clearly nearer to, one of another name; without a graph, the
published file is too small for the weights of the network that it is named for.

What to do: `zoodiff identify MODEL` gives the reason in full. Publish it under the name of the network that it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from zoodiff.recognition.judged import verdicts
from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Study


def judge(study: Study) -> Iterator[Finding]:
    """Report each model whose structure, or size, refutes its name."""
    judged = verdicts(entry.network for entry in study.entries)
    for entry in study.entries:
        told = judged.get(entry.ref)
        if told is None or told.verdict != "mislabelled":
            continue
        own_graph = entry.weights is not None and entry.weights.graph is not None
        yield Finding(
            id="mislabelled",
            title=f"{entry.ref} is not {entry.naming.architecture}" + (f" but {told.match}" if told.match else ""),
            severity="high",
            confidence="high" if own_graph else "medium",
            architecture=entry.naming.architecture,
            models=(entry.ref,),
            evidence={
                "is": told.match,
                "like": told.like,
                "reason": told.reason,
                "by": "graph" if own_graph else "size",
            },
            disproof="a published file with another graph, or a name that the zoo explains otherwise",
            next_step=f"zoodiff identify {told.ref}",
        )
