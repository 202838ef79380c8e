"""A measurement is the contract's document: totals that parts add up to, on networks whose counts are known."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import zoodiff
from madeup import tiny
from networks import network, repeated
from zoodiff.fault import Refusal
from zoodiff.measuring.measurement import PARTS, document, measure
from zoodiff.reading.reference import find

PROMISED = {
    "format", "kind", "model", "input", "macs", "flops", "params", "weight_bytes", "activations",
    "peak_activation_bytes", "layers", "by_op", "conventions", "uncounted",
}  # fmt: skip
"""The fields of contracts.md; more may be added, none may go."""


def test_a_closed_form() -> None:
    """A 3x3 convolution to 8 channels at 32 x 32, and ten classes."""
    measured = measure(onnx.ModelProto.FromString(tiny(8)))
    assert measured.counts.macs.value == 27 * 8 * 32 * 32 + 8 * 10
    assert measured.counts.params.value == 27 * 8 + 80 + 10
    assert measured.counts.weight_bytes == 4 * (27 * 8 + 80 + 10)
    assert measured.counts.activations == 8 * 32 * 32 + 10
    assert measured.counts.layers == 2
    assert measured.input == {"x": (1, 3, 32, 32)}


def test_the_document_holds_what_the_contract_promises(tmp_path: Path) -> None:
    path = tmp_path / "resnet50-v2-7.onnx"
    path.write_bytes(tiny())
    for by in PARTS:
        made = json.loads(json.dumps(document(measure(path, parts=True), by)))
        assert made.keys() >= PROMISED
        assert (made["format"], made["kind"]) == (1, "measurement")
        assert made["model"].keys() >= {"ref", "zoo", "name", "architecture", "sha256"}
        assert made["model"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert made["model"]["architecture"] == "resnet50-v2"
        assert made["input"] == {"x": [1, 3, 32, 32]}
        assert made["conventions"].keys() >= {"macs", "flops", "fvcore", "onnx-opcounter", "tf-profiler"}
        assert made["conventions"]["macs"] == made["macs"]
        assert made["conventions"]["flops"] == made["flops"]
        for row in made[f"by_{by}"]:
            assert {"count", "macs", "flops", "params"} <= row.keys()
        for number in ("macs", "flops", "params"):
            assert isinstance(made[number], int)
            assert sum(row[number] for row in made[f"by_{by}"]) == made[number]


def test_a_counter_of_which_nothing_is_known_says_why() -> None:
    text = "net (float[1,4,8] x) => (float[] y) { y = LayerNormalization (x, s) }"
    made = document(measure(network(text, s=(8,))))["conventions"]
    assert made["fvcore"] == 5 * 32
    assert made["tf-profiler"]["type"] == "Unmeasured"
    assert "LayerNormalization" in made["tf-profiler"]["reason"]


def test_another_input() -> None:
    model = onnx.ModelProto.FromString(tiny(8))
    for size in (16, 33, 64):
        assert measure(model, {"": (1, 3, size, size)}).counts.macs.value == 27 * 8 * size * size + 80
    with pytest.raises(Refusal):
        measure(model, {"": (1, 4, 32, 32)})


def test_a_batch_multiplies_the_work_and_not_the_parameters() -> None:
    model = onnx.ModelProto.FromString(tiny(8))
    one, three = measure(model), measure(model, {"x": (3, 3, 32, 32)})
    assert three.counts.macs.value == 3 * one.counts.macs.value
    assert three.counts.params == one.counts.params


def test_what_has_no_cost_is_named_and_the_rest_a_lower_bound() -> None:
    text = "net (float[1,3,8,8] x) => (float[] y) { a = own.Odd (x) b = own.Odd (a) c = Conv (x, w) y = Relu (c) }"
    model = network(text, w=(4, 3, 3, 3))
    model.opset_import.append(onnx.helper.make_opsetid("own", 1))
    made = document(measure(model))
    assert made["complete"] is False
    assert [(row["op"], row["count"]) for row in made["uncounted"]] == [("own::Odd", 2)]
    assert all(row["reason"] for row in made["uncounted"])
    assert made["macs"] == 4 * 36 * 27
    assert made["model"]["fingerprint"] is None


def test_published_models(zoos: Path) -> None:
    measured = measure("alpha:vgg16")
    assert (measured.ref, measured.zoo, measured.version, measured.weights) == ("alpha:vgg16/w1", "alpha", "1.0", "w1")
    stand_in = measure("gamma:alexnet")
    assert stand_in.stand_in == "alpha:alexnet"
    assert stand_in.stand_in_reason
    assert stand_in.counts == measure("alpha:alexnet").counts
    with pytest.raises(Refusal, match="cannot be <built>"):
        measure("alpha:<img src=x onerror=alert(1)>")


def test_the_package_offers_it(zoos: Path) -> None:
    assert zoodiff.measure(zoodiff.load("alpha:vgg16")).counts == measure("beta:VGG16").counts


def test_planted_pairs(evidence: Path) -> None:
    """The counts that whoever planted the changes wrote down."""
    for folder in sorted((evidence / "pairs").iterdir()):
        truth = json.loads((folder / "truth.json").read_text())
        made = [measure(folder / f"{side}.onnx") for side in "ab"]
        assert [m.counts.macs.value for m in made] == truth["macs"], folder.name
        twice = [repeated(onnx.load(folder / f"{side}.onnx", load_external_data=False)) for side in "ab"]
        params = [m.counts.params.value + more for m, more in zip(made, twice, strict=True)]
        assert params == truth["params"], folder.name


def test_a_file_that_is_refused_is_not_hashed_to_its_end(tmp_path: Path) -> None:
    """A hole of 1 TB, which would take many minutes."""
    path = tmp_path / "hole.onnx"
    with path.open("wb") as file:
        file.write(b"\x08\x08\x3a\xff\xff\xff\xff\xff\xff\x7f")
        file.truncate(1 << 40)
    began = time.monotonic()
    with pytest.raises(Refusal, match="truncated"):
        measure(path)
    assert time.monotonic() - began < 20


def test_counting_needs_neither_numpy_nor_the_package_onnx(tmp_path: Path) -> None:
    """Their imports take as long as all else together; a network with weights and batch normalization needs none."""
    model, random = find("torchvision:resnet18").skeleton(), np.random.default_rng(0)
    for tensor in model.graph.initializer:
        if not tensor.raw_data:
            tensor.CopyFrom(numpy_helper.from_array(random.random(tuple(tensor.dims), np.float32), tensor.name))
    path = tmp_path / "a.onnx"
    onnx.save(model, path)
    code = f"""
        import sys
        import zoodiff
        assert zoodiff.measure({str(path)!r}).counts.complete
        assert not {{"onnx", "numpy"}} & sys.modules.keys()
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)
