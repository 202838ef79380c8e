"""MobileNet V2, 2018: inverted residuals with linear bottlenecks.

Sandler et al.: "MobileNetV2: Inverted Residuals and Linear Bottlenecks", arXiv 1801.04381. Its first bottleneck has an
expansion of 1; that it then has no expanding convolution follows from the multiply-adds that it prints.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from zoodiff.papers._sketchpad import Sketchpad
from zoodiff.reading.paper import TRANSCRIPTION, Blueprint, Fact, Open, Paper, Printed

if TYPE_CHECKING:
    import onnx

ROWS = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""Table 2: expansion t, channels c, repetitions n, stride s."""


def network(size: int, alpha: Decimal) -> onnx.ModelProto:
    """Table 2 at a width multiplier."""
    net = Sketchpad(size)
    net.conv(scaled(32, alpha), 3, 2).norm().relu6()
    for row_, (expansion, width, repeated, stride) in enumerate(ROWS, 1):
        for number in range(1, repeated + 1):
            with net.within(f"bottleneck{row_}_{number}"):
                bottleneck(net, expansion, scaled(width, alpha), stride if number == 1 else 1)
    net.conv(scaled(1280, max(alpha, Decimal(1))), 1).norm().relu6()
    return net.global_average_pool().fc(1000).model()


def bottleneck(net: Sketchpad, expansion: int, width: int, stride: int) -> None:
    """Table 1 and figure 4(d): expand, filter, project; a shortcut where nothing changes size."""
    start = net.here
    same = stride == 1 and net.channels == width
    if expansion > 1:
        net.conv(expansion * net.channels, 1).norm().relu6()
    net.depthwise(3, stride).norm().relu6().conv(width, 1).norm()
    if same:
        net.add(start)


def scaled(width: int, alpha: Decimal) -> int:
    """A width times the multiplier, to a multiple of 8 that is not under nine tenths of it."""
    exact = width * alpha
    nearest = max(8, int(exact + 4) // 8 * 8)
    return nearest if nearest >= exact * 9 / 10 else nearest + 8


def row(alpha: str, *printed: Printed, sizes: tuple[int, ...] = (224, 192, 160, 128, 96)) -> Blueprint:
    """The network at one width multiplier."""
    width = Decimal(alpha)
    name = "mobilenet-v2" if width == 1 else f"mobilenet-v2-x{width}"
    return Blueprint(name, partial(network, alpha=width), (name,), sizes=sizes, printed=printed)


IMAGENET = "ImageNet, 224x224"

PAPER = Paper(
    title="MobileNetV2: Inverted Residuals and Linear Bottlenecks",
    authors="Sandler, Howard, Zhu, Zhmoginov, Chen",
    year=2018,
    url="https://arxiv.org/abs/1801.04381",
    networks=(
        row(
            "1.0",
            Printed("acc@1", Decimal("72.0"), "72.0", "table 4", IMAGENET),
            Printed("macs", Decimal("3.0E8"), "300M", "table 4"),
            Printed(
                "params", Decimal("3.4E6"), "3.4M", "table 4", misfit="table 2 makes 3.50 million that are learned"
            ),
        ),
        row(
            "1.4",
            Printed("acc@1", Decimal("74.7"), "74.7", "table 4", IMAGENET),
            Printed("macs", Decimal("585E6"), "585M", "table 4", misfit="table 2 makes 582 million"),
            Printed(
                "params", Decimal("6.9E6"), "6.9M", "table 4", misfit="table 2 makes 6.11 million that are learned"
            ),
            sizes=(224,),
        ),
        row("0.75"),
        row("0.5"),
        row("0.35", Printed("params", Decimal("1.7E6"), "between 1.7M and 6.9M parameters", "section 4")),
    ),
    facts=(
        Fact("expansions, widths, repetitions and strides", "table 2"),
        Fact("the text counts 19 residual bottleneck layers; table 2 has 17", "section 4, table 2"),
        Fact(
            "ReLU6",
            "section 4",
            "We use ReLU6 as the non-linearity because of its robustness when used with low-precision computation",
            TRANSCRIPTION,
        ),
        Fact(
            "the stride is the first layer's of each row",
            "table 2",
            "The first layer of each sequence has a stride s and all others use stride 1. All spatial convolutions use "
            "3 × 3 kernels.",
            TRANSCRIPTION,
        ),
        Fact("no expanding convolution where the expansion is 1: with it there are 314M multiply-adds", "table 4"),
        Fact(
            "widths under 1 leave the last convolution as it is",
            "section 4",
            "for multipliers less than one, we apply width multiplier to all layers except the very last convolutional "
            "layer",
            TRANSCRIPTION,
        ),
        Fact(
            "normalization",
            "section 6.1",
            "We use batch normalization after every layer",
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
        Open("whether convolutions have biases", "they have none; the last layer has", ("Conv.bias", "Gemm.bias")),
        Open("epsilon of the normalization", "1e-5", ("*.epsilon",)),
        Open("what follows the scores", "nothing", ("Softmax.layer",)),
        Open(
            "how widths are rounded at multipliers other than 1",
            "to the nearest multiple of 8 that is not under 90 % of the exact width",
            ("Conv.out_channels",),
            networks="mobilenet-v2-x*",
        ),
    ),
)
