"""Prove by running that what `diff` calls the same network is: zoo by zoo, for each name that several have.

Usage: python bench/prove_all.py [ARCH...]   Writes bench/proven.md (of some architectures: prints). About an hour.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

from zoodiff.compare import audit
from zoodiff.difference import Difference, diff
from zoodiff.execute import require
from zoodiff.prove import Equivalence, Parting
from zoodiff.record import Unmeasured
from zoodiff.reference import Network
from zoodiff.study import Group

RESULTS = Path(__file__).with_name("proven.md")
HARMLESS = ("interface", "detail")


def pairs(group: Group) -> Iterator[Difference]:
    """Each network of a name against the first one that it is the same as, zoo by zoo: being the same is transitive."""
    known: list[list[Network]] = []
    for network in (entry.network for entry in group.entries if entry.letter):
        same = next((others for others in known if _alike(others[0], network)), None)
        if same is None:
            known.append([network])
        elif all(other.zoo != network.zoo for other in same):
            same.append(network)
            yield diff(same[0], network, proven=True)


def _alike(one: Network, other: Network) -> bool:
    return all(cause.group in HARMLESS or cause.kind == "input" for cause in diff(one, other).differences)


def row(name: str, difference: Difference) -> str:
    """A line of the table."""
    proof = difference.proof
    kinds = {"input" if cause.kind == "input" else cause.group for cause in difference.differences}
    extent = f"but for {' and '.join(sorted(kinds))}" if kinds else "identical"
    if isinstance(proof, Equivalence):
        outcome = f"{proof.max_abs_error:.1e}"
    elif isinstance(proof, Parting):
        how = "in size" if proof.error is None else f"by {proof.error:.1e}"
        told = "a difference that `diff` tells" if proof.told else "**`diff` tells no difference there**"
        outcome = f"part {how} at `{proof.left}` / `{proof.right}`: {told}"
    else:
        outcome = f"not proven: {proof.reason if proof else ''}"
    return f"| {name} | {difference.left['ref']} | {difference.right['ref']} | {extent} | {outcome} |"


def table(rows: list[str], proofs: list[Equivalence | Parting | Unmeasured]) -> str:
    """All rows, by architecture, under what they are and how many of each kind."""
    errors = [proof.max_abs_error for proof in proofs if isinstance(proof, Equivalence)]
    told = [proof.told for proof in proofs if isinstance(proof, Parting)]
    head = [
        "# Proven by running",
        "",
        "Written by `python bench/prove_all.py`: every network that a second zoo has under the same name and that",
        "differs in nothing but details, interface and input size from the first zoo's, run beside it on the same",
        "random weights and inputs.",
        "",
        f"Of {len(proofs)} pairs {len(errors)} are equivalent (largest error {max(errors, default=0):.1e}),",
        f"{sum(told)} part at a detail or at the classes, as `diff` tells, {len(told) - sum(told)} where it is mute,",
        f"and {len(proofs) - len(errors) - len(told)} could not be proven. Errors are parts of the largest output.",
        "",
        "| architecture | left | right | told by `diff` | largest error |",
        "|---|---|---|---|---|",
    ]
    return "\n".join([*head, *sorted(rows)]) + "\n"


def main(wanted: list[str]) -> None:
    """Prove, small networks first; the table is written again after each."""
    require()
    rows: list[str] = []
    proofs: list[Equivalence | Parting | Unmeasured] = []
    for group in sorted(audit(wanted).shared, key=lambda group: max(e.params or 0 for e in group.entries)):
        for difference in pairs(group):
            assert difference.proof is not None
            rows.append(row(group.architecture, difference))
            proofs.append(difference.proof)
            print(rows[-1], f"{time.process_time():.0f} s", file=sys.stderr, flush=True)
            if not wanted:
                RESULTS.write_text(table(rows, proofs), encoding="utf-8")
    if wanted:
        print(table(rows, proofs))


if __name__ == "__main__":
    main(sys.argv[1:])
