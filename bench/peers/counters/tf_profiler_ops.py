# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "tensorflow-cpu==2.20.*",
#   "keras==3.15.1",
# ]
# [tool.zoodiff]
# version-of = "tensorflow-cpu"
# without-dependencies = []
# from-source = []
# disk-mb = 1800
# ///
"""TensorFlow's profiler (tf.compat.v1.profiler, float_operation) on a frozen graph of Keras's own network."""

from __future__ import annotations

from typing import Any

NAME = "TensorFlow's profiler"
READS = "keras"
PER_MAC = 2
CONVENTION = "tf-profiler-decomposed"
NOTE = (
    "Adds biases, normalization, shortcuts and pooling; activations count as 0. Without published weights Keras's "
    "EfficientNetB0 lacks a rescaling of the image that the bundled graph has: 2 x 3 x 224 x 224 operations."
)


def prove() -> None:
    """Raise unless a small convolution counts as what it is."""
    import keras

    layer = keras.layers.Conv2D(4, 3, use_bias=False)
    said = count(keras.Sequential([keras.Input((8, 8, 3)), layer]), (1, 8, 8, 3))
    if said != PER_MAC * 4 * 6 * 6 * 3 * 3 * 3:
        raise RuntimeError(f"a convolution of 3,888 multiply-accumulates counts as {said}")


def count(model: Any, shape: tuple[int, ...]) -> int:
    """Total float operations."""
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    call = tf.function(lambda image: model(image, training=False))
    frozen = convert_variables_to_constants_v2(call.get_concrete_function(tf.TensorSpec(shape, tf.float32)))
    options = {**tf.compat.v1.profiler.ProfileOptionBuilder.float_operation(), "output": "none"}
    return int(tf.compat.v1.profiler.profile(frozen.graph, options=options).total_float_ops)
