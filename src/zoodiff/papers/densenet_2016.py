"""DenseNet, 2016: each layer reads all before it in its block.

Huang et al.: "Densely Connected Convolutional Networks", arXiv 1608.06993. 161 layers with a growth of 48 are in its
first editions and in its authors' repository; the final one has 264 instead.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from zoodiff.papers._sketchpad import Sketchpad
from zoodiff.reading.paper import TRANSCRIPTION, Blueprint, Fact, Open, Paper, Printed

if TYPE_CHECKING:
    import onnx

REPOSITORY = "github.com/liuzhuang13/DenseNet, densenet-imagenet.lua at 2bf9fb0"
LAYERS = {
    121: (6, 12, 24, 16),
    161: (6, 12, 36, 24),
    169: (6, 12, 32, 32),
    201: (6, 12, 48, 32),
    264: (6, 12, 64, 48),
}
"""Table 1: how many pairs of 1x1 and 3x3 each block has."""


def network(size: int, depth: int, growth: int) -> onnx.ModelProto:
    """Table 1, one column: DenseNet-BC with a compression of one half."""
    net = Sketchpad(size)
    net.conv(2 * growth, 7, 2).norm().relu().max_pool(3, 2, pad=1)
    for block, layers in enumerate(LAYERS[depth], 1):
        for number in range(1, layers + 1):
            with net.within(f"block{block}_{number}"):
                dense(net, growth)
        if block < len(LAYERS[depth]):
            with net.within(f"transition{block}"):
                net.norm().relu().conv(net.channels // 2, 1).average_pool(2, 2)
    net.norm().relu()
    return net.global_average_pool().fc(1000).softmax().model()


def dense(net: Sketchpad, growth: int) -> None:
    """Section 3: BN-ReLU-Conv(1x1)-BN-ReLU-Conv(3x3), whose maps join all before them."""
    before = net.here
    new = net.norm().relu().conv(4 * growth, 1).norm().relu().conv(growth, 3).here
    net.concat(before, new)


def column(depth: int, errors: tuple[str, str] | None, growth: int = 32, params: str = "") -> Blueprint:
    """One column of table 1, with its row of table 3 (single crop); errors in per cent."""
    name = f"densenet{depth}"
    printed = [Printed("params", Decimal(f"{params}E6"), f"{params}M parameters", "section 4.4")] if params else []
    for metric, error in zip(("acc@1", "acc@5"), errors or (), strict=False):
        protocol = "ILSVRC-2012 validation, one crop"
        printed.append(Printed(metric, 100 - Decimal(error), f"{error} % error", "table 3", protocol))
    return Blueprint(name, partial(network, depth=depth, growth=growth), (name,), printed=tuple(printed))


PAPER = Paper(
    title="Densely Connected Convolutional Networks",
    authors="Huang, Liu, van der Maaten, Weinberger",
    year=2016,
    url="https://arxiv.org/abs/1608.06993",
    networks=(
        column(121, ("25.02", "7.71")),
        column(161, None, growth=48),
        column(169, ("23.80", "6.85")),
        column(201, ("22.58", "6.34"), params="20"),
        column(264, ("22.15", "6.12")),
    ),
    facts=(
        Fact("numbers of layers of each block; growth rate 32", "table 1"),
        Fact("the column of 264 layers, blocks of 6, 12, 64 and 48, makes 265", "table 1"),
        Fact("161 layers: growth rate 48 and blocks of 6, 12, 36 and 24 layers", REPOSITORY),
        Fact(
            "a layer of a block",
            "section 3",
            "BN-ReLU-Conv(1×1)-BN-ReLU-Conv(3×3) version of Hℓ, as DenseNet-B. In our experiments, we let each 1×1 "
            "convolution produce 4k feature-maps.",
            TRANSCRIPTION,
        ),
        Fact(
            "half of the maps go through a transition",
            "section 3",
            "We refer the DenseNet with θ < 1 as DenseNet-C, and we set θ = 0.5 in our experiment.",
            TRANSCRIPTION,
        ),
        Fact(
            "1x1 convolution and 2x2 average pooling between blocks",
            "section 3",
            "We use 1×1 convolution followed by 2×2 average pooling as transition layers between two contiguous dense "
            "blocks.",
            TRANSCRIPTION,
        ),
        Fact(
            "the first layer",
            "section 3",
            "The initial convolution layer comprises 2k convolutions of size 7×7 with stride 2",
            TRANSCRIPTION,
        ),
        Fact("its normalization comes after it, unlike in the other layers", REPOSITORY),
    ),
    open=(
        Open(
            "padding of the first convolution and of the pooling after it",
            "3 and 1 pixel on all sides",
            ("Conv.pads", "MaxPool.pads", "MaxPool.ceil_mode"),
            sizes_stated=True,
        ),
        Open(
            "normalization and rectifier after the last block",
            f"they are there, as in {REPOSITORY}",
            ("Normalization.layer", "Activation.layer"),
            ("bn2", "relu2"),
        ),
        Open("whether convolutions have biases", "they have none", ("Conv.bias",)),
        Open("epsilon of the normalization", "1e-5", ("*.epsilon",)),
    ),
)
