"""What names state: variants by longer names, claims that graphs do not bear out, and honest names for these."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from madeup import own_home, published, write_snapshot
from zoodiff.reading.paper import blueprint
from zoodiff.record import Model
from zoodiff.survey import compare
from zoodiff.survey.stated import Row, Stated, stated, table


def told(folder: Path, models: Iterable[Model], *papers: str) -> dict[str, Stated]:
    """What is told of a zoo's models, by name; the file of a paper's network is `NAME.onnx`."""
    told = [blueprint(name) for name in papers]
    files = {f"{one.name}.onnx": one.build(one.sizes[0]).SerializeToString() for one in told}
    with own_home(folder):
        write_snapshot("one", "1.0", tuple(models), files)
        return {one.ref.partition(":")[2]: one for one in stated(compare.audit())}


def test_a_longer_name_states_a_variant_and_a_plain_one_the_architecture(tmp_path: Path) -> None:
    models = (published("vgg16", "vgg16.onnx"), published("vgg16_bn"), published("resnet50_v1b"))
    found = told(tmp_path, models, "vgg16")
    assert {name: (one.states, one.of, one.holds) for name, one in found.items()} == {
        "vgg16": ("architecture", "", True),
        "vgg16_bn": ("variant", "vgg16", None),
        "resnet50_v1b": ("variant", "resnet50-v1", None),
    }
    assert table(found.values()) == (
        Row("based on", 0, 0, 0, 0),
        Row("variant", 2, 0, 0, 2),
        Row("architecture", 1, 1, 0, 0),
    )


@pytest.mark.parametrize("words", ["based on VGG", "a modified VGG", "VGG-like"])
def test_a_title_may_say_what_it_is_based_on(words: str, tmp_path: Path) -> None:
    [one] = told(tmp_path, [published("vgg16", title=words)]).values()
    assert one.states == "based on"


def test_the_very_same_network_of_a_longer_name_is_an_honest_name(tmp_path: Path) -> None:
    [one] = told(tmp_path, [published("resnet50", "resnet50-v1.5.onnx")], "resnet50-v1.5").values()
    assert (one.states, one.network, one.holds, one.honest) == (
        "architecture",
        "paper:resnet50-v1",
        False,
        "resnet50-v1.5",
    )


@pytest.mark.parametrize(("name", "paper"), [("googlenet", "squeezenet-1.1"), ("vgg13", "vgg16")])
def test_another_network_is_called_by_its_own_name(name: str, paper: str, tmp_path: Path) -> None:
    [one] = told(tmp_path, [published(name, f"{paper}.onnx")], paper).values()
    assert (one.holds, one.honest) == (False, paper)


def test_a_quantised_model_is_left_out(tmp_path: Path) -> None:
    assert not told(tmp_path, [published("vgg16-int8", "vgg16.onnx")], "vgg16")


def test_the_bundled_names_that_are_not_what_they_say() -> None:
    """torchvision's documentation says V1.5; the others are known from their authors' and the study's words."""
    found = {one.ref: one for one in stated(compare.audit(["resnet50", "alexnet", "squeezenet-1.0", "googlenet"]))}
    assert found["torchvision:resnet50"].honest == "resnet50-v1.5"
    assert found["tfmg:official-resnet_50"].honest == "resnet50-v1.5"  # but for padding, which no text on V1.5 states
    assert found["tfmg:resnet_v1_50"].honest.startswith(
        "based on resnet50-v1: stride in the 3x3 convolution of 64, 128"
    )
    assert found["keras:ResNet50"].holds
    assert found["onnx:squeezenet1.0-9"].honest == "squeezenet-1.1"
    assert found["torchvision:squeezenet1_0"].holds
    assert found["torchvision:alexnet"].honest.startswith("based on alexnet-2014")
    assert "without local response normalization" in found["torchvision:alexnet"].honest
    assert "kernel 3x3 for 5x5" in found["torchvision:googlenet"].honest
