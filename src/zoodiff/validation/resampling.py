"""Images at another size, as Pillow, OpenCV and both TensorFlows make them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, Literal

import numpy as np

from zoodiff.fault import Refusal

Array = np.ndarray[Any, Any]
Library = Literal["pillow", "opencv", "tensorflow", "tensorflow-1"]

INTERPOLATIONS: Final[dict[str, tuple[str, ...]]] = {
    "pillow": ("bilinear", "bicubic", "nearest", "lanczos", "box", "hamming"),
    "opencv": ("bilinear", "bicubic", "nearest", "area"),
    "tensorflow": ("bilinear", "bicubic", "nearest"),
    "tensorflow-1": ("bilinear", "nearest"),
}


def resized(image: Any, size: tuple[int, int], library: Library, interpolation: str) -> Array:
    """A Pillow image at this height and width: height x width x 3, uint8 or (TensorFlow's resizes) float32.

    Raises Refusal where the library has no such interpolation.
    """
    kind = interpolation.lower()
    known = INTERPOLATIONS[library]
    if kind not in known:
        raise Refusal(f"{library} has no interpolation {kind!r}", f"It has: {', '.join(known)}")
    if library == "pillow":
        from PIL import Image

        return np.asarray(image.resize(size[::-1], Image.Resampling[kind.upper()]))
    if library == "opencv":
        import cv2

        kinds = {"nearest": cv2.INTER_NEAREST, "bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC}
        return np.asarray(cv2.resize(np.asarray(image), size[::-1], interpolation=kinds.get(kind, cv2.INTER_AREA)))
    half = library == "tensorflow"
    array = np.asarray(image)
    return _along(_along(array, size[0], kind, half).swapaxes(0, 1), size[1], kind, half).swapaxes(0, 1)


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
