"""Build a network layer by layer, so that a paper's file reads like the paper's table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import onnx

IR, OPSET = 8, 17

Shape = tuple[int, ...]


class Sketchpad:
    """A network in the making: each method puts a layer on the tensor `here`, which is then the layer's output.

    Padding is given by pixels on all sides; by default it keeps the map's size where the stride is 1. Names are counted
    (`conv1`, `conv2`), inside `within` after the block's name (`conv2_1/conv1`).
    """

    def __init__(self, size: int, channels: int = 3) -> None:
        self.here = "image"
        self._shapes: dict[str, Shape] = {self.here: (channels, size, size)}
        self._nodes: list[tuple[str, list[str], str, dict[str, Any]]] = []
        self._weights: dict[str, Shape] = {}
        self._numbers: dict[str, float] = {}
        self._block = ""

    @property
    def channels(self) -> int:
        """Channels of the tensor `here`."""
        return self._shapes[self.here][0]

    @contextmanager
    def within(self, block: str) -> Iterator[None]:
        """Name the layers made meanwhile after a block."""
        before, self._block = self._block, f"{self._block}{block}/"
        yield
        self._block = before

    def at(self, tensor: str) -> Sketchpad:
        """Go on from another tensor."""
        self.here = tensor
        return self

    # ------------------------------------------------------------ layers

    def conv(
        self,
        width: int,
        kernel: int,
        stride: int = 1,
        *,
        pad: int | None = None,
        group: int = 1,
        bias: bool = False,
    ) -> Sketchpad:
        """A convolution with `width` square kernels."""
        pad = (kernel - 1) // 2 if pad is None else pad
        name = self._name("conv")
        weights = {"weight": (width, self.channels // group, kernel, kernel)} | ({"bias": (width,)} if bias else {})
        attributes = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [pad] * 4, "group": group}
        return self._layer("Conv", name, (width, *self._windows(kernel, stride, pad)), attributes, weights)

    def depthwise(self, kernel: int, stride: int = 1) -> Sketchpad:
        """A convolution of each channel by itself."""
        return self.conv(self.channels, kernel, stride, group=self.channels)

    def norm(self) -> Sketchpad:
        """Batch normalization."""
        weights = dict.fromkeys(("scale", "shift", "mean", "variance"), (self.channels,))
        return self._layer("BatchNormalization", self._name("bn"), self._shapes[self.here], {}, weights)

    def lrn(self, size: int, alpha: float, beta: float, k: float) -> Sketchpad:
        """Local response normalization across channels: x / (k + alpha * sum of squares) ** beta.

        ONNX divides its alpha by the number of channels that are summed; this one is not divided.
        """
        attributes = {"size": size, "alpha": alpha * size, "beta": beta, "bias": k}
        return self._layer("LRN", self._name("lrn"), self._shapes[self.here], attributes)

    def relu(self) -> Sketchpad:
        """A rectifier."""
        return self._layer("Relu", self._name("relu"), self._shapes[self.here])

    def relu6(self) -> Sketchpad:
        """A rectifier that ends at 6."""
        self._numbers = {"zero": 0.0, "six": 6.0}
        return self._layer("Clip", self._name("relu"), self._shapes[self.here], others=["zero", "six"])

    def max_pool(self, kernel: int, stride: int, *, pad: int = 0, ceil: bool = False) -> Sketchpad:
        """Pooling by the largest; with `ceil` windows at the end may reach over the map's edge."""
        attributes = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [pad] * 4, "ceil_mode": int(ceil)}
        shape = (self.channels, *self._windows(kernel, stride, pad, ceil=ceil))
        return self._layer("MaxPool", self._name("pool"), shape, attributes)

    def average_pool(self, kernel: int, stride: int) -> Sketchpad:
        """Pooling by the mean."""
        attributes = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2}
        shape = (self.channels, *self._windows(kernel, stride, 0))
        return self._layer("AveragePool", self._name("pool"), shape, attributes)

    def global_average_pool(self) -> Sketchpad:
        """The mean of every map."""
        return self._layer("GlobalAveragePool", self._name("pool"), (self.channels, 1, 1))

    def add(self, *others: str) -> Sketchpad:
        """The sum with other tensors."""
        return self._layer("Add", self._name("add"), self._shapes[self.here], others=others)

    def concat(self, *tensors: str) -> Sketchpad:
        """Tensors side by side, in channels."""
        self.here = tensors[0]
        width = sum(self._shapes[tensor][0] for tensor in tensors)
        return self._layer(
            "Concat", self._name("concat"), (width, *self._shapes[self.here][1:]), {"axis": 1}, others=tensors[1:]
        )

    def fc(self, width: int) -> Sketchpad:
        """A fully-connected layer with biases, on all values of the tensor."""
        shape = self._shapes[self.here]
        features = 1
        for dimension in shape:
            features *= dimension
        if len(shape) > 1:
            self._layer("Flatten", self._name("flat"), (features,))
        weights = {"weight": (width, features), "bias": (width,)}
        return self._layer("Gemm", self._name("fc"), (width,), {"transB": 1}, weights)

    def flatten(self) -> Sketchpad:
        """One row of values of a tensor whose maps have one pixel."""
        return self._layer("Flatten", self._name("flat"), (self.channels,))

    def softmax(self) -> Sketchpad:
        """Probabilities of the classes."""
        return self._layer("Softmax", self._name("softmax"), self._shapes[self.here], {"axis": 1})

    # ------------------------------------------------------------ the network

    def model(self, *outputs: str) -> onnx.ModelProto:
        """The network as ONNX, with the tensor `here` (or these) as output, and weights by their dimensions alone."""
        import onnx
        from onnx import TensorProto, helper

        graph = helper.make_graph(
            [helper.make_node(op, inputs, [name], **attributes) for op, inputs, name, attributes in self._nodes],
            "network",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, (1, *self._shapes["image"]))],
            [onnx.ValueInfoProto(name=name) for name in outputs or (self.here,)],
        )
        for name, dims in self._weights.items():
            graph.initializer.append(TensorProto(name=name, data_type=TensorProto.FLOAT, dims=dims))
        for name, number in self._numbers.items():
            graph.initializer.append(TensorProto(name=name, data_type=TensorProto.FLOAT, float_data=[number]))
        made: onnx.ModelProto = helper.make_model(graph, ir_version=IR, opset_imports=[helper.make_opsetid("", OPSET)])
        return made

    def _layer(
        self,
        op: str,
        name: str,
        shape: Shape,
        attributes: dict[str, Any] | None = None,
        weights: Mapping[str, Shape] | None = None,
        others: Sequence[str] = (),
    ) -> Sketchpad:
        named = {f"{name}.{part}": dims for part, dims in (weights or {}).items()}
        self._weights |= named
        self._nodes.append((op, [self.here, *others, *named], name, attributes or {}))
        self._shapes[name] = shape
        self.here = name
        return self

    def _name(self, kind: str) -> str:
        number = 1
        while f"{self._block}{kind}{number}" in self._shapes:
            number += 1
        return f"{self._block}{kind}{number}"

    def _windows(self, kernel: int, stride: int, pad: int, *, ceil: bool = False) -> tuple[int, int]:
        """How many windows fit on the map; with `ceil` one more where pixels are left over."""
        _, height, width = self._shapes[self.here]
        more = stride - 1 if ceil else 0
        return (
            (height + 2 * pad - kernel + more) // stride + 1,
            (width + 2 * pad - kernel + more) // stride + 1,
        )
