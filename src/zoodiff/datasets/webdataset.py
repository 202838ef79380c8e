"""WebDataset: tar archives in which an image and its label are two files with one stem (key.jpg, key.cls).

One archive, or a folder of them. The label is the text of `.cls` (or `.txt`), in `.json` the value of `label`, `cls`,
`class`, `class_index`, `wnid` or `synset`. The key is what comes before the name's first point, as in the webdataset
package. Archives are indexed first and never unpacked, so that images can be read in any order; compressed
ones cannot, and are refused.

Order: shards by name, then as in the archive.
"""

from __future__ import annotations

import json
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from zoodiff.fault import Refusal
from zoodiff.validation.dataset import IMAGE_BYTES, IMAGES, SUFFIXES, Dataset, Label, inside

LABELS = ("cls", "json", "txt")
KEYS = ("label", "cls", "class", "class_index", "wnid", "synset")
LABEL_BYTES = 1 << 20
_COMPRESSED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")


class _Member(NamedTuple):
    shard: Path
    start: int
    size: int


def sniff(path: Path) -> bool:
    """A tar archive, or a folder of them."""
    shards = _shards(path)
    return bool(shards) and (_head(shards[0], 262)[257:] == b"ustar" or _packed(shards[0]))


def find(path: Path) -> Dataset:
    """Index every archive: where each image lies, and its label."""
    identities: list[str] = []
    labels: list[Label] = []
    members: list[_Member] = []
    for shard in _shards(path):
        if _packed(shard):
            raise Refusal(
                f"{str(shard)!r} is compressed: its images cannot be read in any order", "Unpack it to a tar."
            )
        for key, image, label in _pairs(shard):
            identities.append(f"{shard.name}/{key}" if path.is_dir() else key)
            labels.append(label)
            members.append(image)
    return Dataset(
        "webdataset", path, identities, labels, lambda at: _read(members[at]), [member.size for member in members]
    )


def _shards(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(file for file in path.glob("*.tar") if file.is_file())
    return [path] if path.suffix in (".tar", ".tgz") or path.name.endswith((".tar.gz", ".tar.xz", ".tar.bz2")) else []


def _head(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def _packed(path: Path) -> bool:
    return _head(path, 8).startswith(_COMPRESSED)


def _pairs(shard: Path) -> Iterator[tuple[str, _Member, Label]]:
    """Key, image and label of each sample; an image without its label gets none, and is told of later."""
    samples: dict[str, dict[str, _Member]] = {}
    try:
        with tarfile.open(shard, "r:") as archive:
            for count, member in enumerate(archive):
                if count >= IMAGES:
                    raise Refusal(f"{str(shard)!r} holds more than {IMAGES:,} members")
                if member.isdir():
                    continue
                if not member.isreg() or member.issparse():
                    raise Refusal(f"{member.name!r} in {str(shard)!r} is no plain file", "Links are not followed.")
                key, field = _split(inside(member.name, shard))
                sample = samples.setdefault(key, {})
                if field in sample:
                    raise Refusal(f"{str(shard)!r} holds {member.name!r} twice")
                sample[field] = _Member(shard, member.offset_data, member.size)
    except (tarfile.TarError, OSError, ValueError) as error:
        raise Refusal(f"the archive {str(shard)!r} cannot be read: {error}", "Is it whole?") from None
    for key, sample in samples.items():
        image = next((sample[field] for field in sample if f".{field}" in SUFFIXES), None)
        if image is not None:
            yield key, image, _label(sample, key)


def _split(name: str) -> tuple[str, str]:
    """The key and the field of a member: what comes before and after the first point of its name."""
    folder, slash, base = name.rpartition("/")
    stem, _, field = base.partition(".")
    return folder + slash + stem, field.lower()


def _label(sample: dict[str, _Member], key: str) -> Label:
    field = next((field for field in LABELS if field in sample), None)
    if field is None:
        return ""
    member = sample[field]
    if member.size > LABEL_BYTES:
        raise Refusal(f"the label of {key!r} in {str(member.shard)!r} takes {member.size:,} bytes")
    text = _read(member).decode("utf-8", "replace").strip()
    if field != "json":
        return text
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise Refusal(f"the label of {key!r} in {str(member.shard)!r} is no JSON: {text[:40]!r}") from None
    if isinstance(told, dict):
        told = next((told[name] for name in KEYS if name in told), "")
    return told if isinstance(told, int) and not isinstance(told, bool) else str(told)


def _read(member: _Member) -> bytes:
    if member.size > IMAGE_BYTES:
        raise ValueError(f"it is larger than {IMAGE_BYTES:,} bytes")
    with member.shard.open("rb") as file:
        data = os.pread(file.fileno(), member.size, member.start)
    if len(data) < member.size:
        raise ValueError("its archive is cut off")
    return data
