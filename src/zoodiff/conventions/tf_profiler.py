"""What TensorFlow's profiler says (float_ops) where batch normalization is one operator: 2 per multiplication.

Convolutions and matrix products: 2 per multiply-accumulate; a bias: 1 per output element. Pooling: the window's area
per output element; global average pooling: 1 per input element. Additions, multiplications, divisions, comparisons: 1
per output element. Sums: input less output elements. Softmax: 5, a reciprocal root: 2 per element. What it has no
statistics of is 0, without a word: batch normalization as one operator (FusedBatchNormV3), Relu and all other
activations but for the plain arithmetic in them, Einsum, resizing, padding, local response normalization.

So half of it is `macs` and a little more: biases, shortcuts, pooling. Half of it for Keras's ResNet50V2 is 3489.0 M,
the 3.49 G of the 2022 study. Keras 2 (tf_keras) makes such networks, and so does TF-Slim; Keras 3 does not: see
tf-profiler-decomposed.

Not re-created: what is inside a function that is still called (PartitionedCall: Keras 3's grouped convolutions), and
whatever has an unknown dimension, is 0 for the tool (2.7 % of Keras's ConvNeXtTiny, nearly all of MobileNetV3Small
with its input size left open). Here all is counted, as if the graph were inlined and its shapes known. A product of
more than two dimensions may be a batch product in TensorFlow or an Einsum: Unmeasured, as are operators that TensorFlow
does not have as one (LayerNormalization, Gelu, Attention).

Source: https://github.com/tensorflow/tensorflow/blob/v2.20.0/tensorflow/python/profiler/internal/flops_registry.py and
tensorflow/python/ops/nn_ops.py (Conv2D, DepthwiseConv2dNative, BiasAdd).
"""

from __future__ import annotations

from zoodiff.conventions._sum import nothing
from zoodiff.conventions._tensorflow import profiled
from zoodiff.measuring.count import Counts
from zoodiff.record import Graph, Unmeasured


def count(graph: Graph, counts: Counts) -> int | Unmeasured:
    """The sum of the profiler's rules; batch normalization is 0."""
    return profiled(graph, nothing)
