"""MobileNet (V1), 2017: depthwise separable convolutions, a width multiplier and a resolution.

Howard et al.: "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications", arXiv 1704.04861.
Its rectifiers are plain; many ports have ReLU6, of which the paper does not speak.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from zoodiff.papers._sketchpad import Sketchpad
from zoodiff.reading.paper import TRANSCRIPTION, Blueprint, Fact, Open, Paper, Printed

if TYPE_CHECKING:
    import onnx

LAYERS = (
    (1, 64),
    (2, 128),
    (1, 128),
    (2, 256),
    (1, 256),
    (2, 512),
    *[(1, 512)] * 5,
    (2, 1024),
    (1, 1024),
)
"""Table 1: stride of the depthwise convolution, width of the one after it."""


def network(size: int, alpha: Decimal) -> onnx.ModelProto:
    """Table 1 at a width multiplier."""
    net = Sketchpad(size)
    net.conv(int(32 * alpha), 3, 2).norm().relu()
    for number, (stride, width) in enumerate(LAYERS, 1):
        with net.within(f"separable{number}"):
            net.depthwise(3, stride).norm().relu().conv(int(width * alpha), 1).norm().relu()
    return net.global_average_pool().fc(1000).softmax().model()


def row(alpha: str, accuracy: str, macs: str, params: str, *others: Printed) -> Blueprint:
    """One row of table 6: accuracy in per cent, millions of mult-adds and of parameters."""
    width = Decimal(alpha)
    name = "mobilenet-v1" if width == 1 else f"mobilenet-v1-x{width}"
    printed = (
        Printed("acc@1", Decimal(accuracy), f"{accuracy} %", "table 6", "ImageNet, 224x224"),
        Printed("macs", Decimal(f"{macs}E6"), f"{macs} million mult-adds", "table 6"),
        Printed("params", Decimal(f"{params}E6"), f"{params} million", "table 6"),
    )
    build = partial(network, alpha=width)
    return Blueprint(name, build, (name,), sizes=(224, 192, 160, 128), printed=(*printed, *others))


def resolution(size: int, accuracy: str, macs: str, misfit: str = "") -> tuple[Printed, Printed]:
    """One row of table 7."""
    return (
        Printed("acc@1", Decimal(accuracy), f"{accuracy} %", "table 7", f"ImageNet, {size}x{size}", size),
        Printed("macs", Decimal(f"{macs}E6"), f"{macs} million mult-adds", "table 7", "", size, misfit),
    )


PAPER = Paper(
    title="MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
    authors="Howard, Zhu, Chen, Kalenichenko, Wang, Weyand, Andreetto, Adam",
    year=2017,
    url="https://arxiv.org/abs/1704.04861",
    networks=(
        row(
            "1.0",
            "70.6",
            "569",
            "4.2",
            *resolution(192, "69.1", "418"),
            *resolution(160, "67.2", "290", misfit="290.68 million: rounded down"),
            *resolution(128, "64.4", "186"),
        ),
        row("0.75", "68.4", "325", "2.6"),
        row("0.5", "63.7", "149", "1.3"),
        row("0.25", "50.6", "41", "0.5"),
    ),
    facts=(
        Fact("strides and widths", "table 1"),
        Fact(
            "table 1 gives the last depthwise convolution a stride of 2 and the same map of 7x7 before and after it: "
            "its stride is 1, else the mult-adds of table 6 do not come out",
            "table 1",
        ),
        Fact("table 2 gives the first convolution 1.19 % of the mult-adds; it has 1.91 %, the others fit", "table 2"),
        Fact(
            "normalization and a rectifier after each convolution",
            "section 3.2",
            "All layers are followed by a batchnorm [13] and ReLU nonlinearity with the exception of the final fully "
            "connected layer which has no nonlinearity and feeds into a softmax layer for classification.",
            TRANSCRIPTION,
        ),
        Fact(
            "where the strides are",
            "section 3.2",
            "Down sampling is handled with strided convolution in the depthwise convolutions as well as in the first "
            "layer.",
            TRANSCRIPTION,
        ),
        Fact(
            "the width multiplier",
            "section 3.3",
            "For a given layer and width multiplier α, the number of input channels M becomes αM and the number of "
            "output channels N becomes αN.",
            TRANSCRIPTION,
        ),
        Fact(
            "the resolution",
            "section 3.4",
            "which is typically set implicitly so that the input resolution of the network is 224, 192, 160 or 128",
            TRANSCRIPTION,
        ),
    ),
    open=(
        Open(
            "padding of convolutions with stride 2",
            "1 pixel on all sides",
            ("Conv.pads", "Pad.layer"),
            sizes_stated=True,
        ),
        Open("whether convolutions have biases", "they have none", ("Conv.bias",)),
        Open("epsilon of the normalization", "1e-5", ("*.epsilon",)),
    ),
)
