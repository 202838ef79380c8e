"""ResNet V2, 2016: residual units with normalization and activation before the weights.

He et al.: "Identity Mappings in Deep Residual Networks", arXiv 1603.05027. On ImageNet the paper has 152
and 200 layers, these with the original unit too; 50 and 101 layers are its units on the depths of V1's table 1.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from zoodiff.papers import resnet_2015
from zoodiff.papers._sketchpad import Sketchpad
from zoodiff.papers.resnet_2015 import UNITS, WIDTHS
from zoodiff.reading.paper import TRANSCRIPTION, Blueprint, Fact, Open, Paper, Printed

if TYPE_CHECKING:
    import onnx

REPOSITORY = "github.com/KaimingHe/resnet-1k-layers, resnet-pre-act.lua at 8390a4a"


def network(size: int, depth: int) -> onnx.ModelProto:
    """The widths and depths of V1 with units of full pre-activation (figure 4(e))."""
    net = Sketchpad(size)
    net.conv(64, 7, 2).norm().relu().max_pool(3, 2, pad=1)
    for stage, (width, units) in enumerate(zip(WIDTHS, UNITS[depth], strict=True), 2):
        for number in range(1, units + 1):
            with net.within(f"conv{stage}_{number}"):
                first = number == 1
                bottleneck(net, width, 2 if first and stage > 2 else 1, active=first and stage == 2)
    net.norm().relu()
    return net.global_average_pool().fc(1000).softmax().model()


def bottleneck(net: Sketchpad, width: int, stride: int, *, active: bool) -> None:
    """Figure 4(e) with three layers; `active` where what it reads has been activated before."""
    start = net.here
    if not active:
        net.norm().relu()
    before = net.here
    shortcut = start if net.channels == 4 * width else net.conv(4 * width, 1, stride).here
    net.at(before).conv(width, 1, stride).norm().relu().conv(width, 3).norm().relu()
    net.conv(4 * width, 1).add(shortcut)


def row(depth: int, top1: str = "", top5: str = "", *, version: int = 2) -> Blueprint:
    """One depth, with its row of table 5; errors in per cent. Version 1 has the original residual unit."""
    protocol = "ILSVRC-2012 validation, one crop of 320x320, trained at 224x224 with scale augmentation"
    name = f"resnet{depth}-v{version}"
    build = resnet_2015.network if version == 1 else network
    accuracies = tuple(
        Printed(metric, 100 - Decimal(error), f"{error} % error", "table 5", protocol)
        for metric, error in (("acc@1", top1), ("acc@5", top5))
        if error
    )
    return Blueprint(name, partial(build, depth=depth), (name,), sizes=(224, 320), printed=accuracies)


PAPER = Paper(
    title="Identity Mappings in Deep Residual Networks",
    authors="He, Zhang, Ren, Sun",
    year=2016,
    url="https://arxiv.org/abs/1603.05027",
    networks=(
        row(50),
        row(101),
        row(152, "21.1", "5.5"),
        row(200, "20.7", "5.3"),
        row(200, "21.8", "6.0", version=1),
    ),
    facts=(
        Fact(
            "normalization and rectifier before each convolution",
            "section 4.1",
            "full pre-activation (Fig. 4(e)) where BN and ReLU are both adopted before weight layers",
            TRANSCRIPTION,
        ),
        Fact(
            "the first unit reads what was activated after conv1; after the last sum comes one more activation",
            "appendix",
            "we adopt the first activation right after conv1 and before splitting into two paths; for the last "
            "Residual Unit (followed by average pooling and a fully-connected classifier), we adopt an extra "
            "activation right after its element-wise addition",
            TRANSCRIPTION,
        ),
        Fact(
            "projections, where the width grows, read what was activated",
            "appendix",
            "when reducing the feature map size we use projection shortcuts [1] for increasing dimensions, and when "
            "pre-activation is used, these projection shortcuts are also with pre-activation",
            TRANSCRIPTION,
        ),
        Fact(
            "200 layers",
            "section 5",
            "The ResNet-200 has 16 more 3-layer bottleneck Residual Units than ResNet-152, which are added on the "
            "feature map of 28×28",
            TRANSCRIPTION,
        ),
        Fact("the stride is in the first convolution of a unit and in its projection, as in V1", REPOSITORY),
    ),
    open=(
        Open(
            "padding of convolutions and pooling",
            "3, 1 and 1 pixel on all sides, as in V1",
            ("Conv.pads", "MaxPool.pads", "MaxPool.ceil_mode", "Pad.layer"),
            sizes_stated=True,
        ),
        Open(
            "whether the pooling after conv1 comes before or after the first activation",
            "after",
            ("MaxPool.wiring", "BatchNormalization.wiring", "Relu.wiring"),
            ("pool1", "bn1", "relu1"),
        ),
        Open("whether convolutions have biases", "they have none", ("Conv.bias",)),
        Open("epsilon of the normalization", "1e-5", ("*.epsilon",)),
    ),
)
