"""Archives: keys and labels, shards, and members that are links, lead out or are cut off."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from zoodiff.fault import Refusal
from zoodiff.validation import dataset

Picture = Callable[[int], bytes]


def pack(path: Path, members: dict[str, bytes], mode: str = "w") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def test_keys_labels_and_shards(tmp_path: Path, picture: Picture, shown: Callable[..., object]) -> None:
    pack(tmp_path / "b-1.tar", {"x.png": picture(3), "x.json": json.dumps({"label": 9}).encode()})
    pack(
        tmp_path / "b-0.tar",
        {
            "in/1.cls": b"7\n",
            "in/1.png": picture(1),
            "in/2.jpg": picture(2),
            "in/2.cls": b"8",
            "in/2.txt": b"a text",
            "readme.md": b"no sample",
        },
    )
    assert shown(tmp_path) == {"b-0.tar/in/1": ("7", 1), "b-0.tar/in/2": ("8", 2), "b-1.tar/x": (9, 3)}
    assert shown(tmp_path / "b-1.tar") == {"x": (9, 3)}
    assert dataset.targets(dataset.open(tmp_path), 10).labels.tolist() == [7, 8, 9]


def test_what_is_wrong_is_said(tmp_path: Path, picture: Picture) -> None:
    path = tmp_path / "a.tar"
    pack(path, {"x.png": picture(1), "y.png": picture(2), "y.cls": b"1"})
    with pytest.raises(Refusal, match=r"1 of 2 images .* have no label .*'x'"):
        dataset.open(path)
    pack(path, {"../x.png": picture(1), "../x.cls": b"1"})
    with pytest.raises(Refusal, match="outside"):
        dataset.open(path)
    pack(path, {"x.png": picture(1), "x.json": b"{"})
    with pytest.raises(Refusal, match="is no JSON"):
        dataset.open(path)
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("x.png")
        link.type, link.linkname = tarfile.SYMTYPE, "elsewhere.png"
        archive.addfile(link)
    with pytest.raises(Refusal, match="no plain file"):
        dataset.open(path)
    pack(tmp_path / "a.tar.gz", {"x.png": picture(1), "x.cls": b"1"}, "w:gz")
    with pytest.raises(Refusal, match="is compressed"):
        dataset.open(tmp_path / "a.tar.gz")


def test_an_archive_cut_off_is_no_shorter_data_set(tmp_path: Path, picture: Picture) -> None:
    path = pack(tmp_path / "a.tar", {"x.cls": b"1", "x.png": picture(1) + bytes(5000)})
    whole = path.read_bytes()
    path.write_bytes(whole[: 3 * 512 + 100])
    with pytest.raises(Refusal, match="cannot be read"):
        dataset.open(path)
