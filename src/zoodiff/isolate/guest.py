"""The half of gathering that runs inside a zoo's own environment: standard library only, Python 3.8 or newer.

    guest.py --out FOLDER ZOO_FILE prove|names|gather|check|fetch [NAME...]

`names` writes `names.json`; `gather` writes, for each name, a folder with the model's skeletons and, last and at once,
`record.json`. A model that fails becomes a record that says why, with `error.log` beside it; the next one goes on.
`check NAME WEIGHTS GAIN SCALE` writes `check.npz`, or into `record.json` the reason why not.
`fetch NAME WEIGHTS` downloads the published file; `record.json` says where it is, or the reason why not.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import importlib.util
import json
import os
import platform
import signal
import sys
import threading
import traceback
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

RECORD = "record.json"
ERROR = "error.log"
CHECK = "check.npz"


def place(out: Path, name: str) -> Path:
    """The folder of a model's results; any name becomes one file name."""
    return out / quote(name, safe="").replace(".", "%2E")


def load(path: Path) -> ModuleType:
    """Import a zoo file under the name that it has in zoodiff."""
    spec = importlib.util.spec_from_file_location("zoodiff.zoos." + path.stem, str(path))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module.__name__] = module
    spec.loader.exec_module(module)
    return module


def write(path: Path, value: Any) -> None:
    """Write JSON so that the file is there whole or not at all; a value that JSON does not know raises."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    staging = path.with_name(path.name + ".staging")
    staging.write_text(text, encoding="utf-8")
    staging.replace(path)


def names(zoo: ModuleType, out: Path, network: str) -> None:
    """Write what the zoo ships, what is installed here, and why there is a network (empty: there is none)."""
    found = [(one.metadata["Name"], one.version) for one in metadata.distributions()]
    here = {"python": platform.python_version(), "platform": platform.platform(), "packages": dict(sorted(found))}
    write(out / "names.json", dict(here, names=list(zoo.names()), batch=getattr(zoo, "BATCH", 1), network=network))


def gather(zoo: ModuleType, wanted: list[str], out: Path) -> None:
    """Write each model's record and skeletons."""
    for name in wanted:
        folder = place(out, name)
        folder.mkdir(parents=True, exist_ok=True)
        print("== " + name, flush=True)
        try:
            write(folder / RECORD, zoo.gather(name, folder))
        except (Exception, SystemExit) as error:
            missing = {"type": "Unmeasured", "reason": failed(error, folder)}
            write(folder / RECORD, {"name": name, "graph_missing": missing})


def check(zoo: ModuleType, out: Path, name: str, weights: str, gain: str, scale: str) -> None:
    """Write a model's random weights, pictures and the framework's answers; or why they cannot be had."""
    try:
        zoo.check(name, weights, float(gain), float(scale), out / CHECK)
    except (Exception, SystemExit) as error:
        write(out / RECORD, {"reason": failed(error, out)})


def fetch(zoo: ModuleType, out: Path, name: str, weights: str) -> None:
    """Download the file of weights that the zoo publishes; or why it cannot be had."""
    try:
        write(out / RECORD, {"file": str(zoo.fetch(name, weights, out))})
    except (Exception, SystemExit) as error:
        write(out / RECORD, {"reason": failed(error, out)})


def failed(error: BaseException, folder: Path) -> str:
    """Write down, while it is being handled, what went wrong, and return it without the way there."""
    traceback.print_exc()
    (folder / ERROR).write_text(traceback.format_exc(), encoding="utf-8", errors="replace")
    return traceback.format_exception_only(type(error), error)[-1].strip()


NEW_USER, NEW_NETWORK = 0x10000000, 0x40000000


def leave_network() -> str:
    """Put this process, and all that it will start, where no network is; returns why not, or nothing.

    A network namespace of its own has no interfaces but a loopback that is down; in a user namespace of its own a
    process needs no rights to make one (Linux, user_namespaces(7)). Processes with threads cannot do it.
    """
    user, group = os.getuid(), os.getgid()
    try:
        if ctypes.CDLL(None, use_errno=True).unshare(NEW_USER | NEW_NETWORK):
            return os.strerror(ctypes.get_errno())
    except (AttributeError, OSError):
        return "not on this system"
    own = (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1"))
    for name, text in own:  # we stay who we are; without, only names would be missing
        with contextlib.suppress(OSError):
            Path("/proc/self", name).write_text(text)
    return ""


def stop_with_parent() -> None:
    """End this process and all that it started when the one that started it is gone: our input then closes."""

    def wait() -> None:
        while os.read(0, 1024):
            pass
        if os.getpgrp() == os.getpid():  # a group of our own
            os.killpg(0, signal.SIGKILL)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def main() -> None:
    """Read the command line and do as it says; an error is a traceback and exit code 1."""
    parser = argparse.ArgumentParser(prog="guest.py")
    parser.add_argument("zoo", type=Path)
    parser.add_argument("verb", choices=("prove", "names", "gather", "check", "fetch"))
    parser.add_argument("names", nargs="*")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--stop-with-parent", action="store_true", help="end when the standard input closes")
    parser.add_argument("--offline", action="store_true", help="without a network, where the system lets us")
    wanted = parser.parse_args()
    network = leave_network() if wanted.offline else "the zoo asks for it"
    if wanted.stop_with_parent:
        stop_with_parent()
    zoo = load(wanted.zoo)
    if wanted.verb == "prove":
        zoo.prove()
    elif wanted.verb == "names":
        names(zoo, wanted.out, network)
    elif wanted.verb == "check":
        check(zoo, wanted.out, *wanted.names)
    elif wanted.verb == "fetch":
        fetch(zoo, wanted.out, *wanted.names)
    else:
        gather(zoo, wanted.names, wanted.out)


if __name__ == "__main__":
    main()
