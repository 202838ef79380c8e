"""Files made to do harm, and files of other kinds, given to every verb that takes one: exit code 2, one message."""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest

from madeup import Ran, own_home, published, tiny, write_snapshot
from networks import network
from pictures import album
from zoodiff.fault import MOST
from zoodiff.record import Unmeasured

Cli = Callable[..., Ran]
ESCAPE = "\x1b]0;owned\x07\x1b[2J\x9b31m\x7f\u202e<script>alert(1)</script>"
"""It would name the window, clear the screen, colour what follows and turn its direction."""
BIG = 1 << 62
TEXT = "net (float[1,3,8,8] x) => (float[] y) { y = Conv (x, w) }"


def field(number: int, payload: bytes) -> bytes:
    """A protobuf field that holds bytes."""
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def model(text: str = TEXT, dims: tuple[int, ...] = (4, 3, 3, 3)) -> onnx.ModelProto:
    """A convolution whose weight is of these dimensions."""
    return network(text, w=dims)


def saved(text: str = TEXT, dims: tuple[int, ...] = (4, 3, 3, 3)) -> bytes:
    return bytes(model(text, dims).SerializeToString())


def changed(change: Callable[[onnx.ModelProto], object]) -> bytes:
    """A good model, changed."""
    made = model()
    change(made)
    return bytes(made.SerializeToString())


def nested(depth: int) -> bytes:
    """If inside If inside If: written by hand, since onnx itself stops at a hundred."""
    graph = field(1, field(1, b"x") + field(2, b"o") + field(4, b"Relu"))
    for _ in range(depth):
        attribute = field(1, b"then_branch") + field(6, graph) + b"\xa0\x01\x05"
        graph = field(1, field(1, b"c") + field(2, b"o") + field(4, b"If") + field(5, attribute))
    return b"\x08\x08" + field(8, b"\x10\x12") + field(7, graph)


def functions(count: int) -> bytes:
    """Functions that each call the next one twice."""
    text = '<ir_version: 8, opset_import: ["": 18, "own": 1]> net (float[4] x) => (float[] y) { y = own.F0(x) } '
    for at in range(count):
        call = f"own.F{at + 1}" if at < count - 1 else "Relu"
        text += f'<domain: "own", opset_import: ["": 18, "own": 1]> F{at} (s) => (t) {{ a = {call}(s) t = {call}(a) }} '
    return bytes(onnx.parser.parse_model(text).SerializeToString())


def archive(kind: str) -> bytes:
    """A zip, or a tar."""
    out = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(out, "w") as zipped:
            zipped.writestr("archive/data.pkl", pickle.dumps({"a": 1}))
    else:
        with tarfile.open(fileobj=out, mode="w") as tar:
            tar.addfile(tarfile.TarInfo("a"))
    return out.getvalue()


