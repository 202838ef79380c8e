"""ResNet V1.5, 2016: bottlenecks with the stride in the 3x3 convolution.

Gross and Wilber: "Training and investigating Residual Nets", Torch's blog, and the repository fb.resnet.torch. No paper
is the origin of this variant: it came with this code, Goyal et al. (arXiv 1706.02677) trained it in an hour, and the
name V1.5 was given to it afterwards. With up to 34 layers there is no bottleneck, and it is V1.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial

from zoodiff.papers.resnet_2015 import network
from zoodiff.reading.paper import TRANSCRIPTION, Blueprint, Fact, Open, Paper, Printed

CODE = "fb.resnet.torch, models/resnet.lua"
README = "facebookarchive/fb.resnet.torch@28a9c4e5a40d README.md"


def depth(layers: int, top1: str = "", top5: str = "") -> Blueprint:
    """One depth, with its row of the repository's table; errors in per cent."""
    accuracies = [
        Printed(metric, 100 - Decimal(error), f"{error} % error", "README.md", "ILSVRC-2012 validation, 1 crop")
        for metric, error in (("acc@1", top1), ("acc@5", top5))
        if error
    ]
    name = f"resnet{layers}-v1.5"
    return Blueprint(name, partial(network, depth=layers, strided=2), (name,), printed=tuple(accuracies))


PAPER = Paper(
    title="Training and investigating Residual Nets",
    authors="Gross, Wilber",
    year=2016,
    url="https://github.com/facebookarchive/fb.resnet.torch",
    networks=(depth(50, "24.01", "7.02"), depth(101, "22.44", "6.21"), depth(152)),
    facts=(
        Fact("kernels, widths and numbers of units are those of He et al. 2015", CODE),
        Fact(
            "the stride of a bottleneck",
            "README.md, notes",
            "When using the bottleneck architecture, we use stride 2 in the 3x3 convolution, instead of the first 1x1 "
            "convolution.",
            README,
        ),
        Fact(
            "others took it for ResNet-50 from there",
            "Goyal et al. 2017 (arXiv 1706.02677), section 5.1",
            "We use the ResNet-50 [16] variant from [12], noting that the stride-2 convolutions are on 3\u00d73 layers "
            "instead of on 1\u00d71 layers as in [16].",
            TRANSCRIPTION,
        ),
        Fact(
            "the name",
            "torchvision's documentation of ResNet",
            "This variant improves the accuracy and is known as ResNet V1.5.",
            "pytorch/vision docs/source/models/resnet.rst",
        ),
        Fact(
            "the published file of 50 layers normalizes after the addition instead of before; the code does not, nor "
            "does the network built here",
            "fb.resnet.torch, pretrained/README.md",
        ),
    ),
    open=(
        Open(
            "padding of convolutions and pooling: what is said of V1.5 does not state it",
            "3, 1 and 1 pixel on all sides, as the code has it",
            ("Conv.pads", "MaxPool.pads", "MaxPool.ceil_mode"),
            sizes_stated=True,
        ),
        Open("whether convolutions have biases: with cuDNN 4 they have none", "they have none", ("Conv.bias",)),
        Open("epsilon of the normalization", "1e-5, as Torch has it by default", ("*.epsilon",)),
    ),
)
