"""Torchvision's guest side: what can be known without torch, and (live) the proof that a skeleton is the network."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from zoodiff.record import Claim, Preprocessing, Weights
from zoodiff.zoos import torchvision as zoo

MODULE = '''
_COMMON_META = {"num_params": 1_234_567, "recipe": "https://example.org/recipe"}


class Net_Weights(WeightsEnum):
    IMAGENET1K_V1 = Weights(
        url="https://example.org/net-0a1b2c3d.pth",
        transforms=partial(ImageClassification, crop_size=224),
        meta={
            **_COMMON_META,
            "_metrics": {
                "ImageNet-1K": {
                    "acc@1": 69.778,
                    "acc@5": 89.530,
                }
            },
            "_ops": 1.498,
            "_file_size": 49.731,
        },
    )
    FEATURES = Weights(
        url="https://example.org/net_features.pth",
        meta={"num_params": 99, "_metrics": {"ImageNet-1K": {"acc@1": float("nan")}}},
    )
    DEFAULT = IMAGENET1K_V1


def net(*, weights=None):
    """DEFAULT is another name, not another entry."""
'''
SOURCE = {"repository": "torchvision==1.2.3", "path": "torchvision/models/net.py"}


def entry(**meta: Any) -> Any:
    """Weights as torchvision's enum gives them, of the module above."""
    preset = SimpleNamespace(
        resize_size=[232],
        crop_size=[224],
        interpolation=SimpleNamespace(value="bicubic"),
        antialias=True,
        mean=[0.485, 0.456, 0.406],
        std=[0.229, 0.224, 0.225],
    )
    accuracies = {"acc@1": 69.778, "acc@5": 89.530}
    known = {"num_params": 1_234_567, "categories": ["tench"] * 1000, "_metrics": {"ImageNet-1K": accuracies}}
    url = "https://example.org/net-0a1b2c3d.pth"
    return SimpleNamespace(name="IMAGENET1K_V1", url=url, transforms=lambda: preset, meta=known | meta)


def printed(weights: str = "IMAGENET1K_V1") -> zoo.Printed:
    return {key[2:]: value for key, value in zoo.literals(MODULE).items() if key[1] == weights}


def line(text: str) -> int:
    """The only line of the module that holds a text, counted from 1."""
    (number,) = [number for number, content in enumerate(MODULE.split("\n"), 1) if text in content]
    return number


def test_header_declares_the_environment() -> None:
    text = Path(zoo.__file__).read_text(encoding="utf-8")
    block = re.search(r"(?m)^# /// script$\n((?:^#.*$\n)+?)^# ///$", text)
    assert block
    header = tomllib.loads("".join(line[2:] + "\n" for line in block[1].splitlines()))
    names = {re.split(r"[=<>]", requirement)[0] for requirement in header["dependencies"]}
    tool = header["tool"]["zoodiff"]
    assert tool["version-of"] in names
    assert set(tool["without-dependencies"]) <= names
    assert tool["from-source"] == []
    # What the file and its shared code import, by the names under which it is published.
    code = text + (Path(zoo.__file__).parent / "_torch.py").read_text(encoding="utf-8")
    imported = set(
        re.findall(r"(?m)^\s*(?:import|from) (torch|torchvision|onnx|onnx_ir|onnxscript|onnxruntime|numpy)\b", code)
    )
    assert {name.replace("_", "-") for name in imported} <= names


def test_every_figure_is_found_with_its_line() -> None:
    found = printed()
    assert found["_metrics", "ImageNet-1K", "acc@5"] == ("89.530", line("89.530"))
    assert found["_ops",] == ("1.498", line('"_ops"'))
    assert found["_file_size",] == ("49.731", line('"_file_size"'))
    assert found["num_params",] == ("1_234_567", line("_COMMON_META = "))
    assert found["transforms",][1] == line("crop_size=224")
    assert printed("FEATURES")["_metrics", "ImageNet-1K", "acc@1"][0] == 'float("nan")'
    assert not printed("DEFAULT")


