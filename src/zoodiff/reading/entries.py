"""Where snapshots lie: bundled with the package or gathered by the user, a folder `ROOT/ZOO/VERSION/` each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from packaging.version import InvalidVersion, Version

from zoodiff import places
from zoodiff.disk import PLAIN
from zoodiff.fault import Refusal

RECORDS = "snapshot.json"
"""the file that makes a folder a snapshot"""
BUNDLED = Path(__file__).parents[1] / "snapshot"
OLD = ".old"
"""how the folder of a snapshot ends, after a dot before its name, while another takes its place"""


class Entry(NamedTuple):
    """Where a snapshot is."""

    zoo: str
    version: str
    path: Path


def roots() -> tuple[Path, ...]:
    """The folders that snapshots are read from; an earlier one wins."""
    return (places.home() / "snapshots", BUNDLED)


def snapshots(root: Path | None = None, zoo: str | None = None) -> list[Entry]:
    """Every snapshot there is (under `root`, of `zoo` alone, where given), by zoo and then version, oldest first."""
    found: dict[tuple[str, str], Entry] = {}
    for folder in roots() if root is None else (root,):
        try:
            for entry in _entries(folder, zoo):
                found.setdefault((entry.zoo, entry.version), entry)
        except OSError as error:
            raise Refusal(
                f"the folder of snapshots {str(folder)!r} cannot be read: {error.strerror or error}",
                "Is ZOODIFF_HOME right? Without it, the bundled snapshots are read.",
            ) from None
    return sorted(found.values(), key=lambda entry: (entry.zoo, _order(entry.version)))


def find(zoo: str, version: str | None, root: Path | None = None) -> Entry:
    """Where a zoo's snapshot is, of its highest version unless one is given. Raises Refusal where there is none."""
    if version is not None and PLAIN.fullmatch(zoo) and PLAIN.fullmatch(version):
        for folder in roots() if root is None else (root,):
            if entry := _entry(folder, zoo, version):
                return entry
    of_zoo = snapshots(root, zoo)
    if not of_zoo:
        zoos = ", ".join(sorted({entry.zoo for entry in snapshots(root)})) or "none"
        raise Refusal(f"there is no snapshot of a zoo {zoo!r}", f"There are: {zoos}. See: zoodiff list zoos")
    if version is None:
        return of_zoo[-1]
    versions = ", ".join(entry.version for entry in of_zoo)
    raise Refusal(
        f"there is no snapshot of {zoo} at version {version!r}",
        f"There are: {versions}. To make one: zoodiff gather {zoo}=={version}",
    )


def _entries(root: Path, only: str | None = None) -> Iterator[Entry]:
    """The snapshots under one root; where a writer was killed in the middle of a swap, the old one counts."""
    if not root.is_dir():
        return
    for zoo in sorted(found.name for found in root.iterdir()) if only is None else [only]:
        if not PLAIN.fullmatch(zoo) or not (root / zoo).is_dir():
            continue
        names = {found.name for found in (root / zoo).iterdir()}
        versions = {name[1:].removesuffix(OLD) if name.endswith(OLD) else name for name in names}
        for version in sorted(versions):
            if PLAIN.fullmatch(version) and (entry := _entry(root, zoo, version)):
                yield entry


def _entry(root: Path, zoo: str, version: str) -> Entry | None:
    for name in (version, f".{version}{OLD}"):
        if (root / zoo / name / RECORDS).is_file():
            return Entry(zoo, version, root / zoo / name)
    return None


def _order(version: str) -> tuple[int, Version | str, str]:
    """Sort versions as versions; what is none (a date with words, a commit) comes before them, as text."""
    try:
        return (1, Version(version), version)
    except InvalidVersion:
        return (0, version, version)
