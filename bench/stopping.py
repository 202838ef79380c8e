"""Measure how often early stopping errs and how many images it saves, on real predictions in random order.

Usage: python bench/stopping.py PREDICTIONS.npz [PERMUTATIONS]   The file holds arrays n x 5 of predicted classes by
model, in the order of ImageFolder (the label of row i is i // 50). Writes bench/stopping-results.md. The images of each
model are put into random order many times; a permutation's number of right answers is drawn hypergeometrically from one
look to the next, a look every 100 images. At which numbers a look decides is asked of
`zoodiff.accuracy.sequential` itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from zoodiff.accuracy.sequential import Sequential
from zoodiff.record import Claim, Source

RESULTS = Path(__file__).parent / "stopping-results.md"
IMAGES, EVERY = 50_000, 100
LOOKS = np.arange(EVERY, IMAGES + 1, EVERY)
Numbers = NDArray[np.int64]


def claim(correct: int, points: int, digits: str) -> Claim:
    """A claim so many points above the truth, printed with so many digits."""
    value = (Decimal(100 * correct) / IMAGES + points).quantize(Decimal(digits))
    return Claim("model", "acc@1", value, str(value), Source("bench"))


def edge(inside: int, outside: int, holds: Callable[[int], bool]) -> int:
    """The last number, on the way from one of which something holds to one of which it may not, of which it does."""
    if holds(outside):
        return outside
    while abs(outside - inside) > 1:
        middle = (inside + outside) // 2
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)
    return inside


def kept(test: Sequential, truth: int) -> tuple[Numbers, Numbers]:
    """At each look from which to which number of right answers the truth is in the interval."""
    low, high = [], []
    for n in map(int, LOOKS):
        middle = round(truth * n / IMAGES)
        inside = lambda correct, n=n: truth in test.interval(correct, n)  # noqa: E731
        low.append(edge(middle, max(0, n - (IMAGES - truth)), inside))
        high.append(edge(middle, min(n, truth), inside))
    return np.array(low), np.array(high)


def decisions(test: Sequential) -> dict[str, tuple[Numbers, Numbers]]:
    """At each look the numbers of right answers that refute from below and from above, and those at which it holds."""
    out: dict[str, list[tuple[int, int]]] = {"refuted": [], "holds": []}
    for n in map(int, LOOKS):
        middle = min(n, round((test.claimed.least + test.claimed.most) / 2 * n / IMAGES))
        free = lambda correct, n=n: test.update(correct, n) != "refuted"  # noqa: E731
        holds = lambda correct, n=n: test.update(correct, n) == "holds"  # noqa: E731
        out["refuted"].append((edge(middle, 0, free) - 1, edge(middle, n, free) + 1))
        out["holds"].append((edge(middle, 0, holds), edge(middle, n, holds)) if holds(middle) else (1, 0))
    return {
        what: (np.array([low for low, _ in all_]), np.array([high for _, high in all_])) for what, all_ in out.items()
    }


def permuted(truth: int, count: int, random: np.random.Generator) -> Numbers:
    """The right answers at each look, of `count` random orders (count x looks)."""
    seen = np.zeros((count, len(LOOKS)), dtype=np.int64)
    so_far = np.zeros(count, dtype=np.int64)
    for at, n in enumerate(LOOKS):
        left = int(IMAGES - (n - EVERY))
        so_far = so_far + random.hypergeometric(truth - so_far, left - (truth - so_far), EVERY)
        seen[:, at] = so_far
    return seen


def stopped(test: Sequential, seen: Numbers) -> tuple[Numbers, NDArray[np.bool_]]:
    """After how many images each order is decided, and whether the claim was refuted."""
    found = decisions(test)
    refuted = (seen <= found["refuted"][0]) | (seen >= found["refuted"][1])
    held = (seen >= found["holds"][0]) & (seen <= found["holds"][1])
    first = (refuted | held).argmax(axis=1)
    return LOOKS[first], refuted[np.arange(len(seen)), first]


def main(source: Path, count: int) -> None:
    """Simulate every model of the file and write the table."""
    rows = []
    with np.load(source, allow_pickle=False) as file:
        right = {name: file[name][:, 0] == np.arange(IMAGES) // 50 for name in sorted(file.files)}
    for number, (name, hits) in enumerate(right.items()):
        truth = int(hits.sum())
        seen = permuted(truth, count, np.random.default_rng(number))
        true, high = claim(truth, 0, "0.001"), claim(truth, 3, "0.001")
        low, top = kept(Sequential(true), truth)
        missed = ((seen < low) | (seen > top)).any(axis=1).mean()
        images, _ = stopped(Sequential(true, margin=Decimal("0.5")), seen)
        _, wrong = stopped(Sequential(true), seen)
        high_images, high_refuted = stopped(Sequential(high), seen)
        rows.append((name, truth, missed, wrong.mean(), np.median(images), (~high_refuted).mean(), high_images))
        print(
            name, f"{missed:.4f} {wrong.mean():.4f} {np.median(images):,.0f} {np.median(high_images):,.0f}", flush=True
        )
    RESULTS.write_text(report(rows, count))


def report(rows: list[tuple[str, int, float, float, float, float, Numbers]], count: int) -> str:
    """The table as a page."""
    lines = [
        "# Early stopping: errors and savings",
        "",
        f"`python bench/stopping.py PREDICTIONS.npz`: top-1 answers of {len(rows)} models on the 50,000 validation",
        f"images (benchmarking-keras-pytorch, MIT), {count:,} random orders each, a look every 100 images, alpha 0.05.",
        "*Truth lost*: orders in which the interval excludes the true number at any look. *Refuted*: orders that",
        "refute a claim that is exactly true. Images: until the claim is decided, a true one within a margin of 0.5",
        "points, a false one without any.",
        "",
        "| model | right of 50,000 | truth lost | true claim refuted | images, true claim (median) | "
        "3 points too high: not refuted | images (median) | images (90 %) |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, truth, missed, wrong, images, kept_high, high in rows:
        lines.append(
            f"| {name} | {truth:,} | {missed:.2%} | {wrong:.2%} | {images:,.0f} | {kept_high:.2%} "
            f"| {np.median(high):,.0f} ({np.median(high) / IMAGES:.1%}) | {np.quantile(high, 0.9):,.0f} |"
        )
    worst = max(row[2] for row in rows)
    medians = [float(np.median(row[6])) / IMAGES for row in rows]
    lines += [
        "",
        f"The truth is lost in at most {worst:.2%} of a model's orders, where 5 % may be. A claim that is three points",
        f"too high is refuted after {min(medians):.1%} to {max(medians):.1%} of the images (medians).",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000)