def test_claims_are_exact_and_say_where_they_stand() -> None:
    raw = [{"model": "net", "weights": "IMAGENET1K_V1", **claim} for claim in zoo.claims(entry(), printed(), SOURCE)]
    claims = {claim.metric: claim for claim in msgspec.convert(raw, list[Claim])}
    assert {metric: (claim.value, claim.as_written) for metric, claim in claims.items()} == {
        "acc@1": (Decimal("69.778"), "69.778"),
        "acc@5": (Decimal("89.530"), "89.530"),
        "params": (Decimal(1_234_567), "1_234_567"),
        "macs": (Decimal(1_498_000_000), "1.498"),
        "bytes": (Decimal("52146733.056"), "49.731"),  # 49.731 x 1,048,576
    }
    assert str(claims["acc@5"].value) == "89.530"
    assert claims["acc@1"].input_size == claims["macs"].input_size == 224
    assert claims["acc@1"].preprocessing == "shorter side 232 (bicubic), centre crop"
    assert all(claim.source.line == line(claim.as_written) for claim in claims.values())
    assert claims["acc@1"].dataset == "ImageNet-1k validation"


def test_nan_is_no_claim_but_is_told() -> None:
    absent = entry(_metrics={"ImageNet-1K": {"acc@1": float("nan")}}, categories=None)
    figures = printed() | printed("FEATURES")
    assert [claim["metric"] for claim in zoo.claims(absent, figures, SOURCE)] == ["params", "macs", "bytes"]
    weights = zoo.describe(absent, figures, SOURCE)
    assert "NaN as acc@1" in weights["note"]
    assert "classes" not in weights


def test_weights_record_is_complete() -> None:
    raw = zoo.describe(entry(_docs="  Two\n   lines. ", recipe="https://example.org/r"), printed(), SOURCE)
    weights = msgspec.convert(raw, Weights, strict=False)
    assert (weights.id, weights.input_shape, weights.classes) == ("IMAGENET1K_V1", (1, 3, 224, 224), 1000)
    assert (weights.params, weights.file, weights.sha256) == (1_234_567, "net-0a1b2c3d.pth", None)
    for part in ("Two lines.", "Recipe: https://example.org/r", "sha256: 0a1b2c3d"):
        assert part in weights.note
    how = weights.preprocessing
    assert isinstance(how, Preprocessing)
    assert (how.resize, how.crop, how.interpolation, how.antialias) == ((232,), (224, 224), "bicubic", True)
    assert (how.scale, how.mean, how.std) == ((0, 1), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    assert how.source is not None
    assert how.source.line == line("crop_size=224")


def test_operators_to_declare_are_those_with_unconditional_fakes() -> None:
    source = '@register_meta("roi_align")\n...\n@torch.library.register_fake("torchvision::nms")\n'
    assert zoo.fakes(source) == ["nms"]


live = [
    pytest.mark.live,
    pytest.mark.filterwarnings("default"),  # torch's own
    pytest.mark.skipif(find_spec("torchvision") is None, reason="runs inside the zoo's environment"),
]


class TestLive:
    """Inside the zoo's environment, with pytest added to it."""

    pytestmark = live

    def test_environment_is_proven(self) -> None:
        zoo.prove()
        names = zoo.names()
        assert len(names) == len(set(names))
        assert {"alexnet", "vit_b_16", "quantized_resnet18"} < set(names)

    def test_weights_share_a_skeleton_only_if_it_is_the_same(self, tmp_path: Path) -> None:
        record = zoo.gather("regnet_y_16gf", tmp_path)
        graphs = {weights["id"]: weights["graph"] for weights in record["weights"]}
        assert graphs["IMAGENET1K_V1"] == graphs["IMAGENET1K_V2"] == graphs["IMAGENET1K_SWAG_LINEAR_V1"]
        assert graphs["IMAGENET1K_SWAG_E2E_V1"] != graphs["IMAGENET1K_V1"]
        assert {path.name for path in tmp_path.iterdir()} == set(graphs.values())

    def test_same_bytes_again(self, tmp_path: Path) -> None:
        for folder in (tmp_path / "a", tmp_path / "b"):
            folder.mkdir()
            zoo.gather("squeezenet1_1", folder)
        assert (tmp_path / "a/squeezenet1_1.onnx").read_bytes() == (tmp_path / "b/squeezenet1_1.onnx").read_bytes()

    def test_what_cannot_be_exported_keeps_its_claims(self, tmp_path: Path) -> None:
        record = zoo.gather("quantized_resnet18", tmp_path)
        assert "PackedParams" in record["graph_missing"]["reason"]
        assert {claim["metric"] for claim in record["claims"]} == {"acc@1", "acc@5", "params", "macs", "bytes"}
        assert not list(tmp_path.iterdir())
