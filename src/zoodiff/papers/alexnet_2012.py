"""AlexNet, 2012: two columns on two GPUs, response normalization, overlapping pooling.

Krizhevsky, Sutskever and Hinton: "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012. Many
networks of the name are the single column of 2014 instead (see alexnet-2014): 64 kernels in the first layer for 96.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from zoodiff.papers._sketchpad import Sketchpad
from zoodiff.reading.paper import TRANSCRIPTION, Blueprint, Fact, Open, Paper, Printed

if TYPE_CHECKING:
    import onnx


def network(size: int) -> onnx.ModelProto:
    """Section 3.5: five convolutions, three fully-connected layers; groups are the two GPUs."""
    net = Sketchpad(size)
    net.conv(96, 11, 4, pad=2 if size == 224 else 0, bias=True).relu().lrn(5, 1e-4, 0.75, 2).max_pool(3, 2)
    net.conv(256, 5, group=2, bias=True).relu().lrn(5, 1e-4, 0.75, 2).max_pool(3, 2)
    net.conv(384, 3, bias=True).relu()
    net.conv(384, 3, group=2, bias=True).relu()
    net.conv(256, 3, group=2, bias=True).relu().max_pool(3, 2)
    net.fc(4096).relu()
    net.fc(4096).relu()
    return net.fc(1000).softmax().model()


VALIDATION = "ILSVRC-2012 validation, one network, mean of ten 224x224 patches"

PAPER = Paper(
    title="ImageNet Classification with Deep Convolutional Neural Networks",
    authors="Krizhevsky, Sutskever, Hinton",
    year=2012,
    url="https://papers.nips.cc/paper/4824",
    networks=(
        Blueprint(
            "alexnet-2012",
            network,
            ("alexnet",),
            sizes=(224, 227),
            printed=(
                Printed("params", Decimal("6E7"), "60 million parameters", "section 4"),
                Printed("acc@1", Decimal("59.3"), "40.7 % error", "table 2", VALIDATION),
                Printed("acc@5", Decimal("81.8"), "18.2 % error", "table 2", VALIDATION),
            ),
        ),
    ),
    facts=(
        Fact(
            "the first convolution has 96 kernels of 11x11 with stride 4",
            "section 3.5",
            "The first convolutional layer filters the 224×224×3 input image with 96 kernels of size 11×11×3 with a "
            "stride of 4 pixels",
            TRANSCRIPTION,
        ),
        Fact(
            "the second, fourth and fifth convolution read the half of the kernels on their own GPU: two groups",
            "section 3.5",
            "The kernels of the second, fourth, and fifth convolutional layers are connected only to those kernel maps "
            "in the previous layer which reside on the same GPU",
            TRANSCRIPTION,
        ),
        Fact(
            "widths 96, 256, 384, 384, 256 and 4096, 4096, 1000",
            "section 3.5",
            "The third convolutional layer has 384 kernels of size 3 × 3 × 256 connected to the (normalized, pooled) "
            "outputs of the second convolutional layer. The fourth convolutional layer has 384 kernels of size "
            "3 × 3 × 192 , and the fifth convolutional layer has 256 kernels of size 3 × 3 × 192. The fully-connected "
            "layers have 4096 neurons each.",
            TRANSCRIPTION,
        ),
        Fact(
            "response normalization follows the first two convolutions, pooling these and the fifth",
            "section 3.5",
            "Response-normalization layers follow the first and second convolutional layers. Max-pooling layers, of "
            "the kind described in Section 3.4, follow both response-normalization layers as well as the fifth "
            "convolutional layer.",
            TRANSCRIPTION,
        ),
        Fact(
            "its constants, in a formula that does not divide alpha by n (Caffe's and ONNX's do)",
            "section 3.3",
            "we used k = 2, n = 5, α = 10^−4 , and β = 0.75. We applied this normalization after applying the ReLU "
            "nonlinearity in certain layers",
            TRANSCRIPTION,
        ),
        Fact(
            "pooling overlaps",
            "section 3.4",
            "If we set s < z, we obtain overlapping pooling. This is what we use throughout our network, with s = 2 "
            "and z = 3.",
            TRANSCRIPTION,
        ),
        Fact(
            "figure 2 gives the first layer 253,440 neurons, which is 96 x 55 x 48; the maps of 27 x 27 in the second "
            "(186,624 neurons) need 96 x 55 x 55 = 290,400 in the first: the figure does not fit itself",
            "figure 2",
            "the number of neurons in the network’s remaining layers is given by "
            "253,440–186,624–64,896–64,896–43,264–4096–4096–1000",
            TRANSCRIPTION,
        ),
    ),
    open=(
        Open(
            "padding of the first layer: windows of 11 with stride 4 do not give the 55x55 maps on 224x224 without any",
            "2 pixels at 224; none at 227, the size at which later ports have the same maps",
            ("Conv.pads",),
            ("conv1",),
            sizes_stated=True,
        ),
        Open(
            "padding of the other layers, where figure 2 only shows the maps' sizes",
            "2, 1, 1, 1",
            ("Conv.pads",),
            sizes_stated=True,
        ),
        Open(
            "whether a last window of pooling may reach over the edge: here it never does",
            "no",
            ("MaxPool.ceil_mode",),
            sizes_stated=True,
        ),
    ),
)
