"""Differences to draw: of published networks that differ in many ways, and of two small ones."""

from __future__ import annotations

import pytest

from networks import network
from zoodiff.comparison.difference import Difference
from zoodiff.comparison.diffing import diff

PAIRS = [
    ("torchvision:resnet50", "keras:ResNet50"),
    ("gluon:squeezenet1.0", "gluon:squeezenet1.1"),
    ("torchvision:resnet18", "torchvision:resnet34"),
    ("torchvision:googlenet", "tfmg:inception_v1"),
    ("keras:ResNet50V2", "tfmg:resnet_v2_50"),
    ("torchvision:mobilenet_v2", "torchvision:resnet50"),
    ("torchvision:vit_b_16", "torchvision:swin_t"),
    ("torchvision:densenet121", "keras:DenseNet121"),
    ("torchvision:regnet_y_32gf", "torchvision:regnet_y_16gf"),
]


@pytest.fixture(scope="session", params=PAIRS, ids=" ".join)
def pair(request: pytest.FixtureRequest) -> tuple[Difference, Difference]:
    """A difference, and the other way round."""
    one, other = request.param
    return diff(one, other), diff(other, one)


BLOCK = """net (float[1,8,16,16] x) => (float[] y) {
  a = Relu (x)
  b = Conv <pads = [1, 1, 1, 1], strides = [2, 2]> (a, u)
  c = Relu (b)
  d = Conv <pads = [1, 1, 1, 1]> (c, u)
  s = SHORTCUT
  e = Add (d, s)
  y = Relu (e)
}"""


@pytest.fixture
def replaced() -> Difference:
    """A residual block whose shortcut is a convolution, against one whose shortcut is a max-pooling."""
    shortcuts = ("Conv <strides = [2, 2]> (a, v)", "MaxPool <kernel_shape = [1, 1], strides = [2, 2]> (a)")
    return diff(*(network(BLOCK.replace("SHORTCUT", s), u=(8, 8, 3, 3), v=(8, 8, 1, 1)) for s in shortcuts))
