"""The network with fewer multiply-accumulates takes longer than another of its name.

Why it matters: multiply-accumulates are taken for speed. They do not count what moving data costs, or how well a
machine runs each operator: depthwise convolutions, activations in many small steps, and layouts that must be turned
take time and count for little. The times are those of one machine, one version of onnxruntime and one number of
threads, which the evidence names; the order is told only where the intervals of both times leave no doubt.

What to do: `zoodiff bench` both on the machine that matters.
"""

from __future__ import annotations

from collections.abc import Iterator

from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Study


def judge(study: Study) -> Iterator[Finding]:
    """Report every pair of models of one architecture whose times are in the other order than their cost."""
    if study.speed is None:
        return
    here, settings = study.speed.bench.machine, study.speed.bench.settings
    for pair in study.speed.reversals:
        yield Finding(
            id="macs-mislead",
            title=f"{pair.fewer} takes {pair.time:.2f} x as long as {pair.more}, which has {pair.macs:.2f} x its "
            "multiply-accumulates",
            severity="low",
            confidence="high",
            architecture=pair.architecture,
            models=(pair.fewer, pair.more),
            evidence={
                "time_ratio": round(pair.time, 4),
                "interval": [round(pair.interval.low, 4), round(pair.interval.high, 4)],
                "level": round(pair.interval.level, 4),
                "macs_ratio": round(pair.macs, 4),
                "machine": here.cpu,
                "onnxruntime": here.onnxruntime,
                "threads": settings.threads,
            },
            disproof="the same order of times and cost on the same machine, measured again",
            next_step=f"zoodiff bench {pair.fewer} {pair.more}",
        )
