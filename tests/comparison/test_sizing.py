"""One size for both: an open size is the other's, a fixed one is rebuilt, and what that costs is the input's share."""

from __future__ import annotations

import onnx
import pytest

from networks import network
from zoodiff import measure
from zoodiff.comparison.diffing import diff
from zoodiff.comparison.reverse import reverse
from zoodiff.comparison.sizing import Part, at_input_of, input_share, with_sizes_of
from zoodiff.reading.reference import find


def chain(image: str) -> onnx.ModelProto:
    """Two convolutions of 3x3 without padding: of 3 channels to 8, and of 8 to 8."""
    text = f"net (float[{image}] x) => (float[] y) {{ a = Conv (x, v) b = Relu (a) y = Conv (b, w) }}"
    return network(text, v=(8, 3, 3, 3), w=(8, 8, 3, 3))


def part(image: str) -> Part:
    found = find(chain(image))
    return Part(found, found.graph())


def macs(size: int) -> int:
    """By hand: each convolution makes a map that is two smaller."""
    return 8 * 9 * (3 * (size - 2) ** 2 + 8 * (size - 4) ** 2)


def test_an_open_size_is_that_of_the_other() -> None:
    fixed, unsized = part("1,3,16,16"), part("N,3,H,W")
    assert (fixed.sized, unsized.sized) == (False, False)
    filled = with_sizes_of(fixed, unsized)
    assert (filled.sized, filled.net.macs) == (True, macs(16))
    assert with_sizes_of(unsized, fixed) is fixed
    assert with_sizes_of(unsized, unsized) is unsized


def test_one_is_rebuilt_at_the_others_size_and_that_is_the_share_of_the_input() -> None:
    small, large = part("1,3,16,16"), part("1,3,24,24")
    assert at_input_of(small, small) is None
    moved = at_input_of(small, large)
    assert moved is not None
    assert moved.net.macs == large.net.macs == macs(24)
    root = input_share(small.net, moved.net, large.net)
    assert (root.kind, root.left, root.right) == ("input", [1, 3, 16, 16], [1, 3, 24, 24])
    assert (root.macs, root.params) == (0, 0)
    assert sum(more for rows in root.effects.values() for _, more, _ in rows) == macs(24) - macs(16)


def test_an_image_of_other_channels_is_not_rebuilt() -> None:
    text = "net (float[1,1,16,16] x) => (float[] y) { a = Conv (x, v) b = Relu (a) y = Conv (b, w) }"
    grey = find(network(text, v=(8, 1, 3, 3), w=(8, 8, 3, 3)))
    assert at_input_of(Part(grey, grey.graph()), part("1,3,16,16")) is None


def test_the_input_gets_its_own_share() -> None:
    """Recounted by `measure` at the other size: what is left is the classes."""
    difference = diff("keras:ResNet50V2", "tfmg:resnet_v2_50")
    (share,) = (c for c in difference.differences if c.kind == "input")
    at_299 = measure("keras:ResNet50V2", {"": (1, 299, 299, 3)}).counts.macs.value
    assert share.macs == at_299 - difference.macs.left
    assert find("keras:ResNet50V2").ref == difference.left["ref"]


@pytest.mark.parametrize("turned", [False, True])
def test_a_size_that_one_leaves_open_is_that_of_the_other(turned: bool) -> None:
    pair = [chain(image="N,3,H,W"), chain(image="1,3,16,16")]
    found = diff(*(pair[::-1] if turned else pair))
    assert found.identical
    assert found.macs.left == found.macs.right > 0
    assert found.macs.at_least == ()
    assert found.sized == (("right",) if turned else ("left",))
    assert reverse(found).sized == (("left",) if turned else ("right",))