def safetensors() -> bytes:
    head = json.dumps({"w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    return struct.pack("<Q", len(head)) + head + bytes(4)


RECURSIVE = (
    '<ir_version: 8, opset_import: ["": 18, "own": 1]> net (float[4] x) => (float[] y) { y = own.F(x) } '
    '<domain: "own", opset_import: ["": 18, "own": 1]> F (s) => (t) { t = own.F(s) }'
)
MANY = b"\x08\x08" + field(7, field(1, b"") * 1_000_000)
DAMAGED: dict[str, Callable[[], bytes]] = {
    "dims-negative": lambda: saved(dims=(-4, 3, 3, 3)),
    "dims-product": lambda: saved(dims=(BIG, BIG, BIG, BIG)),
    "dims-over-64-bits": lambda: saved()[:-1] + field(7, field(5, b"\x08" + b"\xff" * 10)),
    "input-too-small": lambda: saved(TEXT.replace("8,8", "2,2")),
    "data-short": lambda: changed(lambda m: setattr(m.graph.initializer[0], "raw_data", b"abc")),
    "circle": lambda: saved("net (float[2] x) => (float[] b) { a = Add (x, b) b = Relu (a) }"),
    "node-twice": lambda: saved("net (float[2] x) => (float[] a) { a = Relu (x) a = Neg (x) }"),
    "weight-twice": lambda: changed(lambda m: m.graph.initializer.append(m.graph.initializer[0])),
    "input-twice": lambda: changed(lambda m: m.graph.input.append(m.graph.input[0])),
    "function-calls-itself": lambda: bytes(onnx.parser.parse_model(RECURSIVE).SerializeToString()),
    "functions-explode": lambda: functions(60),
    "subgraphs-10000-deep": lambda: nested(10_000),
    "subgraphs-25-deep": lambda: nested(25),
    "a-million-empty-nodes": lambda: MANY,
    "truncated": lambda: saved()[:-5],
    "truncated-number": lambda: b"\x08\x08\x3a\xff\xff",
    "endless-number": lambda: b"\x08" + b"\xff" * 30,
    "no-text": lambda: saved("net (float[2] x) => (float[] ZZZZ) { ZZZZ = Relu (x) }").replace(
        b"ZZZZ", b"\xff\xfe\xfd"
    ),
    "opset-huge": lambda: changed(lambda m: setattr(m.opset_import[0], "version", BIG)),
    "opset-none": lambda: changed(lambda m: m.ClearField("opset_import")),
    "long-name": lambda: changed(lambda m: m.graph.node[0].input.__setitem__(0, "j" * 1_000_000)),
    "escape": lambda: changed(lambda m: m.graph.node[0].input.__setitem__(0, "no" + ESCAPE)),
    "escape-operator": lambda: changed(lambda m: setattr(m.graph.node[0], "domain", "d" + ESCAPE)),
    "escape-weight": lambda: changed(lambda m: setattr(m.graph.initializer[0], "name", "w" + ESCAPE)),
    "random": lambda: bytes(np.random.default_rng(0).bytes(4096)),
    "zeros": lambda: bytes(1000),
}
FOREIGN: dict[str, tuple[Callable[[], bytes], str]] = {
    **{
        f"pickle-{n}": (lambda n=n: pickle.dumps({"a": [1], "b": "c"}, protocol=n), "a Python pickle") for n in range(6)
    },
    "checkpoint.pt": (lambda: archive("zip"), "a zip archive"),
    "model.keras": (lambda: archive("zip"), "a zip archive"),
    "arrays.npz": (lambda: archive("zip"), "a zip archive"),
    "a.tar": (lambda: archive("tar"), "a tar archive"),
    "a.gz": (lambda: gzip.compress(b"x"), "a gzip archive"),
    "a.rar": (lambda: b"Rar!\x1a\x07\0" + bytes(9), "a rar archive"),
    "a.h5": (lambda: b"\x89HDF\r\n\x1a\n" + bytes(600), "an HDF5 file"),
    "a.safetensors": (safetensors, "a safetensors file"),
    "a.tflite": (lambda: b"\x1c\0\0\0TFL3" + bytes(99), "a TensorFlow Lite model"),
    "a.joblib": (lambda: zlib.compress(pickle.dumps([1])), "joblib"),
    "page.onnx": (lambda: b"<!DOCTYPE html><html>404</html>", "a web page"),
    "pointer.onnx": (lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:a\n", "a Git LFS pointer"),
    "deep.json": (lambda: b"[" * 100_000, "a JSON text"),
    "empty.onnx": (lambda: b"", "is empty"),
}
VERBS = {
    "measure": ("measure", "BAD"),
    "measure --json": ("measure", "BAD", "--json"),
    "diff": ("diff", "GOOD", "BAD"),
    "identify": ("identify", "BAD"),
    "conform": ("conform", "BAD", "--paper", "alexnet-2012"),
}


def refused(ran: Ran) -> str:
    """The one message of a command that ended as it should."""
    assert ran.code == 2, ran
    assert ran.err.count("error: ") == 1, ran.err
    assert "Traceback" not in ran.err
    assert len(ran.err) < sum(MOST) + 100
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", ran.out + ran.err)
    return ran.err


def ask(cli: Cli, verb: str, folder: Path, bad: Path) -> str:
    good = folder / "good.onnx"
    good.write_bytes(saved())
    return refused(cli(*[{"GOOD": good, "BAD": bad}.get(word, word) for word in VERBS[verb]]))


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", DAMAGED)
def test_damaged_models(cli: Cli, tmp_path: Path, name: str, verb: str) -> None:
    bad = tmp_path / "bad.onnx"
    bad.write_bytes(DAMAGED[name]())
    assert "bad.onnx" in ask(cli, verb, tmp_path, bad)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("name", FOREIGN)
def test_files_of_other_kinds_are_named(cli: Cli, tmp_path: Path, name: str, verb: str) -> None:
    make, words = FOREIGN[name]
    bad = tmp_path / name
    bad.write_bytes(make())
    said = ask(cli, verb, tmp_path, bad)
    assert words in said
    assert repr(str(bad)) in said
    assert len(said.strip().splitlines()) >= 2, "it says what to do"


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "circle", "nowhere"])
def test_what_is_no_file(cli: Cli, tmp_path: Path, kind: str, verb: str) -> None:
    bad = special(tmp_path / "bad.onnx", kind)
    assert "bad.onnx" in ask(cli, verb, tmp_path, bad)


def special(path: Path, kind: str) -> Path:
    """Something at this path that is no regular file."""
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind in ("device", "circle"):
        path.symlink_to("/dev/zero" if kind == "device" else path.name)
    return path


OUTSIDE = {
    "absolute": {"location": "/etc/hostname"},
    "up": {"location": "../secret"},
    "link": {"location": "link"},
    "device": {"location": "/dev/zero", "length": 1 << 40},
    "pipe": {"location": "pipe"},
    "length": {"location": "beside", "length": BIG},
    "offset": {"location": "beside", "offset": -5},
    "words": {"location": "beside", "offset": "zz"},
    "absent": {"location": "absent"},
}


@pytest.mark.parametrize("kind", OUTSIDE)
def test_external_data_are_never_opened_and_never_leave_the_folder(cli: Cli, tmp_path: Path, kind: str) -> None:
    """What measures does not look; what runs the file reads what lies beside it, and nothing else."""
    pytest.importorskip("onnxruntime")
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "secret").write_bytes(bytes(432))
    (folder / "beside").write_bytes(bytes(432))
    (folder / "link").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "pipe")
    made = model()
    made.graph.initializer[0].data_location = onnx.TensorProto.EXTERNAL
    for key, value in OUTSIDE[kind].items():
        made.graph.initializer[0].external_data.add(key=key, value=str(value))
    onnx.save(made, folder / "a.onnx")
    assert cli("measure", folder / "a.onnx").code == 0
    said = refused(cli("bench", folder / "a.onnx", "--rounds", "1", "--runs", "3", "--quiet"))
    assert "is in another file, which cannot be read" in said
    assert "--random" in said


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "nowhere"])
def test_every_option_that_takes_a_file_is_refused_what_is_none(cli: Cli, tmp_path: Path, kind: str) -> None:
    good = tmp_path / "good.onnx"
    good.write_bytes(saved())
    path = special(tmp_path / "bad.npz", kind)
    album(tmp_path / "data", each=1)
    run = ("verify", "alpha:alexnet", "--claim", "70")
    with own_home(tmp_path / "home"):
        write_snapshot("alpha", "1.0", (published("alexnet", "a.onnx", "56.5"),), {"a.onnx": tiny()})
        refused(cli("bench", "--from", path))
        refused(cli("verify", good, "--claim", "70", "--predictions", path))
        refused(cli(*run, "--predictions", path))
        refused(cli(*run, "--data", path))
        refused(cli(*run, "--data", tmp_path / "data", "--weights-file", path))


