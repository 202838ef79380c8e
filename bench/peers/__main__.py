"""Measure zoodiff beside its peers, in one run on one machine: what counts are the ratios, not the seconds.

Usage: python bench/peers [PART...] [--rounds 3] [--page]   PART: counting, comparing, growing; all unless named.
Writes bench/peers/results.json, docs/speed.md and docs/speed.svg. The first run builds an environment a peer (about
10 GB in all); `zoodiff gather --clean` removes them. --page writes page and figure from what was measured before.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from peers import comparing, counting, growing
from peers.page import PARTS, page
from peers.peer import COUNTERS, peers
from peers.results import Measured, Results, read, write
from zoodiff import child
from zoodiff.timing import machine

DOCS = Path(__file__).parents[2] / "docs"


def main() -> None:
    """Measure the parts that were asked for, keep the others, and write page and figure."""
    parser = argparse.ArgumentParser(prog="python bench/peers", description="Measure zoodiff beside its peers.")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"one of {', '.join(PARTS)}; all unless named")
    parser.add_argument("--rounds", type=int, default=3, help="how often each process is run (3)")
    parser.add_argument("--page", action="store_true", help="write the page of what was measured before")
    chosen = parser.parse_args()
    if unknown := [part for part in chosen.parts if part not in PARTS]:
        parser.error(f"there is no part {unknown[0]!r}; there are: {', '.join(PARTS)}")
    results = read()
    if not chosen.page:
        with child.interruptible():
            results = measure(results, chosen.parts or list(PARTS), chosen.rounds)
    if results is None:
        parser.error("nothing was measured yet: run it without --page")
    publish(results)


def measure(before: Results | None, parts: list[str], rounds: int) -> Results:
    """Measure these parts; the others are those of an earlier run on this machine. What is done is kept at once."""
    here = machine.here()
    results = before if before and not machine.differences(before.machine, here) else Results(here, "")
    results.machine, results.python = here, platform.python_version()
    results.notes = {peer.unit.NAME: peer.unit.NOTE for peer in peers(COUNTERS)}
    for part in parts:
        began, load, clock = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()), machine.load(), time.monotonic()
        rows, more = {
            "counting": (results.counts, counting.counts),
            "comparing": (results.compared, comparing.compared),
            "growing": (results.audited, growing.audited),
        }[part]
        rows.clear()
        for row in more(rounds, say):
            rows.append(row)
            results.measured[part] = Measured(began, load, machine.load(), rounds, time.monotonic() - clock)
            write(results)
    return results


def say(words: str) -> None:
    """Progress, with the time that it is."""
    print(f"{time.strftime('%H:%M:%S')} {words}", file=sys.stderr, flush=True)


def publish(results: Results) -> None:
    """Write the page and its figure, and print the page."""
    from peers.drawing import figure
    from zoodiff.views.figures import svg

    text = page(results)
    print(text)
    (DOCS / "speed.md").write_text(text, encoding="utf-8")
    (DOCS / "speed.svg").write_text(svg(figure(results)), encoding="utf-8")


if __name__ == "__main__":
    main()
