"""The half that runs in a peer's own environment: give the peer a network, or two, and print what it says.

    asked.py PEER_FILE count NETWORK
    asked.py PEER_FILE compare METHOD A B

Prints one JSON document, last: what a peer prints itself goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

from guest import load


def read(kind: str, network: str) -> tuple[Any, ...]:
    """The network in the form that a peer takes: a file's path, or a module or model with its input's shape."""
    if kind == "torchvision":
        from zoodiff.zoos import torchvision

        return torchvision.network(network, "DEFAULT")
    if kind == "keras":
        import keras

        model = getattr(keras.applications, network)(weights=None)
        return model, (1, *model.input_shape[1:])
    return (network,)


def count(peer: ModuleType, network: str) -> dict[str, Any]:
    """What it counts, and how long the counting alone took."""
    given = read(peer.READS, network)
    began = time.perf_counter()
    said = peer.count(*given)
    return {"said": said, "seconds": time.perf_counter() - began}


def main() -> None:
    """Read the command line and do as it says; an error is a traceback and exit code 1."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    file, verb, *words = sys.argv[1:]
    peer = load(Path(file))
    found = count(peer, *words) if verb == "count" else peer.METHODS[words[0]](*words[1:])
    json.dump(found, answer)
    answer.close()


if __name__ == "__main__":
    main()
