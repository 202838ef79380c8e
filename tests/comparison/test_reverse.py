"""Seen from the other side: the reverse of a difference is the difference of the two the other way round."""

from __future__ import annotations

import onnx
import pytest

from networks import network
from zoodiff.comparison.difference import document
from zoodiff.comparison.diffing import diff
from zoodiff.comparison.reverse import reverse

STORIES = [
    ("torchvision:resnet50", "keras:ResNet50"),
    ("torchvision:resnet50", "tfmg:resnet_v1_50"),
    ("gluon:squeezenet1.0", "gluon:squeezenet1.1"),
    ("torchvision:resnet18", "torchvision:resnet34"),
    ("torchvision:alexnet", "onnx:bvlcalexnet-12"),
    ("keras:ResNet50V2", "tfmg:resnet_v2_50"),
    ("torchvision:mobilenet_v2", "torchvision:resnet50"),
    ("torchvision:vit_b_16", "torchvision:swin_t"),
    ("torchvision:vit_b_16", "torchvision:vit_b_32"),
    ("torchvision:vit_b_16", "tfmg:official-vit_b16"),
    ("torchvision:mnasnet0_5", "torchvision:mnasnet1_0"),
]


@pytest.mark.parametrize(("one", "other"), STORIES)
def test_both_sides_tell_one_story_and_shares_add_up(one: str, other: str) -> None:
    there, back = diff(one, other), diff(other, one)
    assert document(reverse(there)) == document(back)
    assert document(reverse(back)) == document(there)
    for difference in (there, back):
        assert sum(c.macs for c in difference.differences) + difference.remainder["macs"] == difference.macs.delta
        assert sum(c.params for c in difference.differences) + difference.remainder["params"] == difference.params.delta
        assert difference.remainder == {"macs": 0, "params": 0}


def chain(middle: str) -> onnx.ModelProto:
    """A convolution, an operator, a convolution."""
    text = f"net (float[1,3,16,16] x) => (float[] y) {{ a = Conv (x, v) b = {middle} (a) y = Conv (b, w) }}"
    return network(text, v=(8, 3, 3, 3), w=(8, 8, 3, 3))


def test_a_lower_bound_stays_with_its_network() -> None:
    """The counts of an unknown operator are missing on the side that has it."""
    found = diff(chain("com.microsoft.Magic"), chain("Relu"))
    back = reverse(found)
    assert (found.macs.at_least, back.macs.at_least) == (("left",), ("right",))
    assert (back.macs.left, back.macs.right, back.macs.delta) == (found.macs.right, found.macs.left, -found.macs.delta)


def test_what_is_missing_was_added() -> None:
    (gone,) = diff(chain("Relu"), chain("Identity")).differences
    (come,) = reverse(diff(chain("Relu"), chain("Identity"))).differences
    assert (gone.kind, gone.words) == ("missing", "an activation (ReLU) only on the left")
    assert (come.kind, come.words) == ("added", "an activation (ReLU) only on the right")


def test_turned_round_twice_it_is_the_same() -> None:
    found = diff(chain("Relu"), chain("Sigmoid"))
    assert found.differences
    assert document(reverse(reverse(found))) == document(found)
