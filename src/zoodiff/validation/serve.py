"""The half of running that holds the model: standard library and numpy only, in a process with limits.

    python -m zoodiff.validation.serve UNIT MODEL FOLDER --answers FD [--threads N] [--memory BYTES] [--name NAME]

It writes what the model takes and gives to `interface.json` in FOLDER and answers one line. The first line on its
standard input says how large `inputs.bin` and `outputs.bin` are, which it maps; each next one, `SLOT COUNT`, is
answered with the slot once its images' scores are written. It ends when its standard input closes.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

INTERFACE, INPUTS, OUTPUTS = "interface.json", "inputs.bin", "outputs.bin"


def main() -> None:
    """Load the model, then answer batches until the standard input closes; an error is a traceback."""
    parser = argparse.ArgumentParser(prog="zoodiff.validation.serve")
    parser.add_argument("unit")
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--answers", type=int, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--memory", type=int, default=0)
    parser.add_argument("--name", default="")
    wanted = parser.parse_args()
    if wanted.memory:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (wanted.memory, wanted.memory))
    unit = importlib.import_module("zoodiff.runners." + wanted.unit)
    session = unit.load(wanted.model, wanted.threads, wanted.name)
    told = ("shape", "dtype", "quantisation", "classes", "runtime")
    (wanted.folder / INTERFACE).write_text(json.dumps({name: getattr(session, name) for name in told}))
    os.write(wanted.answers, b"ready\n")
    serve(session, wanted.folder, wanted.answers)


def serve(session: Any, folder: Path, answers: int) -> None:
    """Answer what the standard input asks."""
    first = sys.stdin.readline()
    if not first:
        return
    layout = json.loads(first)
    inputs = np.memmap(folder / INPUTS, layout["dtype"], "r", shape=tuple(layout["inputs"]))
    outputs = np.memmap(folder / OUTPUTS, np.float32, "r+", shape=tuple(layout["outputs"]))
    for line in sys.stdin:
        slot, count = map(int, line.split())
        scores = np.asarray(session.run(np.asarray(inputs[slot, :count])), np.float32)
        if scores.shape != (count, outputs.shape[2]):
            raise ValueError(f"it gives {scores.shape} for {count} images, not {(count, outputs.shape[2])}")
        outputs[slot, :count] = scores
        os.write(answers, b"%d\n" % slot)


if __name__ == "__main__":
    main()
