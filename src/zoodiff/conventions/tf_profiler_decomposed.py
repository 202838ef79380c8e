"""What TensorFlow's profiler says (float_ops) where batch normalization is plain arithmetic: 2 per multiplication.

As tf-profiler, and batch normalization counts as the arithmetic that `tf.nn.batch_normalization` makes of it: a
multiplication and an addition per element, and for each channel a reciprocal root (2), two additions or subtractions
and two multiplications, one less without a scale (a constant of ones, where its data are kept). Keras 3 makes such
networks. The same network in Keras 2 has one operator
in its place and counts less: by 0.2 % (ResNet50V2) or 2.2 % (MobileNetV2).

Source: https://github.com/tensorflow/tensorflow/blob/v2.20.0/tensorflow/python/profiler/internal/flops_registry.py and
tensorflow/python/ops/nn_impl.py (batch_normalization).
"""

from __future__ import annotations

from zoodiff.conventions._sum import size
from zoodiff.conventions._tensorflow import profiled
from zoodiff.measuring.count import Counts
from zoodiff.record import Constant, Graph, Node, Unmeasured


def count(graph: Graph, counts: Counts) -> int | Unmeasured:
    """The sum of the profiler's rules; batch normalization is 2 per element, and 6 or 5 per channel."""
    return profiled(graph, batch_normalization)


def batch_normalization(node: Node, graph: Graph) -> int:
    """2 per element; 6 per channel, 5 where the scale is a constant of ones: a layer that has none."""
    scale = graph.constants.get(node.inputs[1])
    channels = size(graph, node.inputs[1])
    return 2 * size(graph, node.outputs[0]) + (5 if scale is not None and _ones(scale, channels) else 6) * channels


def _ones(scale: Constant, channels: int) -> bool:
    """Whether a scale is known to be all ones; only one that repeats itself is looked at as numbers."""
    stored = scale.stored
    if not stored or stored != stored[: len(stored) // channels] * channels:
        return False
    return scale.data is not None and bool((scale.data == 1).all())
