"""VGG, 2014: configurations A to E, 11 to 19 layers of 3x3 convolutions.

Simonyan and Zisserman: "Very Deep Convolutional Networks for Large-Scale Image Recognition", arXiv 1409.1556. Two of
its configurations have 16 layers: D is the one in use as VGG-16, C has three convolutions of 1x1. None has batch
normalization.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from zoodiff.papers._sketchpad import Sketchpad
from zoodiff.reading.paper import TRANSCRIPTION, Blueprint, Fact, Paper, Printed

if TYPE_CHECKING:
    import onnx

WIDTHS = (64, 128, 256, 512, 512)
KERNELS: dict[str, tuple[tuple[int, ...], ...]] = {
    "A": ((3,), (3,), (3, 3), (3, 3), (3, 3)),
    "B": ((3, 3), (3, 3), (3, 3), (3, 3), (3, 3)),
    "C": ((3, 3), (3, 3), (3, 3, 1), (3, 3, 1), (3, 3, 1)),
    "D": ((3, 3), (3, 3), (3, 3, 3), (3, 3, 3), (3, 3, 3)),
    "E": ((3, 3), (3, 3), (3, 3, 3, 3), (3, 3, 3, 3), (3, 3, 3, 3)),
}
"""Table 1: the kernels of each stage; a stage ends with pooling and doubles the width up to 512."""


def network(size: int, configuration: str, *, lrn: bool = False) -> onnx.ModelProto:
    """Table 1, one column; `lrn` is column A-LRN."""
    net = Sketchpad(size)
    for width, kernels in zip(WIDTHS, KERNELS[configuration], strict=True):
        for kernel in kernels:
            net.conv(width, kernel, bias=True).relu()
        if lrn and width == WIDTHS[0]:
            net.lrn(5, 1e-4, 0.75, 2)
        net.max_pool(2, 2)
    net.fc(4096).relu()
    net.fc(4096).relu()
    return net.fc(1000).softmax().model()


def column(
    name: str, configuration: str, params: str, top1: str, top5: str, scale: str, lrn: bool = False
) -> Blueprint:
    """One column of table 1, with its row of table 2 and its best row of table 3; errors in per cent."""
    protocol = f"ILSVRC-2012 validation, one scale, dense evaluation, {scale}"
    errors = (("acc@1", top1), ("acc@5", top5))
    accuracies = [
        Printed(metric, 100 - Decimal(error), f"{error} % error", "table 3", protocol) for metric, error in errors
    ]
    return Blueprint(
        name,
        partial(network, configuration=configuration, lrn=lrn),
        (name,),
        printed=(Printed("params", Decimal(f"{params}E6"), f"{params} million", "table 2"), *accuracies),
    )


JITTERED = "trained at 256 to 512, tested at 384"
FIXED = "trained and tested at 256"

PAPER = Paper(
    title="Very Deep Convolutional Networks for Large-Scale Image Recognition",
    authors="Simonyan, Zisserman",
    year=2014,
    url="https://arxiv.org/abs/1409.1556",
    networks=(
        column("vgg11", "A", "133", "29.6", "10.4", FIXED),
        column("vgg11-lrn", "A", "133", "29.7", "10.5", FIXED, lrn=True),
        column("vgg13", "B", "133", "28.7", "9.9", FIXED),
        column("vgg16-c", "C", "134", "27.3", "8.8", JITTERED),
        column("vgg16", "D", "138", "25.6", "8.1", JITTERED),
        column("vgg19", "E", "144", "25.5", "8.0", JITTERED),
    ),
    facts=(
        Fact(
            "3x3 convolutions of stride 1 that keep the maps' size",
            "section 2.1",
            "the spatial padding of conv. layer input is such that the spatial resolution is preserved after "
            "convolution, i.e. the padding is 1 pixel for 3 × 3 conv. layers",
            TRANSCRIPTION,
        ),
        Fact(
            "five max-poolings of 2x2 with stride 2",
            "section 2.1",
            "Max-pooling is performed over a 2 × 2 pixel window, with stride 2.",
            TRANSCRIPTION,
        ),
        Fact(
            "three fully-connected layers, alike in all configurations",
            "section 2.1",
            "the first two have 4096 channels each, the third performs 1000-way ILSVRC classification and thus "
            "contains 1000 channels (one for each class). The final layer is the soft-max layer. The configuration of "
            "the fully connected layers is the same in all networks.",
            TRANSCRIPTION,
        ),
        Fact("the kernels of each configuration", "table 1"),
        Fact(
            "configuration A-LRN has response normalization after its first layer, as in 2012", "table 1, section 2.1"
        ),
        Fact(
            "no response normalization in the others",
            "section 4.1",
            "We thus do not employ normalisation in the deeper architectures (B–E).",
            TRANSCRIPTION,
        ),
    ),
    open=(),
)
