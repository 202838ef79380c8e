"""Gluon's records and graphs, in an environment that has MXNet; elsewhere only a live gather can tell."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from zoodiff.zoos import gluon

pytest.importorskip("mxnet", reason="needs the environment that zoos/gluon.py declares")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

# MXNet's documentation, docs/api/python/gluon/model_zoo.md at release 1.3.0
DOCUMENTED = {"alexnet": 61_100_840, "densenet121": 8_062_504, "squeezenet1.1": 1_235_496, "mobilenetv2_1.0": 3_539_136}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_parameters_are_those_of_the_documentation_and_all_are_in_the_graph(name: str, tmp_path: Path) -> None:
    import onnx

    record = gluon.gather(name, tmp_path)
    weights = record["weights"][0]
    assert weights["default"]
    assert weights["params"] == DOCUMENTED[name]
    tensors = onnx.load(tmp_path / weights["graph"], load_external_data=False).graph.initializer
    empty = [tensor for tensor in tensors if not tensor.raw_data and not tensor.float_data and not tensor.int64_data]
    assert sum(math.prod(tensor.dims) for tensor in empty) == DOCUMENTED[name]


def test_weights_of_both_packages_are_kept_apart_by_their_hash(tmp_path: Path) -> None:
    own, other = gluon.gather("mobilenet0.25", tmp_path)["weights"]
    assert (own["id"], other["id"]) == ("9f83e440", "f0046a3d")
    assert own["default"]
    assert not other["default"]
    assert own["file"] == "mobilenet0.25-9f83e440.params"


def test_the_same_weights_in_both_packages_are_one_entry(tmp_path: Path) -> None:
    (only,) = gluon.gather("squeezenet1.1", tmp_path)["weights"]
    assert "mxnet==" in only["note"]
    assert "gluoncv==" in only["note"]


def test_what_cannot_be_exported_says_so_and_keeps_its_weights(tmp_path: Path) -> None:
    record = gluon.gather("mobilenet1.0_int8", tmp_path)
    assert "_contrib_quantize_v2" in record["graph_missing"]["reason"]
    assert record["weights"][0]["id"] == "efbb2ca3"


def test_names_and_bytes_do_not_depend_on_what_was_built_before() -> None:
    first = gluon.skeleton(*gluon.build("mxnet", "mobilenet0.25"))
    gluon.build("mxnet", "squeezenet1.1")
    assert gluon.skeleton(*gluon.build("mxnet", "mobilenet0.25")) == first


def test_only_classifiers_of_imagenet_are_listed() -> None:
    assert gluon.classifies("resnest14")
    assert gluon.classifies("resnet50_v1b_gn")  # has no symbolic form
    for name in ("cifar_resnet20_v1", "simple_pose_resnet18_v1b", "nasnet_4_1056", "ssd_300_vgg16_atrous_voc"):
        assert not gluon.classifies(name), name


def test_weights_of_another_network_are_none() -> None:
    """`v1e` has 64 channels in its stem and asks for the file of `v1d`, which has 32; `e` of SENet moves its layers."""
    for name in ("resnet50_v1e", "senet_154e"):
        assert not gluon.classifies(name), name
    for name in ("resnet50_v1d", "mobilenet1.0_int8", "hrnet_w18_small_v1_c"):
        assert gluon.classifies(name), name
