"""SqueezeNet, 2016: fire modules; 1.0 from the paper, 1.1 from its authors' repository.

Iandola et al.: "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size", arXiv 1602.07360.
1.1 is no network of the paper: the repository says what changed. Files called 1.0 have been published that are 1.1.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from zoodiff.papers._sketchpad import Sketchpad
from zoodiff.reading.paper import TRANSCRIPTION, Blueprint, Fact, Open, Paper, Printed

if TYPE_CHECKING:
    import onnx

REPOSITORY = "github.com/forresti/SqueezeNet"
V1_1 = f"{REPOSITORY}, SqueezeNet_v1.1/README.md at 72e08db"
FIRES = {
    "fire2": (16, 64),
    "fire3": (16, 64),
    "fire4": (32, 128),
    "fire5": (32, 128),
    "fire6": (48, 192),
    "fire7": (48, 192),
    "fire8": (64, 256),
    "fire9": (64, 256),
}
"""Table 1 and section 5.1: filters of the squeeze layer, and of either kind in the expand layer."""


def network(size: int, first: tuple[int, int], pools: tuple[str, ...]) -> onnx.ModelProto:
    """Section 3.3 and table 1; `first` is the width and kernel of conv1, `pools` the modules that pooling follows."""
    net = Sketchpad(size)
    net.conv(*first, 2, pad=0, bias=True).relu().max_pool(3, 2, ceil=True)
    for name, widths in FIRES.items():
        with net.within(name):
            fire(net, *widths)
        if name in pools:
            net.max_pool(3, 2, ceil=True)
    net.conv(1000, 1, bias=True).relu().global_average_pool()
    return net.flatten().softmax().model()


def fire(net: Sketchpad, squeeze: int, expand: int) -> None:
    """Section 3.2: a layer of 1x1 filters feeds one of 1x1 and one of 3x3 filters."""
    start = net.conv(squeeze, 1, bias=True).relu().here
    one = net.conv(expand, 1, bias=True).relu().here
    three = net.at(start).conv(expand, 3, bias=True).relu().here
    net.concat(one, three)


VALIDATION = "ImageNet (ILSVRC 2012)"

PAPER = Paper(
    title="SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
    authors="Iandola, Han, Moskewicz, Ashraf, Dally, Keutzer",
    year=2016,
    url="https://arxiv.org/abs/1602.07360",
    networks=(
        Blueprint(
            "squeezenet-1.0",
            partial(network, first=(96, 7), pools=("fire4", "fire8")),
            ("squeezenet-1.0",),
            sizes=(227, 224),
            printed=(
                Printed("params", Decimal(1248424), "1,248,424", "table 1, total before pruning"),
                Printed("acc@1", Decimal("57.5"), "57.5 %", "table 2", VALIDATION),
                Printed("acc@5", Decimal("80.3"), "80.3 %", "table 2, section 5.2", VALIDATION),
            ),
        ),
        Blueprint(
            "squeezenet-1.1",
            partial(network, first=(64, 3), pools=("fire3", "fire5")),
            ("squeezenet-1.1",),
            sizes=(227, 224),
        ),
    ),
    facts=(
        Fact(
            "1.0: conv1, eight fire modules, conv10, pooling after conv1, fire4, fire8 and conv10",
            "section 3.3",
            "SqueezeNet performs max-pooling with a stride of 2 after layers conv1, fire4, fire8, and conv10",
            TRANSCRIPTION,
        ),
        Fact("the pooling after conv10 is an average over the map, unlike that sentence", "table 1"),
        Fact(
            "padding of the 3x3 filters",
            "section 3.3.1",
            "we add a 1-pixel border of zero-padding in the input data to 3x3 filters of expand modules",
            TRANSCRIPTION,
        ),
        Fact(
            "rectifiers after both layers of a module",
            "section 3.3.1",
            "ReLU (Nair & Hinton, 2010) is applied to activations from squeeze and expand layers.",
            TRANSCRIPTION,
        ),
        Fact(
            "the widths of all modules follow from five numbers",
            "section 5.1",
            "Specifically, SqueezeNet has the following metaparameters: basee = 128, incre = 128, pct3x3 = 0.5, "
            "freq = 2, and SR = 0.125.",
            TRANSCRIPTION,
        ),
        Fact(
            "1.0: conv1 has 96 filters of 7x7 with stride 2", f"table 1; {REPOSITORY}, SqueezeNet_v1.0/deploy.prototxt"
        ),
        Fact(
            "1.1: smaller filters in conv1, pooling earlier",
            V1_1,
            "Compared to v1.0, this version has two main changes: 1. Fewer and smaller filters in conv1 layer. "
            '2. Pooling/downsampling layers are placed "earlier" in the network.',
            V1_1,
        ),
        Fact("1.1: 64 filters of 3x3 in conv1; pooling after conv1, fire3, fire5 and conv10", V1_1),
        Fact(
            "1.1 is cheaper; multiply-accumulates fall to 1 / 2.35 at 224x224 and to 1 / 2.15 at 227x227",
            f"{REPOSITORY}, README.md",
            "SqueezeNet v1.1 (in this repo), which requires 2.4x less computation than SqueezeNet v1.0 without "
            "diminshing accuracy.",
            "copies of that README in public repositories",
        ),
    ),
    open=(
        Open(
            "the input: 224 in table 1, whose maps of 111 need 227 or padding; 227 in the repository",
            "227, with no padding of conv1",
            ("Conv.pads",),
            ("conv1",),
            sizes_stated=True,
        ),
        Open(
            "whether a last window of pooling reaches over the edge: at 227 none would",
            "it does, as in Caffe",
            ("MaxPool.ceil_mode", "MaxPool.pads"),
            sizes_stated=True,
        ),
        Open(
            "padding of conv10, whose 1x1 filters need none: the repository's 1.0 has 1 pixel",
            "none",
            ("Conv.pads",),
            ("conv2",),
            sizes_stated=True,
        ),
        Open(
            "a rectifier after conv1 and conv10",
            "it is there, as in the repository",
            ("Activation.layer",),
            ("relu1", "relu2"),
        ),
    ),
)
