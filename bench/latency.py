"""Time the models of the bundled snapshots and save the bench, for `audit --latency`.

    python bench/latency.py FILE [HOURS] (0.5 by default; goes on where it was stopped)

The models go in blocks of a few: within a block they take turns. Rounds in which other work took the processor are
left out; a model with fewer than six good rounds is tried again in the next pass, as long as time is left. Six rounds
of each are kept, and no ratios: the rounds of two blocks are no pairs.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import msgspec

from zoodiff.survey.compare import audit
from zoodiff.timing import latency
from zoodiff.timing.latency import Bench, Latency, Settings
from zoodiff.timing.rounds import bench

SETTINGS = Settings(rounds=8)
BLOCK = 8
GOOD, LEAST, RUNS = 0.97, 6, 7
"""Part of a round that the process must have had a processor; good rounds that a model must have; runs kept of each."""


def wanted() -> list[str]:
    """One model of each network that zoos share the name of, each architecture in turn, cheapest first."""
    found: dict[tuple[str, str, str], tuple[int, str]] = {}
    for group in audit().shared:
        for entry in group.counted:
            key = (group.architecture, entry.zoo, entry.letter or entry.ref)
            found.setdefault(key, (entry.macs or 0, entry.network.ref))
    return [ref for _, ref in sorted(found.values())]


def good(one: Latency) -> Latency | None:
    """The model with its good rounds alone; None where they are too few."""
    kept = [at for at, share in enumerate(one.shares) if share >= GOOD][:LEAST]
    if len(kept) < LEAST:
        return None
    rounds = tuple(one.rounds[at][:RUNS] for at in kept)
    # the processor's time of the runs that are kept, in proportion
    processor = tuple(round(one.shares[at] * sum(times)) for at, times in zip(kept, rounds, strict=True))
    return msgspec.structs.replace(one, rounds=rounds, processor=processor)


def save(found: Bench, path: Path) -> None:
    """Write the bench as it is so far."""
    staging = path.with_suffix(".new")
    told = latency.document(found) | {"ratios": []}
    staging.write_text(json.dumps(told, separators=(",", ":")).replace('{"ref"', '\n{"ref"') + "\n")
    staging.replace(path)


def main(path: Path, hours: float) -> None:
    """Time until all models are timed or the time is over."""
    end = time.monotonic() + 3600 * hours
    refs = wanted()
    found = latency.load(path) if path.is_file() else None
    while time.monotonic() < end:
        done = {one.ref for one in found.models} | {one.ref for one in found.untimed} if found else set()
        left = [ref for ref in refs if ref not in done]
        if not left:
            break
        for at in range(0, len(left), BLOCK):
            if time.monotonic() > end:
                break
            new = bench(left[at : at + BLOCK], settings=SETTINGS)
            models = tuple(kept for one in new.models if (kept := good(one)))
            if found is None:
                found = msgspec.structs.replace(new, models=models)
            else:
                found = msgspec.structs.replace(
                    found, load=(found.load[0], new.load[1]), models=found.models + models,
                    untimed=found.untimed + new.untimed,
                )  # fmt: skip
            save(found, path)
            print(f"{len(found.models)} of {len(refs)} models; {len(new.models) - len(models)} disturbed", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if sys.argv[2:] else 0.5)
