"""AlexNet, 2014: one column with fewer kernels, from "One weird trick".

Krizhevsky: "One weird trick for parallelizing convolutional neural networks", arXiv 1404.5997. It calls its network a
minor variation of the one of 2012 (see alexnet-2012). Its list of widths does not fit its own count of parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoodiff.papers._sketchpad import Sketchpad
from zoodiff.reading.paper import TRANSCRIPTION, Blueprint, Fact, Open, Paper

if TYPE_CHECKING:
    import onnx


def network(size: int) -> onnx.ModelProto:
    """Section 5 and its footnote: the network of 2012 in one column."""
    net = Sketchpad(size)
    net.conv(64, 11, 4, pad=2 if size == 224 else 0, bias=True).relu().lrn(5, 1e-4, 0.75, 2).max_pool(3, 2)
    net.conv(192, 5, bias=True).relu().lrn(5, 1e-4, 0.75, 2).max_pool(3, 2)
    net.conv(384, 3, bias=True).relu()
    net.conv(384, 3, bias=True).relu()
    net.conv(256, 3, bias=True).relu().max_pool(3, 2)
    net.fc(4096).relu()
    net.fc(4096).relu()
    return net.fc(1000).model()


PAPER = Paper(
    title="One weird trick for parallelizing convolutional neural networks",
    authors="Krizhevsky",
    year=2014,
    url="https://arxiv.org/abs/1404.5997",
    networks=(
        Blueprint(
            "alexnet-2014",
            network,
            ("alexnet",),
            sizes=(224, 227),
        ),
    ),
    facts=(
        Fact(
            "one column, otherwise as in 2012",
            "section 5",
            "It has the same number of layers as the two-tower model, and the (x, y) map dimensions in each layer are "
            "equivalent to the (x, y) map dimensions in the two-tower model.",
            TRANSCRIPTION,
        ),
        Fact(
            "the widths of the convolutions",
            "section 5, footnote",
            "In detail, the single-column model has 64, 192, 384, 384, 256 filters in the five convolutional layers, "
            "respectively",
            TRANSCRIPTION,
        ),
        Fact(
            "the differences from 2012 that it lists leave the response normalization where it was",
            "section 5",
        ),
        Fact(
            "neither fits those widths, which make 1.4 % more parameters and more multiplications; with 256 "
            "kernels in the fourth convolution the parameters fit",
            "section 5",
            "This model has 0.2% more parameters and 2.4% fewer connections than the two-tower model.",
            TRANSCRIPTION,
        ),
    ),
    open=(
        Open(
            "padding of the first layer: windows of 11 with stride 4 do not give the maps of 2012 on 224x224 without",
            "2 pixels at 224; none at 227",
            ("Conv.pads",),
            ("conv1",),
            sizes_stated=True,
        ),
        Open("padding of the other layers", "2, 1, 1, 1", ("Conv.pads",), sizes_stated=True),
        Open(
            "whether a last window of pooling may reach over the edge: here it never does",
            "no",
            ("MaxPool.ceil_mode",),
            sizes_stated=True,
        ),
        Open(
            "what follows the scores in use: in training it is 1000 independent logistic units",
            "nothing",
            ("Softmax.layer",),
        ),
    ),
)
