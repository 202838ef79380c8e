"""`identify`: known graphs are known again under any name, changed ones are variants, strange ones are unknown."""

from __future__ import annotations

import shutil
from pathlib import Path

import onnx
import pytest

from madeup import tiny
from planted.mutations import MUTATIONS
from test_planted import planted
from zoodiff.reading import store
from zoodiff.reading.names import canonical
from zoodiff.reading.paper import blueprint
from zoodiff.reading.reference import find, snapshot
from zoodiff.recognition.identification import Identification
from zoodiff.recognition.identify import identify

EVERY = [
    f"{zoo}:{model.name}"
    for zoo in ("torchvision", "keras")
    for model in snapshot(zoo)
    if model.weights and model.weights[0].graph and canonical(zoo, model.name).rule != "left alone"
]
SAMPLE = [ref for ref in EVERY if ref != "torchvision:squeezenet1_0"][:: len(EVERY) // 25][:25]


def skeleton(ref: str) -> bytes:
    """The file of a published graph."""
    network = find(ref)
    assert network.zoo
    assert network.weights
    assert network.weights.graph
    return store.skeleton(network.zoo, network.version, network.weights.graph)


def called(folder: Path, name: str, data: bytes) -> Identification:
    """What a file of that name is found to be."""
    (folder / name).write_bytes(data)
    return identify(folder / name)


@pytest.mark.parametrize("ref", SAMPLE)
def test_a_published_graph_is_known_again_under_any_name(ref: str, tmp_path: Path) -> None:
    architecture = find(ref).architecture
    own = identify(ref)
    assert (own.verdict, own.advertised) == ("consistent", architecture)
    assert own.match
    assert (own.match.architecture, own.match.exact, own.match.similarity) == (architecture, True, 1)
    unnamed = called(tmp_path, "model.onnx", skeleton(ref))
    assert (unnamed.verdict, unnamed.advertised) == ("unadvertised", None)
    assert unnamed.match
    assert unnamed.match.exact
    other = called(tmp_path, "squeezenet1_0.onnx", skeleton(ref))
    assert (other.verdict, other.advertised) == ("mislabelled", "squeezenet-1.0")
    assert other.match == unnamed.match


def test_squeezenets_are_told_apart(evidence: Path, tmp_path: Path) -> None:
    """The ONNX zoo's squeezenet1.0-7 is this file by size; its authors' 1.1 has 64 kernels of 3x3 first."""
    shutil.copy(evidence / "models" / "squeezenet1.1.onnx", tmp_path / "squeezenet1.0-7.onnx")
    found = identify(tmp_path / "squeezenet1.0-7.onnx")
    assert (found.advertised, found.verdict) == ("squeezenet-1.0", "mislabelled")
    assert found.match
    assert (found.match.architecture, found.match.exact) == ("squeezenet-1.1", True)
    assert "3x3 against 7x7" in found.reason


@pytest.mark.parametrize(
    ("ref", "name", "architecture"),
    [
        ("torchvision:vgg16", "vgg19.onnx", "vgg16"),
        ("keras:EfficientNetB2", "efficientnet-b3.onnx", "efficientnet-b2"),
        ("keras:ResNet50V2", "resnet101v2.onnx", "resnet50-v2"),
        ("keras:ResNet50V2", "resnet50_v1.onnx", "resnet50-v2"),
    ],
)
def test_a_sibling_is_no_disguise(ref: str, name: str, architecture: str, tmp_path: Path) -> None:
    found = called(tmp_path, name, skeleton(ref))
    assert found.verdict == "mislabelled"
    assert found.match
    assert (found.match.architecture, found.match.exact) == (architecture, True)


@pytest.mark.parametrize(
    ("paper", "name", "verdict"),
    [
        ("alexnet-2012", "alexnet.onnx", "consistent"),
        ("alexnet-2012", "model.onnx", "unadvertised"),
        ("alexnet-2012", "vgg16.onnx", "mislabelled"),
        ("vgg16", "vgg19.onnx", "mislabelled"),
        ("resnet50-v1.5", "resnet50_v1.5.onnx", "consistent"),
        ("resnet50-v1", "resnet50_v1.5.onnx", "mislabelled"),
        ("resnet50-v2", "resnet50v2.onnx", "consistent"),
        ("mobilenet-v1-x0.5", "mobilenet.onnx", "mislabelled"),
        ("squeezenet-1.1", "squeezenet1.0.onnx", "mislabelled"),
    ],
)
def test_a_paper_s_network_is_known(paper: str, name: str, verdict: str, tmp_path: Path) -> None:
    """AlexNet of 2012 is in no zoo; a zoo's mislabelled SqueezeNet stands for no 1.0."""
    network = find(f"paper:{paper}")
    assert network.proto is not None
    found = called(tmp_path, name, network.proto.SerializeToString())
    assert found.verdict == verdict
    assert found.match
    assert found.match.exact
    assert found.match.architecture in blueprint(paper).architectures or verdict == "consistent"


@pytest.mark.parametrize("change", ["width", "kernel", "strides", "drop_bn", "activation_one", "padding"])
def test_one_planted_change_makes_a_variant(change: str, tmp_path: Path) -> None:
    assert change in MUTATIONS
    _, after, _ = planted(change, 5, onnx.load_from_string(skeleton("torchvision:resnet50")))
    named = called(tmp_path, "resnet50.onnx", after.model().SerializeToString())
    assert named.verdict == "variant"
    assert named.match
    assert (named.match.architecture, named.match.exact) == ("resnet50-v1", False)
    assert "no difference" not in named.reason
    wrong = called(tmp_path, "vgg16.onnx", after.model().SerializeToString())
    assert (wrong.verdict, wrong.match and wrong.match.architecture[:11]) == ("mislabelled", "resnet50-v1")


def test_a_strange_network_is_unknown(tmp_path: Path) -> None:
    for name in ("model.onnx", "resnet50.onnx"):
        found = called(tmp_path, name, tiny(8))
        assert (found.verdict, found.match) == ("unknown", None)
        assert len(found.candidates) == 5


def test_a_graph_in_a_program_has_no_name() -> None:
    found = identify(onnx.load_from_string(skeleton("torchvision:alexnet")))
    assert (found.verdict, found.advertised) == ("unadvertised", None)
    assert found.match
    assert found.match.architecture == "alexnet"


def test_normalization_may_be_folded_away(tmp_path: Path) -> None:
    """VGG-16 with its normalization folded is VGG-16, under both names; with it, no plain `consistent` is due.

    TensorFlow's legacy "vgg16" has normalization too, so that the name may also be told as a variant of that one.
    """
    for name in ("vgg16.onnx", "vgg16_bn.onnx"):
        assert called(tmp_path, name, skeleton("torchvision:vgg16")).verdict == "consistent"
    assert called(tmp_path, "vgg16.onnx", skeleton("torchvision:vgg16_bn")).verdict in ("mislabelled", "variant")


def test_padding_at_another_size_is_no_other_network(tmp_path: Path) -> None:
    """TensorFlow's SAME pads both sides of odd maps: the file's hash is another, and `diff` at one size finds none."""
    model = onnx.load_from_string(skeleton("keras:EfficientNetB0"))
    for dim in model.graph.input[0].type.tensor_type.shape.dim[1:3]:
        dim.dim_value = 225
    found = called(tmp_path, "efficientnet_b0.onnx", model.SerializeToString())
    assert found.verdict == "consistent"
    assert found.match
    assert found.match.exact
    assert "but for: the input" in found.reason
