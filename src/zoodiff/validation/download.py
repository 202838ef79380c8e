"""Have a zoo's own code download the file of weights that it publishes, in the zoo's environment, and keep it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final
from urllib.parse import quote

from zoodiff import child, disk, places, unit
from zoodiff.fault import Refusal
from zoodiff.isolate import declare, isolate
from zoodiff.isolate.lock import Say
from zoodiff.reading.reference import Network

SECONDS: Final = 3600.0
"""the most that a download may take"""


def download(network: Network, say: Say) -> Path:
    """The file of a published model's weights, downloaded where it is not kept yet.

    The zoo's code checks the hash that the zoo states. `say` is told, in words, what takes long. Raises Refusal where
    there is no way to download it, and where that fails.
    """
    weights, zoo = network.weights, network.zoo
    if weights is None or zoo is None:
        raise Refusal(f"{network.ref} is in no snapshot: nothing says where its file is", "Give it: --weights-file F")
    if zoo not in unit.ids("zoos") or not hasattr(unit.find("zoos", zoo), "fetch"):
        raise Refusal(f"zoodiff knows no way to download weights of {zoo}", _by_hand(weights.url))
    folder = places.caches() / "weights" / zoo / quote(network.name, safe="") / quote(weights.id, safe="")
    if kept := sorted(path for path in folder.glob("*") if path.is_file()):
        return kept[0]
    chosen = declare.zoo(zoo)
    with child.interruptible(), isolate.environment(chosen, say) as environment, disk.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=places.caches()) as work:
            out, home = Path(work) / "out", Path(work) / "home"
            out.mkdir()
            home.mkdir()
            file = isolate.stage(chosen, Path(work) / "run")
            command = isolate.guest(environment.python, file, out, "fetch", "--", network.name, weights.id, online=True)
            say(f"downloading the weights of {network.ref}")
            code = child.run(command, child.guest_environment(home), out, Path(work) / "log", SECONDS)
            told = isolate.told(out)
            if "file" not in told:
                reason = told.get("reason") or child.why(code, Path(work) / "log")
                raise Refusal(f"the weights of {network.ref} cannot be downloaded: {reason}", _by_hand(weights.url))
            found = Path(told["file"])
            if found.is_symlink() or not found.is_file() or found.resolve().parent != out.resolve():
                raise Refusal(
                    f"the weights of {network.ref} cannot be taken: {told['file']!r} is no file of the download"
                )
            return found.rename(folder / found.name)


def _by_hand(url: str | None) -> str:
    where = f"The zoo publishes them at {url}. " if url else ""
    return f"{where}Is there a network? Else fetch the file where there is one, and give it: --weights-file F"
