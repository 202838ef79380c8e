"""Every form of reference, and what is said of those that name nothing."""

from __future__ import annotations

import hashlib
import mmap
import random
from pathlib import Path

import onnx
import pytest

from madeup import tiny
from zoodiff.fault import Refusal
from zoodiff.reading import reference
from zoodiff.reading.reference import LATER, find, nearest


def test_published(zoos: Path) -> None:
    network = find("alpha:resnet50_v1")
    assert (network.zoo, network.name, network.version) == ("alpha", "resnet50_v1", "1.0")
    assert network.ref == "alpha:resnet50_v1/w1"
    assert network.architecture == "resnet50-v1"
    assert find("alpha:resnet50_v1/w2").weights.id == "w2"  # type: ignore[union-attr]
    assert find("alpha:resnet50_v1@1.0").ref == "alpha:resnet50_v1/w1@1.0"
    assert find("alpha:resnet50_v1/w1@1.0").graph().shape("y") == (1, 10)
    assert find(network) is network


def test_files(zoos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vgg16.onnx").write_bytes(tiny())
    (tmp_path / "alpha:odd").write_bytes(tiny())
    for ref in ("vgg16.onnx", "./vgg16.onnx", str(tmp_path / "vgg16.onnx"), tmp_path / "vgg16.onnx"):
        network = find(ref)
        assert (network.name, network.zoo, network.architecture) == ("vgg16.onnx", None, "vgg16")
        assert network.graph().shape("y") == (1, 10)
    assert find("alpha:odd").path == Path("alpha:odd")


def test_a_model_in_memory() -> None:
    network = find(onnx.ModelProto.FromString(tiny()))
    assert (network.ref, network.path) == ("tiny", None)
    assert network.graph({"": (1, 3, 64, 64)}).shape("c") == (1, 8, 64, 64)


WRONG = {
    "alfa:vgg16": ("no zoo 'alfa'", "alpha"),
    "alpha:vgg61": ("alpha has no model 'vgg61'", "alpha:vgg16"),
    "alpha:VGG-16": ("alpha has no model 'VGG-16'", "alpha:vgg16"),
    "alpha:vgg16/w9": ("has no weights 'w9'", "w1"),
    "vgg16": ("names no zoo", "alpha:vgg16"),
    "nothing.onnx": ("no file 'nothing.onnx'", ""),
    "some/where.onnx": ("no file", ""),
    "": ("names no model", "ZOO:MODEL"),
    " ": ("names no model", "ZOO:MODEL"),
    "alpha:": ("names no zoo|no model", "ZOO:MODEL"),
}


@pytest.mark.parametrize(("ref", "what", "hint"), [(ref, *words) for ref, words in WRONG.items()], ids=WRONG)
def test_what_names_nothing(zoos: Path, ref: str, what: str, hint: str) -> None:
    with pytest.raises(Refusal, match=what) as caught:
        find(ref).graph()
    assert hint in caught.value.hint


def test_an_unknown_version(zoos: Path) -> None:
    with pytest.raises(Refusal) as caught:
        find("alpha:vgg16@9.9")
    assert "9.9" in str(caught.value)
    assert "1.0" in str(caught.value)


@pytest.mark.parametrize("kind", LATER)
def test_kinds_of_later_versions(zoos: Path, kind: str) -> None:
    with pytest.raises(Refusal, match="not in this version"):
        find(f"{kind}:something")


def test_urls_are_of_later_versions(zoos: Path) -> None:
    with pytest.raises(Refusal, match="not in this version"):
        find("https://example.org/resnet50.onnx")


def test_nearest() -> None:
    names = ["resnet50", "resnet101", "vgg16", "ResNet50V2"]
    assert nearest("resnet-50", names)[0] == "resnet50"
    assert nearest("RESNET50V2", names)[0] == "ResNet50V2"
    assert nearest("qqqq", names) == []


@pytest.mark.parametrize("size", [0, 1, mmap.PAGESIZE, mmap.PAGESIZE + 1, 3 * mmap.PAGESIZE])
def test_hash_of_a_file_in_pieces_is_the_hash_of_the_whole(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reference, "_PIECE", mmap.PAGESIZE)
    content = random.Random(size).randbytes(size)
    (tmp_path / "file").write_bytes(content)
    assert reference.hash_file(tmp_path / "file") == hashlib.sha256(content).hexdigest()
