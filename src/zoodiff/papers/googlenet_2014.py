"""GoogLeNet (Inception V1), 2014: inception modules of 1x1, 3x3 and 5x5 convolutions.

Szegedy et al.: "Going deeper with convolutions", arXiv 1409.4842. The auxiliary classifiers serve training only:
`paper:googlenet-training` has them, `paper:googlenet` has not. The paper's network has no batch normalization.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from zoodiff.papers._sketchpad import Sketchpad
from zoodiff.reading.paper import TRANSCRIPTION, Blueprint, Fact, Open, Paper, Printed

if TYPE_CHECKING:
    import onnx

MODULES = {
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "4b": (160, 112, 224, 24, 64, 64),
    "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64),
    "4e": (256, 160, 320, 32, 128, 128),
    "5a": (256, 160, 320, 32, 128, 128),
    "5b": (384, 192, 384, 48, 128, 128),
}
"""Table 1: #1x1, #3x3 reduce, #3x3, #5x5 reduce, #5x5, pool proj."""
POOLED = ("3b", "4e")
AUXILIARY = ("4a", "4d")


def network(size: int, *, training: bool = False) -> onnx.ModelProto:
    """Table 1 and figure 3; with the auxiliary classifiers in training."""
    net = Sketchpad(size)
    net.conv(64, 7, 2, bias=True).relu().max_pool(3, 2, ceil=True).lrn(5, 1e-4, 0.75, 1)
    net.conv(64, 1, bias=True).relu()
    net.conv(192, 3, bias=True).relu().lrn(5, 1e-4, 0.75, 1).max_pool(3, 2, ceil=True)
    heads = []
    for name, widths in MODULES.items():
        with net.within(f"inception_{name}"):
            module(net, *widths)
        if training and name in AUXILIARY:
            after = net.here
            with net.within(f"auxiliary_{name}"):
                heads.append(auxiliary(net))
            net.at(after)
        if name in POOLED:
            net.max_pool(3, 2, ceil=True)
    net.average_pool(7, 1)
    return net.fc(1000).softmax().model(net.here, *heads)


def module(net: Sketchpad, one: int, reduce3: int, three: int, reduce5: int, five: int, projection: int) -> None:
    """Figure 2(b): four branches side by side."""
    start = net.here
    branches = (
        net.conv(one, 1, bias=True).relu().here,
        net.at(start).conv(reduce3, 1, bias=True).relu().conv(three, 3, bias=True).relu().here,
        net.at(start).conv(reduce5, 1, bias=True).relu().conv(five, 5, bias=True).relu().here,
        net.at(start).max_pool(3, 1, pad=1).conv(projection, 1, bias=True).relu().here,
    )
    net.concat(*branches)


def auxiliary(net: Sketchpad) -> str:
    """Section 5: the extra network on the side, removed at inference."""
    net.average_pool(5, 3).conv(128, 1, bias=True).relu().fc(1024).relu().fc(1000)
    return net.softmax().here


PAPER = Paper(
    title="Going deeper with convolutions",
    authors="Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich",
    year=2014,
    url="https://arxiv.org/abs/1409.4842",
    networks=(
        Blueprint(
            "googlenet",
            network,
            ("googlenet", "inception-v1"),
            printed=(
                Printed(
                    "macs",
                    Decimal("1.5E9"),
                    "1.5 billion multiply-adds",
                    "section 1",
                    misfit="a budget; table 1 adds up to 1,502M, but its first convolution has 9,408 weights and needs "
                    "118M, where the table says 2.7K and 34M",
                ),
                Printed(
                    "acc@5",
                    Decimal("89.93"),
                    "10.07 % error",
                    "table 3",
                    "ILSVRC-2014 validation, one network, one crop",
                ),
            ),
        ),
        Blueprint("googlenet-training", partial(network, training=True), ()),
    ),
    facts=(
        Fact("the widths of all modules, and 5x5 convolutions in each", "table 1"),
        Fact(
            "two modules do not fit its columns of costs: 4c has 497K weights where it prints 463K, 5a 1018K and 51M "
            "operations where it prints 1072K and 54M; the other modules do, to 2.5 % of their weights",
            "table 1",
        ),
        Fact(
            "rectifiers after every convolution",
            "section 5",
            "All the convolutions, including those inside the Inception modules, use rectified linear activation.",
            TRANSCRIPTION,
        ),
        Fact(
            "a layer of 1x1 convolutions before the 3x3 and 5x5 ones",
            "section 5",
            "“#3×3 reduce” and “#5×5 reduce” stands for the number of 1×1 filters in the reduction layer used before "
            "the 3×3 and 5×5 convolutions.",
            TRANSCRIPTION,
        ),
        Fact("response normalization after the first pooling and before the second", "figure 3"),
        Fact(
            "auxiliary classifiers on 4a and 4d, in training only",
            "section 5",
            "At inference time, these auxiliary networks are discarded.",
            TRANSCRIPTION,
        ),
        Fact(
            "average pooling and one linear layer",
            "section 5",
            "The use of average pooling before the classifier is based on [12], although our implementation differs in "
            "that we use an extra linear layer.",
            TRANSCRIPTION,
        ),
    ),
    open=(
        Open(
            "how a pooling of 3x3 with stride 2 makes 56 of 112 and so on",
            "a last window reaches over the edge",
            ("MaxPool.pads", "MaxPool.ceil_mode"),
            sizes_stated=True,
        ),
        Open(
            "padding of the first convolution, which figure 3 calls (S)",
            "3 pixels on all sides",
            ("Conv.pads",),
            ("conv1",),
            sizes_stated=True,
        ),
        Open(
            "constants of the response normalization",
            "size 5, alpha 1e-4, beta 0.75, k 1",
            ("LRN.bias", "Normalization.size", "Normalization.alpha", "Normalization.beta", "Normalization.bias"),
        ),
        Open("whether convolutions have biases", "they have", ("Conv.bias",)),
    ),
)
