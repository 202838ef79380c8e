"""Every step from an image to a network's input, as a model's record states them, and what it leaves open."""

from __future__ import annotations

import math
from typing import Final, Literal

import msgspec

from zoodiff.fault import Refusal
from zoodiff.record import Preprocessing, Unmeasured
from zoodiff.validation.resampling import Library

MARGIN: Final = 0.875
"""the part of the shorter side that a centre crop keeps where nothing is stated: 224 of 256 (Krizhevsky et al. 2012)"""


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
