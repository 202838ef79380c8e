"""What snapshots hold, read and written: `snapshot.json` (all records of a zoo) and `skeletons.tar.xz` (all graphs)."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

import msgspec

from zoodiff import disk
from zoodiff.disk import PLAIN
from zoodiff.fault import Refusal
from zoodiff.reading import archive, entries
from zoodiff.reading.entries import Entry
from zoodiff.record import Snapshot

FORMAT = 1
"""the format of `snapshot.json` that this version writes, and the only one that it reads"""
SKELETONS = "skeletons.tar.xz"
_STAGING = ".staging"


class _Header(msgspec.Struct):
    format: int


# ---------------------------------------------------------------- reading


def load(zoo: str, version: str | None = None) -> Snapshot:
    """The records of one zoo, of its highest version unless one is given.

    Raises Refusal where there is no such snapshot, or where its file is broken or of another format.
    """
    entry = entries.find(zoo, version)
    found = _decode(entry.path / entries.RECORDS)
    if (found.zoo, found.version) != (entry.zoo, entry.version):
        raise _unreadable(entry.path / entries.RECORDS, f"it is of {found.zoo} {found.version}")
    return found


def skeleton(zoo: str, version: str | None, file: str, root: Path | None = None) -> bytes:
    """One graph of a snapshot (under `root` alone, where given): the bytes of an ONNX file without weights.

    The first call for a snapshot unpacks its archive; later calls in the same process do not. Raises Refusal where the
    archive is broken, passes the limits of `archive.unpack` or holds no such file.
    """
    path = entries.find(zoo, version, root).path / SKELETONS
    unpacked, index = _unpacked(path)
    if file not in index:
        raise _unreadable(path, f"it holds no {file!r}")
    return unpacked[index[file]]


def packed(entry: Entry) -> bytes:
    """A snapshot's archive as it is on disk. Raises Refusal where it cannot be read, or is too large."""
    path = entry.path / SKELETONS
    try:
        return disk.bounded(path)
    except (OSError, ValueError) as error:
        raise _unreadable(path, getattr(error, "strerror", None) or str(error)) from error


def digest(entry: Entry) -> str:
    """SHA-256 of a snapshot's archive: what is known of its graphs holds for these bytes."""
    return hashlib.sha256(packed(entry)).hexdigest()


def hashes(entry: Entry) -> dict[str, str]:
    """SHA-256 of each graph of a snapshot, by its file's name. Raises Refusal as `skeleton` does."""
    unpacked, index = _unpacked(entry.path / SKELETONS)
    with memoryview(unpacked) as view:
        return {file: hashlib.sha256(view[place]).hexdigest() for file, place in index.items()}


def decode(data: bytes) -> Snapshot:
    """Read the records of a snapshot from the bytes of its JSON; what is wrong with them is a ValueError.

    `format` is looked at first, so that a file of another format is named as such and not as a broken one.
    """
    found = msgspec.json.decode(data, type=_Header).format
    if found != FORMAT:
        age, remedy = ("newer", "update zoodiff") if found > FORMAT else ("older", "gather the zoo again")
        raise ValueError(f"its format is {found}, {age} than format {FORMAT}, which this zoodiff reads: {remedy}")
    return _decoder().decode(data)


def _decode(path: Path) -> Snapshot:
    try:
        return decode(disk.bounded(path))
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise _unreadable(path, str(error)) from error


@cache
def _decoder() -> msgspec.json.Decoder[Snapshot]:
    return msgspec.json.Decoder(Snapshot)


def _unpacked(path: Path) -> archive.Unpacked:
    try:
        stat = path.stat()
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    return _unpack(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=16)
def _unpack(path: Path, _modified: int, _size: int) -> archive.Unpacked:
    """What an archive holds; the last two arguments tell a replaced archive apart."""
    try:
        return archive.unpack(disk.bounded(path))
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except ValueError as error:
        raise _unreadable(path, str(error)) from error


def _unreadable(path: Path, why: str) -> Refusal:
    zoo, version = path.parent.parent.name, path.parent.name
    if path.is_relative_to(entries.BUNDLED):
        return Refusal(f"the bundled snapshot {path} cannot be read: {why}", "Install zoodiff again.")
    return Refusal(
        f"the snapshot {path} cannot be read: {why}",
        f"Make it again with: zoodiff gather {zoo}=={version}. Or delete {path.parent}.",
    )


# ---------------------------------------------------------------- writing


def encode(snapshot: Snapshot) -> bytes:
    """The records as JSON: models by name, one value a line, so that two versions read well side by side."""
    ordered = msgspec.structs.replace(snapshot, models=tuple(sorted(snapshot.models, key=lambda model: model.name)))
    return msgspec.json.format(msgspec.json.encode(ordered, order="deterministic"), indent=1) + b"\n"


def write(snapshot: Snapshot, skeletons: Mapping[str, bytes], root: Path | None = None) -> Path:
    """Write a snapshot under `root` (the user's unless given) and return its folder.

    Whatever interrupts it, readers find the old snapshot or the new one; what a kill leaves goes with the next write.
    Raises Refusal where the folder cannot be written to, ValueError where a weight's graph is not among the skeletons.
    """
    named = {weights.graph for model in snapshot for weights in model.weights if weights.graph is not None}
    if missing := sorted(named - skeletons.keys()):
        raise ValueError(f"no skeleton for: {', '.join(missing)}")
    for name in (snapshot.zoo, snapshot.version, *named):
        if not PLAIN.fullmatch(name):
            raise ValueError(f"{name!r} is no plain file name")
    folder = (root or entries.roots()[0]) / snapshot.zoo
    target = folder / snapshot.version
    with disk.writing(target), disk.locked(folder / ".lock"):
        _clean(folder)
        staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=folder))
        try:
            staging.chmod(0o755)  # mkdtemp's is for the owner alone
            (staging / SKELETONS).write_bytes(archive.pack({name: skeletons[name] for name in sorted(named)}))
            (staging / entries.RECORDS).write_bytes(encode(snapshot))
            _swap(staging, target)
        finally:
            _clean(folder)
    return target


def _swap(staging: Path, target: Path) -> None:
    """Put a finished folder in its place. Between the two renames readers see the old one under its other name."""
    old = target.with_name(f".{target.name}{entries.OLD}")
    if target.exists():
        target.rename(old)
    staging.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _clean(folder: Path) -> None:
    """Remove what writers left that were killed or interrupted; call it with the folder's lock held."""
    for left in folder.iterdir():
        if left.name.startswith(_STAGING):
            shutil.rmtree(left)
        elif left.name.startswith(".") and left.name.endswith(entries.OLD):
            target = left.with_name(left.name[1:].removesuffix(entries.OLD))
            if target.exists():
                shutil.rmtree(left)
            else:
                left.rename(target)
