"""Turn an image into a network's input, step by step as a model's record states it."""

from __future__ import annotations

import io
import math
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Final, Literal

import msgspec
import numpy as np

from zoodiff.fault import Refusal
from zoodiff.record import Preprocessing, Unmeasured

Array = np.ndarray[Any, Any]
Library = Literal["pillow", "opencv", "tensorflow", "tensorflow-1"]

PIXELS: Final = 100_000_000
"""the most that one image may have; the largest of ImageNet's validation set has 22 million"""
FORMATS: Final = ("JPEG", "PNG", "WEBP", "BMP", "PPM", "TIFF", "MPO", "GIF")
MARGIN: Final = 0.875
"""the part of the shorter side that a centre crop keeps where nothing is stated: 224 of 256 (Krizhevsky et al. 2012)"""


class Broken(Exception):
    """An image that cannot be decoded, with the reason."""


class Pipeline(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every step from pixels to a network's input, none left open; fields are in the order of the steps."""

    fraction: float | None = None
    """central part that is kept before resizing"""
    square: bool = False
    """whether that part is a square of this fraction of the shorter side, or this fraction of both sides"""
    resize: tuple[int, ...] | None = None
    """one number: the shorter side; two: height and width whatever the aspect ratio"""
    interpolation: str = "bilinear"
    library: Library = "pillow"
    """whose resampling: Pillow averages over all pixels that it shrinks (antialias), OpenCV and TensorFlow do not;
    `tensorflow-1` also counts pixels from their corner, as the first version does"""
    crop: tuple[int, int] | None = None
    """centre crop, height and width"""
    channels: Literal["RGB", "BGR"] = "RGB"
    scale: tuple[float, float] = (0.0, 1.0)
    """the range to which 0..255 is mapped"""
    mean: tuple[float, ...] | None = None
    """subtracted after that, in the order of the network's channels"""
    std: tuple[float, ...] | None = None
    layout: Literal["NCHW", "NHWC"] = "NCHW"

    def words(self) -> str:
        """The steps in one line."""
        steps = []
        if self.fraction is not None:
            steps.append(f"central {self.fraction:g}{' of the shorter side' if self.square else ''}")
        if self.resize is not None:
            how = f"shorter side to {self.resize[0]}" if len(self.resize) == 1 else f"squash to {_times(self.resize)}"
            steps.append(f"{how} ({self.library} {self.interpolation})")
        if self.crop is not None:
            steps.append(f"centre crop {_times(self.crop)}")
        steps.append(f"{self.channels} in {self.scale[0]:g}..{self.scale[1]:g}")
        if self.mean is not None:
            steps.append(f"mean {_list(self.mean)}")
        if self.std is not None:
            steps.append(f"std {_list(self.std)}")
        return ", ".join([*steps, self.layout])


def _times(size: tuple[int, ...]) -> str:
    return "x".join(map(str, size))


def _list(values: tuple[float, ...]) -> str:
    return "/".join(f"{value:g}" for value in values)


def complete(stated: Preprocessing | Unmeasured, shape: tuple[int | None, ...]) -> tuple[Pipeline, tuple[str, ...]]:
    """A pipeline for an input of this shape, and what of it the record does not state, in words.

    `shape` has four dimensions; where its height and width are free, the record's crop or resize says them, else 224.
    Raises Refusal where the shape is no picture's, or is at odds with the record.
    """
    layout = layout_of(shape)
    assumed: list[str] = []
    if isinstance(stated, Unmeasured):
        assumed.append(f"all of it ({stated.reason})")
        stated = Preprocessing()
    if stated.layout not in (None, layout):
        assumed.append(f"layout (stated: {stated.layout}; taken: {layout}, as the network's input has it)")
    size = _size(stated, shape, layout)
    crop, resize = stated.crop, stated.resize
    if resize is None and crop is None and stated.crop_fraction is None:
        resize, crop = (math.floor(min(size) / MARGIN),), size
        assumed.append(f"resize and crop (taken: shorter side to {resize[0]}, centre crop {_times(size)})")
    elif stated.crop_fraction is not None and resize is None:
        resize = size
    elif crop is None and (resize is None or len(resize) == 1):
        crop = size
    for name, taken in (("interpolation", "bilinear"), ("channel_order", "RGB"), ("scale", "0..1")):
        if getattr(stated, name) is None:
            assumed.append(f"{name.replace('_', ' ')} (taken: {taken})")
    if resize is not None and stated.antialias is None:
        assumed.append("antialias (taken: Pillow's)")
    pipeline = Pipeline(
        fraction=stated.crop_fraction,
        square=stated.crop_square,
        resize=resize,
        interpolation=stated.interpolation or "bilinear",
        library="pillow"
        if stated.antialias is not False
        else "tensorflow-1"
        if stated.half_pixel is False
        else "tensorflow",
        crop=crop,
        channels="BGR" if stated.channel_order == "BGR" else "RGB",
        scale=stated.scale or (0.0, 1.0),
        mean=stated.mean,
        std=stated.std,
        layout=layout,
    )
    if result(pipeline) not in (None, size):
        raise Refusal(
            f"the record's preprocessing makes {_times(result(pipeline) or ())}, and the network takes {_times(size)}",
            "Is it the model that the record is about? --like names another.",
        )
    return pipeline, tuple(assumed)


def layout_of(shape: tuple[int | None, ...]) -> Literal["NCHW", "NHWC"]:
    """Where the three channels of an input are. Raises Refusal where it is no picture's."""
    if len(shape) == 4 and shape[1] == 3:
        return "NCHW"
    if len(shape) == 4 and shape[3] == 3:
        return "NHWC"
    raise Refusal(f"the network's input is {shape}, not a batch of pictures with three channels")


def result(pipeline: Pipeline) -> tuple[int, ...] | None:
    """Height and width of what comes out; None where they depend on the image."""
    if pipeline.crop is not None:
        return pipeline.crop
    return pipeline.resize if pipeline.resize is not None and len(pipeline.resize) == 2 else None


def _size(stated: Preprocessing, shape: tuple[int | None, ...], layout: str) -> tuple[int, int]:
    height, width = shape[2:] if layout == "NCHW" else shape[1:3]
    if height is not None and width is not None:
        return height, width
    wanted = stated.crop or stated.resize or (224,)
    return wanted[0], wanted[-1]


def require(library: str = "pillow") -> None:
    """Raise Refusal unless what decodes and resizes is installed."""
    for module, package in (("PIL", "pillow"), ("cv2", "opencv-python-headless")):
        if (package == "pillow" or library == "opencv") and find_spec(module) is None:
            raise Refusal(f"{package} is not installed", f"pip install 'zoodiff[run]' {package}")


# ---------------------------------------------------------------- the steps


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
        array = _resized(image, size, pipeline)
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


# ---------------------------------------------------------------- resampling


def _resized(image: Any, size: tuple[int, int], pipeline: Pipeline) -> Array:
    kind = pipeline.interpolation.lower()
    known = INTERPOLATIONS[pipeline.library]
    if kind not in known:
        raise Refusal(f"{pipeline.library} has no interpolation {kind!r}", f"It has: {', '.join(known)}")
    if pipeline.library == "pillow":
        from PIL import Image

        return np.asarray(image.resize(size[::-1], Image.Resampling[kind.upper()]))
    if pipeline.library == "opencv":
        import cv2

        kinds = {"nearest": cv2.INTER_NEAREST, "bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}
        return np.asarray(cv2.resize(np.asarray(image), size[::-1], interpolation=kinds.get(kind, cv2.INTER_AREA)))
    half = pipeline.library == "tensorflow"
    array = np.asarray(image)
    return _along(_along(array, size[0], kind, half).swapaxes(0, 1), size[1], kind, half).swapaxes(0, 1)


INTERPOLATIONS: Final[dict[str, tuple[str, ...]]] = {
    "pillow": ("bilinear", "bicubic", "nearest", "lanczos", "box", "hamming"),
    "opencv": ("bilinear", "bicubic", "nearest", "area"),
    "tensorflow": ("bilinear", "bicubic", "nearest"),
    "tensorflow-1": ("bilinear", "nearest"),
}


def _along(array: Array, size: int, kind: str, half: bool) -> Array:
    """Resample the first axis without antialias, in float32."""
    index, weights = _taps(array.shape[0], size, kind, half)
    made = np.zeros((size, *array.shape[1:]), np.float32)
    for at, weight in zip(index.T, weights.T, strict=True):
        made += array[at] * weight[:, None, None]
    return made


@lru_cache(256)
def _taps(before: int, after: int, kind: str, half: bool) -> tuple[Array, Array]:
    """For each new pixel, the old ones and their weights.

    Where a new pixel looks: at (i + 0.5) * before / after - 0.5 (`half`), or at i * before / after, as TensorFlow 1
    does. Source of grids and of the cubic (Keys 1981, a = -0.5; weights outside the image are left out and the rest
    fills up): TensorFlow, tensorflow/core/kernels/image/resize_*_op.cc.
    """
    places = np.arange(after, dtype=np.float64)
    where = (places + 0.5) * before / after - 0.5 if half else places * before / after
    if kind == "nearest":
        index = np.floor(where + 0.5 if half else where)[:, None]
        weights = np.ones((after, 1))
    elif kind == "bilinear":
        index = np.floor(where)[:, None] + np.arange(2)
        weights = 1 - np.abs(where[:, None] - index)
    else:
        index = np.floor(where)[:, None] + np.arange(-1, 3)
        far = np.abs(where[:, None] - index)
        near = (1.5 * far - 2.5) * far * far + 1
        weights = np.where(far <= 1, near, ((-0.5 * far + 2.5) * far - 4) * far + 2)
        weights = np.where((index < 0) | (index >= before), 0, weights)
        weights /= weights.sum(1, keepdims=True)
    return np.clip(index, 0, before - 1).astype(np.intp), weights.astype(np.float32)
