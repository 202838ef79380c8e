"""Files on disk: read up to a limit, written whole or not at all, by one process at a time."""

from __future__ import annotations

import errno
import glob
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zoodiff.fault import Refusal

READ = 64 << 20
"""most bytes of a file that is read whole, as a snapshot's records and its archive are"""
PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+!-]{0,200}")
"""what the names of zoos, versions and skeletons look like: they are file names"""


def bounded(path: Path, most: int | None = None) -> bytes:
    """A file's bytes; ValueError where they are more than `most` (else `READ`), or it is a pipe or device."""
    most = READ if most is None else most
    if path.exists() and not path.is_file():
        raise ValueError("it is no regular file")
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise ValueError(f"it is larger than {most:,} bytes")
    return data


@contextmanager
def writing(what: Path) -> Iterator[None]:
    """Turn what a disk or its permissions refuse into a Refusal that names the place."""
    try:
        yield
    except OSError as error:
        raise refused(error, what) from error


def refused(error: OSError, what: Path) -> Refusal:
    """The Refusal for an error of the file system while `what` was being written."""
    reason = error.strerror or str(error)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        hint = "The disk is full: free some space and run it again. What was there before is untouched."
    elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        hint = "The folder may not be written to. Choose another: set ZOODIFF_HOME (snapshots) or ZOODIFF_CACHE."
    else:
        hint = "What was there before is untouched."
    return Refusal(f"cannot write {what}: {reason}", hint)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path beside a file, to be written in its stead: in the end it takes the file's place, or goes.

    Whatever interrupts it, the file is the old one or the new one; what a killed writer left goes with the next write.
    """
    for left in path.parent.glob(f".[0-9]*.{glob.escape(path.name)}"):
        if not _alive(left.name[1:].partition(".")[0]):
            left.unlink(missing_ok=True)
    staging = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield staging
        staging.replace(path)
    finally:
        staging.unlink(missing_ok=True)


def _alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, OverflowError, ProcessLookupError):
        return False
    except OSError:  # somebody else's
        return True
    return True


@contextmanager
def locked(path: Path, waiting: str = "") -> Iterator[None]:
    """Hold a lock that one process at a time can have; the system drops it when its holder dies.

    Where another holds it, `waiting` is said on standard error once, and this one waits.
    """
    import fcntl
    import sys

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if waiting:
                print(waiting, file=sys.stderr, flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