def test_an_image_or_an_index_that_is_a_pipe_does_not_hold_us_up(cli: Cli, tmp_path: Path) -> None:
    from zoodiff.fault import Refusal
    from zoodiff.validation import dataset

    (tmp_path / "data" / "a").mkdir(parents=True)
    os.mkfifo(tmp_path / "data" / "a" / "1.png")
    with pytest.raises(ValueError, match="no regular file"):
        dataset.open(tmp_path / "data").read(0)
    for name in ("index.csv", "x.parquet", "x.tar"):
        folder = tmp_path / name.replace(".", "-")
        folder.mkdir()
        os.mkfifo(folder / name)
        with pytest.raises(Refusal):
            dataset.open(folder)


@pytest.mark.parametrize("size", ["1x3x99999999999999999999x8", "1x3x9223372036854775808x8", "9" * 5000])
def test_sizes_beyond_64_bits_are_refused(cli: Cli, tmp_path: Path, size: str) -> None:
    good = tmp_path / "good.onnx"
    good.write_bytes(saved())
    assert "is no size" in refused(cli("measure", good, "--input", size))


# ---------------------------------------------------------------- what strangers say on a terminal


def test_what_a_file_says_commands_no_terminal(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "a.onnx"
    made = model()
    made.graph.name = made.graph.node[0].name = "n" + ESCAPE
    made.graph.input[0].name = made.graph.node[0].input[0] = "x" + ESCAPE
    made.graph.node[0].output[0] = "y" + ESCAPE
    made.graph.output[0].name = "y" + ESCAPE
    made.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N" + ESCAPE
    onnx.save(made, path)
    other = tmp_path / "b.onnx"
    onnx.save(model("net (float[1,3,8,8] x) => (float[] y) { c = Conv (x, w) y = Relu (c) }"), other)
    commands = [
        ("measure", path),
        ("measure", path, "--by", "layer"),
        ("measure", path, "--json", "--by", "layer"),
        ("diff", path, other),
        ("diff", path, other, "--side-by-side"),
        ("diff", path, other, "--json"),
        ("identify", path),
        ("identify", path, "--json"),
        ("conform", path, "--paper", "alexnet-2012"),
    ]
    for command in commands:
        ran = cli(*command)
        assert ran.code == 0, ran
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", ran.out + ran.err), command
        if "--json" in command:
            json.loads(ran.out)


def test_what_a_zoo_says_commands_no_terminal_and_no_page(cli: Cli, tmp_path: Path) -> None:
    evil = published("resnet50" + ESCAPE, "a.onnx", "70", note="note" + ESCAPE)
    lost = published("vgg16" + ESCAPE, None, graph_missing=Unmeasured("why" + ESCAPE))
    with own_home(tmp_path / "home"):
        write_snapshot("alpha", "1.0", (evil, lost), {"a.onnx": tiny()})
        write_snapshot("beta", "1.0", (published("resnet50", "a.onnx", "71"),), {"a.onnx": tiny()})
        commands = [
            ("list", "models"),
            ("list", "models", "--json"),
            ("measure", f"alpha:resnet50{ESCAPE}"),
            ("measure", f"alpha:vgg16{ESCAPE}"),
            ("claims", f"alpha:resnet50{ESCAPE}"),
            ("claims", f"alpha:resnet50{ESCAPE}", "--json"),
            ("audit", "--quiet", "--out", tmp_path / "report"),
            ("audit", "--json"),
        ]
        for command in commands:
            ran = cli(*command)
            assert ran.code in (0, 2), ran
            assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", ran.out + ran.err), command
    pages = [*(tmp_path / "report").rglob("*.html"), *(tmp_path / "report").rglob("*.svg")]
    assert len(pages) > 5
    for page in pages:
        text = page.read_text()
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text), page
        assert "<script>alert" not in text, page
