"""The TensorFlow Model Garden: its header and tables; live, the graphs against TensorFlow itself."""

from __future__ import annotations

import tomllib
from pathlib import Path
from unittest.mock import Mock

import pytest

from zoodiff.zoos import _official, _slim, tfmg


def test_header_builds_only_the_repackaged_slim_from_source() -> None:
    lines = Path(tfmg.__file__).read_text().split("# ///")[1].splitlines()[1:]
    header = tomllib.loads("\n".join(line.removeprefix("#").removeprefix(" ") for line in lines))
    assert header["tool"]["zoodiff"] == {
        "version-of": "tf-models-official",
        "without-dependencies": [_slim.DISTRIBUTION],
        "from-source": [_slim.DISTRIBUTION, "promise"],  # promise has no wheel; tensorflow-datasets asks for it
    }
    pinned = {requirement.partition("==")[0] for requirement in header["dependencies"]}
    assert {"tf-models-official", _slim.DISTRIBUTION} <= pinned


def test_checkpoints_have_the_addresses_of_the_zoos_pages() -> None:
    """Addresses as printed in research/slim/README.md, nets/mobilenet_v1.md and nets/mobilenet/README.md."""
    addresses = {checkpoint.url for checkpoints in _slim.CHECKPOINTS.values() for checkpoint in checkpoints}
    models, storage = "http://download.tensorflow.org/models", "https://storage.googleapis.com"
    assert {
        f"{models}/resnet_v2_50_2017_04_14.tar.gz",
        f"{models}/mobilenet_v1_2018_02_22/mobilenet_v1_1.0_224.tgz",
        f"{models}/mobilenet_v1_2018_02_22/mobilenet_v1_0.5_160.tgz",
        f"{models}/mobilenet_v1_2018_02_22/mobilenet_v1_0.25_128.tgz",
        f"{storage}/mobilenet_v2/checkpoints/mobilenet_v2_0.35_96.tgz",
        f"{storage}/mobilenet_v3/checkpoints/v3-small-minimalistic_224_1.0_float.tgz",
        f"{storage}/download.tensorflow.org/models/pnasnet-5_large_2017_12_13.tar.gz",
    } <= addresses


@pytest.mark.parametrize("name", _slim.CHECKPOINTS)
def test_sizes_agree_with_the_checkpoints_names(name: str) -> None:
    for checkpoint in _slim.CHECKPOINTS[name]:
        if name.startswith("mobilenet") and "v3" not in name:
            assert checkpoint.id.endswith(f"_{checkpoint.size}")
    ids = [checkpoint.id for checkpoint in _slim.CHECKPOINTS[name]]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    ("name", "classes"), [("vgg_16", 1000), ("resnet_v1_50", 1000), ("resnet_v2_50", 1001), ("inception_v3", 1001)]
)
def test_converted_weights_have_no_background_class(name: str, classes: int) -> None:
    """tensorflow/models research/slim/README.md: VGG and ResNet V1 have 1000 classes, the others 1001."""
    assert _slim.classes(name) == classes


def test_transformers_weights_follow_the_closed_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """ViT-B/16 has 86.6 M parameters (Dosovitskiy et al. 2021, table 1), 84.9 M of them in its 12 layers."""
    base = {"hidden_size": 768, "transformer": {"mlp_dim": 3072, "num_heads": 12, "num_layers": 12}}
    monkeypatch.setattr(_official, "table", Mock(return_value={"vit-b16": base, "49": {}}))
    families = {family.backbone: family for family in _official.FAMILIES}
    assert _official.transformer_parameters(_official.Classifier(families["vit"], "vit-b16", 224)) == 84_934_656
    assert _official.transformer_parameters(_official.Classifier(families["spinenet"], "49", 640)) == 0


def test_hparams_can_be_read_and_set() -> None:
    values = _slim.HParams(num_cells=12)
    values.set_hparam("num_cells", 18)
    assert values.num_cells == 18
