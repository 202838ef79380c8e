"""Turn an image into a network's input, step by step as its pipeline says."""

from __future__ import annotations

import io
from importlib.util import find_spec
from typing import Any, Final

import numpy as np

from zoodiff.fault import Refusal
from zoodiff.validation.pipeline import Pipeline
from zoodiff.validation.resampling import resized

Array = np.ndarray[Any, Any]

PIXELS: Final = 100_000_000
"""the most that one image may have; the largest of ImageNet's validation set has 22 million"""
FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "PPM", "TIFF", "MPO", "GIF")


class Broken(Exception):
    """An image that cannot be decoded, with the reason."""


def require(library: str = "pillow") -> None:
    """Raise Refusal unless what decodes and resizes is installed."""
    for module, package in (("PIL", "pillow"), ("cv2", "opencv-python-headless")):
        if (package == "pillow" or library == "opencv") and find_spec(module) is None:
            raise Refusal(f"{package} is not installed", f"pip install 'zoodiff[run]' {package}")


def prepare(data: bytes, pipeline: Pipeline, out: Array, quantisation: tuple[float, int] | None = None) -> None:
    """Write the network's input for an image's file into `out`, of the input's shape without the batch, and its type.

    `quantisation` is scale and zero point of an integer input: q = round(x / scale) + zero point (Jacob et al. 2018,
    arXiv 1712.05877, equation 1). Raises Broken where the image cannot be decoded.
    """
    normalise(reshape(decode(data), pipeline), pipeline, out, quantisation)


def decode(data: bytes) -> Any:
    """A Pillow image in RGB, as its file has it (an orientation stated in EXIF is not applied: no zoo does)."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > PIXELS:
                raise Broken(f"it has {image.width:,} x {image.height:,} pixels")
            return image.convert("RGB")
    except Broken:
        raise
    except Exception as error:  # decoders fail in many ways on damaged files
        raise Broken(f"{type(error).__name__}: {error}"[:200]) from None


def reshape(image: Any, pipeline: Pipeline) -> Array:
    """Central part, resize and crop of a Pillow image: height x width x 3, uint8 or (TensorFlow's resizes) float32."""
    if pipeline.fraction is not None:
        image = image.crop(_central(image.size, pipeline.fraction, pipeline.square))
    if pipeline.resize is not None:
        width, height = image.size
        if len(pipeline.resize) == 2:
            size = (pipeline.resize[0], pipeline.resize[1])
        else:
            size = _shorter(height, width, pipeline.resize[0], rounded=pipeline.library.startswith("tensorflow"))
        array = resized(image, size, pipeline.library, pipeline.interpolation)
    else:
        array = np.asarray(image)
    return array if pipeline.crop is None else _cropped(array, pipeline.crop)


def normalise(array: Array, pipeline: Pipeline, out: Array, quantisation: tuple[float, int] | None = None) -> None:
    """Channel order, range, mean and std, layout and type of pixels, into `out`."""
    if pipeline.channels == "BGR":
        array = array[..., ::-1]
    low, high = pipeline.scale
    mean, std = np.array(pipeline.mean or (0.0,) * 3), np.array(pipeline.std or (1.0,) * 3)
    factor, shift = ((high - low) / 255 / std).astype(np.float32), ((low - mean) / std).astype(np.float32)
    if pipeline.layout == "NCHW":
        array, factor, shift = array.transpose(2, 0, 1), factor[:, None, None], shift[:, None, None]
    if array.shape != out.shape:
        raise Broken(f"it becomes {array.shape}, and the network takes {out.shape}")
    values = out if out.dtype == np.float32 else np.empty(out.shape, np.float32)
    np.multiply(array, factor, out=values)
    np.add(values, shift, out=values)
    if values is out:
        return
    if out.dtype.kind in "ui":
        step, zero = quantisation or (1.0, 0)
        limits = np.iinfo(out.dtype)
        values = np.clip(np.rint(values / np.float32(step) + zero), limits.min, limits.max)
    out[...] = values


def _central(size: tuple[int, int], fraction: float, square: bool) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the central part.

    Sources: `tf.image.central_crop` (both sides), `center_crop_image` of the TensorFlow Model Garden's
    official/vision/ops/preprocess_ops.py (square).
    """
    width, height = size
    if square:
        side = int(fraction * min(size))
        left, top = (int((full - fraction * min(size)) / 2) for full in size)
        return left, top, left + side, top + side
    left, top = (int((full - full * fraction) / 2) for full in size)
    return left, top, width - left, height - top


def _shorter(height: int, width: int, side: int, rounded: bool) -> tuple[int, int]:
    """Height and width with the shorter side at `side`: the longer one cut off (torchvision's `Resize`) or rounded."""
    longer = side * max(height, width) / min(height, width)
    other = round(longer) if rounded else int(longer)
    return (side, other) if height <= width else (other, side)


def _cropped(array: Array, size: tuple[int, int]) -> Array:
    """The centre; an image that is too small gets a black margin (torchvision's `center_crop`)."""
    height, width = array.shape[:2]
    if height < size[0] or width < size[1]:
        lacking = [max(0, size[0] - height), max(0, size[1] - width)]
        more = [(lack // 2, (lack + 1) // 2) for lack in lacking]
        array = np.pad(array, [*more, (0, 0)])
        height, width = array.shape[:2]
    top, left = round((height - size[0]) / 2), round((width - size[1]) / 2)
    return array[top : top + size[0], left : left + size[1]]
