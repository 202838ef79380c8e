"""ResNet (V1), 2015: residual units with normalization and activation after the weights.

He et al.: "Deep Residual Learning for Image Recognition", arXiv 1512.03385. Which convolution of a bottleneck has the
stride is not in its words; the FLOPs that it prints and its authors' files have it in the first, of 1x1. Networks that
have it in the 3x3 one are called V1.5 (`resnet-torch-2016`).
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from zoodiff.papers._sketchpad import Sketchpad
from zoodiff.reading.paper import TRANSCRIPTION, Blueprint, Fact, Open, Paper, Printed

if TYPE_CHECKING:
    import onnx

WIDTHS = (64, 128, 256, 512)
UNITS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
    200: (3, 24, 36, 3),
}
"""Table 1: how many units each stage has; the paper of V2 adds 200 layers, with 16 more units on maps of 28x28."""
BOTTLENECK = 50
"""Least depth of the networks whose units are bottlenecks."""


def network(size: int, depth: int, *, strided: int = 1) -> onnx.ModelProto:
    """Table 1, one column; the convolution of a bottleneck that is `strided` (1 or 2) has its stride."""
    net = Sketchpad(size)
    unit = partial(bottleneck, strided=strided) if depth >= BOTTLENECK else basic
    net.conv(64, 7, 2).norm().relu().max_pool(3, 2, pad=1)
    for stage, (width, units) in enumerate(zip(WIDTHS, UNITS[depth], strict=True), 2):
        for number in range(1, units + 1):
            with net.within(f"conv{stage}_{number}"):
                unit(net, width, 2 if number == 1 and stage > 2 else 1)
    return net.global_average_pool().fc(1000).softmax().model()


def basic(net: Sketchpad, width: int, stride: int) -> None:
    """Figure 5, left: two convolutions of 3x3."""
    start = net.here
    shortcut = projection(net, width, stride)
    net.at(start).conv(width, 3, stride).norm().relu().conv(width, 3).norm().add(shortcut).relu()


def bottleneck(net: Sketchpad, width: int, stride: int, strided: int) -> None:
    """Figure 5, right: 1x1, 3x3, 1x1."""
    start = net.here
    shortcut = projection(net, 4 * width, stride)
    first, second = (stride, 1) if strided == 1 else (1, stride)
    net.at(start).conv(width, 1, first).norm().relu().conv(width, 3, second).norm().relu()
    net.conv(4 * width, 1).norm().add(shortcut).relu()


def projection(net: Sketchpad, width: int, stride: int) -> str:
    """Option B: the identity, or a projection where the width changes."""
    return net.here if net.channels == width else net.conv(width, 1, stride).norm().here


def column(depth: int, flops: str, top1: str = "", top5: str = "", misfit: str = "") -> Blueprint:
    """One column of table 1, in 10^9 FLOPs (multiply-adds), with its row of table 3; errors in per cent."""
    protocol = "ILSVRC-2012 validation, 10 crops"
    accuracies = [
        Printed(metric, 100 - Decimal(error), f"{error} % error", "table 3", protocol)
        for metric, error in (("acc@1", top1), ("acc@5", top5))
        if error
    ]
    name = f"resnet{depth}-v1"
    macs = Printed("macs", Decimal(f"{flops}E9"), f"{flops} x 10^9 FLOPs", "table 1", misfit=misfit)
    return Blueprint(name, partial(network, depth=depth), (name,), printed=(macs, *accuracies))


PAPER = Paper(
    title="Deep Residual Learning for Image Recognition",
    authors="He, Zhang, Ren, Sun",
    year=2015,
    url="https://arxiv.org/abs/1512.03385",
    networks=(
        column(18, "1.8"),
        column(34, "3.6", "24.52", "7.46", misfit="3.664: with its projections; without them, as in option A, 3.644"),
        column(50, "3.8", "22.85", "6.71", misfit="3.858: rounded down; with the stride in the 3x3 it would be 4.089"),
        column(101, "7.6", "21.75", "6.05"),
        column(152, "11.3", "21.43", "5.71"),
    ),
    facts=(
        Fact("kernels, widths and numbers of units", "table 1"),
        Fact(
            "stages 3 to 5 begin with a stride of 2",
            "table 1",
            "Downsampling is performed by conv3_1, conv4_1, and conv5_1 with a stride of 2.",
            TRANSCRIPTION,
        ),
        Fact(
            "in a bottleneck the first convolution has it: only so the 50, 101 and 152 layers cost what table 1 prints",
            "table 1, FLOPs; github.com/KaimingHe/deep-residual-networks, prototxt, res3a_branch2a",
        ),
        Fact(
            "normalization after each convolution and before activation",
            "section 3.4",
            "We adopt batch normalization (BN) [16] right after each convolution and before activation",
            TRANSCRIPTION,
        ),
        Fact(
            "shortcuts are projections only where the width grows",
            "section 4.1, table 3",
            "ResNet-50/101/152 are of option B that only uses projections for increasing dimensions.",
            TRANSCRIPTION,
        ),
        Fact(
            "18 and 34 layers are compared with zero-padded shortcuts (option A) too; here they are of option B",
            "section 4.1",
        ),
        Fact(
            "the end",
            "section 3.3",
            "The network ends with a global average pooling layer and a 1000-way fully-connected layer with softmax.",
            TRANSCRIPTION,
        ),
    ),
    open=(
        Open(
            "padding of convolutions and pooling, where table 1 gives the maps' sizes",
            "3, 1 and 1 pixel on all sides",
            ("Conv.pads", "MaxPool.pads", "MaxPool.ceil_mode"),
            sizes_stated=True,
        ),
        Open("whether convolutions that normalization follows have biases", "they have none", ("Conv.bias",)),
        Open("epsilon of the normalization", "1e-5", ("*.epsilon",)),
    ),
)
