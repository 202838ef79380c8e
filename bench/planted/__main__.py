"""Judge the comparison engine on planted pairs.

Usage: python bench/planted [--pairs 1000] [--seed 7] [--only MUTATION] [--out FILE] [--coverage]
Prints recall and precision per change and per disguise; a miss is made again with `draw(seed)`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import onnx

from planted.drawing import applicable, bases, draw
from planted.scoring import Tally, score


def compare(a: onnx.ModelProto, b: onnx.ModelProto) -> dict[str, Any]:
    """The engine's `diff` document of two models: the only place that knows the engine."""
    from zoodiff import diff
    from zoodiff.comparison import difference

    return difference.document(diff(a, b))


def main() -> None:
    """Draw, compare, judge, print."""
    parser = argparse.ArgumentParser(description="Judge the comparison engine on planted pairs.")
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7, help="the first seed; each pair has the next")
    parser.add_argument("--only", help="one mutation, in each pair")
    parser.add_argument("--out", type=Path, help="also write the table here")
    parser.add_argument("--coverage", action="store_true", help="count the bases each kind applies to, and stop")
    chosen = parser.parse_args()
    text = coverage() if chosen.coverage else judge(chosen.seed, chosen.pairs, chosen.only)
    print(text)
    if chosen.out:
        chosen.out.write_text(text + "\n")


def judge(first: int, pairs: int, only: str | None = None) -> str:
    """The table over so many pairs, and what was missed."""
    tally = Tally()
    for seed in range(first, first + pairs):
        pair = draw(seed, only)
        tally.add(seed, pair.truth, score(compare(pair.a, pair.b), pair.truth, pair.a, pair.b))
    return "\n".join([tally.table(), "", *tally.misses])


def coverage() -> str:
    """The table of kinds, and how many bases each applies to."""
    lines = [f"{len(bases())} bases", ""]
    for kind, counts in applicable().items():
        lines += [f"| {kind} | bases |", "|---|---:|", *(f"| {name} | {n} |" for name, n in sorted(counts.items())), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
