"""Prove by running that what `diff` calls the same network is: zoo by zoo, for each name that several have.

Usage: python bench/prove_all.py [ARCH...]   Writes bench/proven.md (of some architectures: prints). About two hours.
What is proven is kept in zoodiff's cache: a run that was stopped goes on where it was, as long as no code changed.
"""

from __future__ import annotations

import hashlib
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

import zoodiff
from zoodiff import places
from zoodiff.comparison.difference import Difference
from zoodiff.comparison.diffing import diff
from zoodiff.proof.execute import require
from zoodiff.proof.parting import Parting
from zoodiff.proof.prove import Equivalence
from zoodiff.reading.reference import Network
from zoodiff.survey.compare import audit
from zoodiff.survey.study import Group

RESULTS = Path(__file__).with_name("proven.md")
HARMLESS = ("interface", "detail")


class Row(msgspec.Struct, frozen=True):
    """What the proof of one pair gave."""

    architecture: str
    left: str
    right: str
    told: str
    """in what `diff` says that they differ"""
    kind: str
    """`equivalent`, `told` or `mute` (they part, and `diff` tells a difference there or none), or `unproven`"""
    outcome: str
    error: float = 0.0
    """the largest of an equivalent pair"""

    def __str__(self) -> str:
        return f"| {self.architecture} | {self.left} | {self.right} | {self.told} | {self.outcome} |"


class Kept:
    """The rows that earlier runs of the same code and snapshots made, one JSON document a line."""

    def __init__(self) -> None:
        folder = Path(zoodiff.__file__).parent
        digest = hashlib.sha256(Path(__file__).read_bytes())
        for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"):
            digest.update(path.read_bytes())
        self.path = places.caches() / "proven" / f"{digest.hexdigest()[:16]}.jsonl"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        lines = self.path.read_bytes().splitlines() if self.path.is_file() else []
        self.rows = {(row.left, row.right): row for row in (msgspec.json.decode(line, type=Row) for line in lines)}

    def proven(self, architecture: str, left: Network, right: Network) -> Row:
        """The row of a pair, made now if there is none yet."""
        pair = left.about()["ref"], right.about()["ref"]
        if pair not in self.rows:
            self.rows[pair] = row(architecture, diff(left, right, proven=True))
            with self.path.open("ab") as file:
                file.write(msgspec.json.encode(self.rows[pair]) + b"\n")
        return self.rows[pair]


def pairs(group: Group) -> Iterator[tuple[Network, Network]]:
    """Each network of a name with the first one that it is the same as, zoo by zoo: being the same is transitive."""
    known: list[list[Network]] = []
    for network in (entry.network for entry in group.entries if entry.letter):
        same = next((others for others in known if _alike(others[0], network)), None)
        if same is None:
            known.append([network])
        elif all(other.zoo != network.zoo for other in same):
            same.append(network)
            yield same[0], network


def _alike(one: Network, other: Network) -> bool:
    return all(cause.group in HARMLESS or cause.kind == "input" for cause in diff(one, other).differences)


def row(architecture: str, difference: Difference) -> Row:
    """A line of the table."""
    proof = difference.proof
    kinds = {"input" if cause.kind == "input" else cause.group for cause in difference.differences}
    known = (
        architecture,
        difference.left["ref"],
        difference.right["ref"],
        f"but for {' and '.join(sorted(kinds))}" if kinds else "identical",
    )
    if isinstance(proof, Equivalence):
        outcome = f"{proof.max_abs_error:.1e} of {proof.tolerance:.1e}"
        return Row(*known, "equivalent", outcome, proof.max_abs_error)
    if isinstance(proof, Parting):
        how = "in size" if proof.error is None else f"by {proof.error:.1e} (rounding explains {proof.tolerance:.1e})"
        told = "a difference that `diff` tells" if proof.told else "**`diff` tells no difference there**"
        where = f"part {how} at `{proof.left}` / `{proof.right}`: {told}"
        return Row(*known, "told" if proof.told else "mute", where)
    return Row(*known, "unproven", f"not proven: {proof.reason if proof else ''}")


def table(rows: list[Row], covered: str) -> str:
    """All rows, by architecture, under what they are and how many of each kind."""
    kinds = Counter(row.kind for row in rows)
    head = [
        "# Proven by running",
        "",
        "Written by `python bench/prove_all.py`: every network that a second zoo has under the same name and that",
        "differs in nothing but details, interface and input size from the first zoo's, run beside it on the same",
        f"random weights and inputs. Small networks first; {covered}.",
        "",
        f"Of {len(rows)} pairs {kinds['equivalent']} are equivalent (largest error {max(r.error for r in rows):.1e}),",
        f"{kinds['told']} part at a detail or at the classes, as `diff` tells, {kinds['mute']} where it is mute,",
        f"and {kinds['unproven']} could not be proven. Errors are parts of the largest output; how large they may be",
        "follows from how far the same network's outputs move when weights and inputs change by 1e-6.",
        "",
        "| architecture | left | right | told by `diff` | largest error |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *sorted(map(str, rows))]) + "\n"


def main(wanted: list[str]) -> None:
    """Prove, small networks first; the table is written again after each."""
    require()
    kept = Kept()
    rows: list[Row] = []
    groups = sorted(audit(wanted).shared, key=lambda group: max(e.params or 0 for e in group.entries))
    text = ""
    for done, group in enumerate(groups):
        for left, right in pairs(group):
            rows.append(kept.proven(group.architecture, left, right))
            print(rows[-1], f"{time.process_time():.0f} s", file=sys.stderr, flush=True)
            text = table(rows, f"{done + 1} of {len(groups)} names were reached")
            if not wanted:
                RESULTS.write_text(text, encoding="utf-8")
    if wanted:
        print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
