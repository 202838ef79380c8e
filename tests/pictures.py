"""Pictures, labels and small networks made up for tests: a network that names the colour of a picture."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from zoodiff.record import Preprocessing

COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (255, 255, 0))
"""classes 0 to 5"""
THOUSAND = tuple((8 * (at // 32), 8 * (at % 32), 100) for at in range(1000))
"""colours for as many classes as ImageNet has"""
TENSORFLOW: dict[str, Any] = json.loads(Path(__file__).with_name("tensorflow_resizes.json").read_text())
"""what TensorFlow 2.21.0 makes of `pixels()`: tf.image.resize, and tf.compat.v1.image.resize_*"""
TORCHVISION = Preprocessing(
    resize=(256,),
    crop=(224, 224),
    interpolation="bilinear",
    antialias=True,
    channel_order="RGB",
    layout="NCHW",
    scale=(0.0, 1.0),
    mean=(0.485, 0.456, 0.406),
    std=(0.229, 0.224, 0.225),
)
"""how torchvision prepares pictures for most of its models"""


def picture(colour: tuple[int, ...], size: int = 16, seed: int | None = None) -> bytes:
    """A PNG of one colour, a little noisy with a seed."""
    noise = 0 if seed is None else np.random.default_rng(seed).integers(-9, 10, (size, size, 3))
    pixels = np.clip(np.full((size, size, 3), colour) + noise, 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def pixels() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Two small pictures of random pixels."""
    random = np.random.default_rng(7)
    return random.integers(0, 256, (5, 7, 3)).astype(np.uint8), random.integers(0, 256, (11, 14, 3)).astype(np.uint8)


def noise(height: int, width: int) -> Image.Image:
    """A picture of random pixels."""
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8))


def album(folder: Path, each: int = 4) -> Path:
    """An ImageFolder of the colours' classes, numbered, with so many pictures each."""
    for colour in range(len(COLOURS)):
        (folder / str(colour)).mkdir(parents=True)
        for at in range(each):
            (folder / str(colour) / f"{at}.png").write_bytes(picture(COLOURS[colour], 16, colour * each + at))
    return folder


def painter(
    path: Path,
    batch: int | None = None,
    background: bool = False,
    size: int = 8,
    wrong: bool = False,
    colours: tuple[tuple[int, ...], ...] = COLOURS,
) -> Path:
    """An ONNX file that names the colour of pictures in RGB from -1 to 1; `wrong`: it divides nought by nought.

    Scores are the products of a picture's mean colour with each class's, less half the square of the latter's length.
    """
    places = np.array(colours, np.float32) / 127.5 - 1
    weights, biases = places.T, -0.5 * (places**2).sum(1)
    if background:
        weights = np.concatenate([np.zeros((3, 1), np.float32), weights], 1)
        biases = np.concatenate([[-99], biases])
    nodes = [
        helper.make_node("GlobalAveragePool", ["x"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Gemm", ["f", "w", "b"], ["g"]),
        helper.make_node("Mul", ["g", "s"], ["m"]),
        helper.make_node("Div", ["m", "s"], ["y"]),
    ]
    constants = {
        "w": weights.astype(np.float32),
        "b": biases.astype(np.float32),
        "s": np.array([0 if wrong else 1], np.float32),
    }
    graph = helper.make_graph(
        nodes,
        "painter",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [batch or "N", 3, size, size])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [batch or "N", len(biases)])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, path)
    return path
