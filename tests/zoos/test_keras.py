"""The Keras zoo: its header, and what it reads from docstrings and tables; live, the graphs against Keras itself."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from zoodiff.zoos import keras


def test_header_pins_the_package_whose_version_the_zoo_has() -> None:
    lines = Path(keras.__file__).read_text().split("# ///")[1].splitlines()[1:]
    header = tomllib.loads("\n".join(line.removeprefix("#").removeprefix(" ") for line in lines))
    assert header["tool"]["zoodiff"] == {"version-of": "keras", "without-dependencies": [], "from-source": []}
    assert any(requirement.startswith("keras==") for requirement in header["dependencies"])


DOCSTRING = """Instantiates the MobileNetV3Large architecture.

|Classification Checkpoint|MACs(M)|Parameters(M)|Top1 Accuracy|Pixel1 CPU(ms)|
|---|---|---|---|---|
| mobilenet_v3_large_1.0_224              | 217 | 5.4 |   75.6   |   51.2  |
| mobilenet_v3_large_minimalistic_1.0_224 | 209 | 3.9 |   72.3   |   44.1  |
| mobilenet_v3_small_1.0_224              | 66  | 2.9 |   68.1   |   15.8  |

text | that is no table
"""


def test_claims_are_the_rows_that_bear_the_models_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def constructor() -> None: ...

    constructor.__doc__ = DOCSTRING
    where = {"repository": "keras==0", "path": "a.py", "line": 1}
    monkeypatch.setattr(keras, "source", Mock(return_value=where))
    monkeypatch.setattr(keras, "line_of", Mock(return_value=53))
    claims = keras.claims("MobileNetV3Large", constructor)
    assert [(claim["metric"], claim["value"], claim["weights"]) for claim in claims] == [
        ("macs", "217000000", "imagenet"),
        ("params", "5400000", "imagenet"),
        ("acc@1", "75.6", "imagenet"),
        ("macs", "209000000", "minimalistic_1.0_224"),
        ("params", "3900000", "minimalistic_1.0_224"),
        ("acc@1", "72.3", "minimalistic_1.0_224"),
    ]
    assert claims[1]["as_written"] == "5.4"
    assert claims[0]["source"]["line"] == 53
    assert not keras.claims("ResNet50", constructor)


def test_siblings_are_the_files_with_a_top_for_the_same_network(monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = ModuleType("published")
    module.WEIGHT_HASHES = {
        "resnet-rs-101-i160.h5": "a",
        "resnet-rs-101-i160_notop.h5": "b",
        "resnet-rs-101-i192.h5": "c",
        "resnet-rs-50-i160.h5": "d",
    }
    monkeypatch.setitem(sys.modules, "published", module)

    def constructor() -> None: ...

    constructor.__module__ = "published"
    default = keras.Published("resnet-rs-101-i192.h5", "https://example.org/x/resnet-rs-101-i192.h5", "c")
    found = keras.siblings(constructor, SimpleNamespace(name="resnet-rs-101"), default)
    assert found == {
        "imagenet": default,
        "imagenet-i160": keras.Published("resnet-rs-101-i160.h5", "https://example.org/x/resnet-rs-101-i160.h5", "a"),
    }


@pytest.mark.parametrize(("value", "words"), [(1 / 255, "0.003921569"), ([-1.0], "-1"), ([1, 2.5], "[1, 2.5]")])
def test_numbers_in_words(value: Any, words: str) -> None:
    assert keras.plain(value) == words


@pytest.mark.live
def test_modes_are_what_keras_does_to_pixels() -> None:
    pytest.importorskip("tensorflow", reason="runs in the zoo's own environment")
    import numpy as np
    from keras.src.applications import imagenet_utils

    pixels = np.random.default_rng(0).uniform(0, 255, (1, 4, 4, 3)).astype("float32")
    for mode, record in keras.MODES.items():
        low, high = record["scale"]
        ordered = pixels[..., ::-1] if record["channel_order"] == "BGR" else pixels
        scaled = low + ordered * (high - low) / 255
        expected = (scaled - np.array(record.get("mean", 0))) / np.array(record.get("std", 1))
        np.testing.assert_allclose(imagenet_utils.preprocess_input(pixels.copy(), mode=mode), expected, atol=1e-4)
