"""The ways in which people prepare images otherwise than a model's authors did: one step of a pipeline changed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Final

import msgspec

from zoodiff.validation.pipeline import MARGIN, Pipeline
from zoodiff.validation.resampling import INTERPOLATIONS, Library

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""of RGB in 0..1; torchvision, Gluon and Keras's mode `torch`"""
CAFFE_MEAN = (123.68, 116.779, 103.939)
"""of RGB in 0..255; Caffe's models and Keras's mode `caffe`"""

RANGES: Final[tuple[tuple[tuple[float, float], tuple[float, ...] | None, tuple[float, ...] | None], ...]] = (
    ((0, 1), IMAGENET_MEAN, IMAGENET_STD),
    ((-1, 1), None, None),
    ((0, 1), None, None),
    ((0, 255), None, None),
    ((0, 255), CAFFE_MEAN, None),
)
"""Ranges, means and deviations in use, in the order of RGB.

Sources: torchvision.transforms (ImageClassification), keras/src/applications/imagenet_utils.py (its three modes), and
networks that normalise by themselves or not at all.
"""
STEPS: Final = ("colours", "geometry", "resampling")
"""what is varied, one after the other: the larger effects first"""


@dataclass(frozen=True)
class Variant:
    """A pipeline and in what it differs from the one that the search began with."""

    pipeline: Pipeline
    changed: tuple[str, ...] = ()


def variants(step: str, base: Variant, start: Pipeline, size: tuple[int, int]) -> Iterator[Variant]:
    """The base with one step varied, the base first; `size` is height and width of the network's input."""
    kinds = {"colours": lambda: _colours(start), "geometry": lambda: _geometry(size), "resampling": _resampling}
    seen = {base.pipeline}
    yield base
    for change in kinds[step]():
        pipeline = msgspec.structs.replace(base.pipeline, **change)
        if pipeline not in seen:
            seen.add(pipeline)
            yield Variant(pipeline, differences(start, pipeline))


def differences(start: Pipeline, other: Pipeline) -> tuple[str, ...]:
    """In words, what of a pipeline is otherwise than at the start."""
    words: list[str] = []
    if other.channels != start.channels:
        words.append(other.channels)
    if (other.scale, other.mean, other.std) != (start.scale, start.mean, start.std):
        words.append(_range(other))
    if _shape(other) != _shape(start):
        words.append(_framing(other))
    if (other.library, other.interpolation) != (start.library, start.interpolation):
        words.append(f"{other.library} {other.interpolation}")
    return tuple(words)


def _range(pipeline: Pipeline) -> str:
    low, high = pipeline.scale
    mean = f" less the mean {'/'.join(f'{m:g}' for m in pipeline.mean)}" if pipeline.mean else ""
    std = f" over {'/'.join(f'{s:g}' for s in pipeline.std)}" if pipeline.std else ""
    return f"{low:g}..{high:g}{mean}{std}"


def _shape(pipeline: Pipeline) -> tuple[Any, ...]:
    return pipeline.fraction, pipeline.square, pipeline.resize, pipeline.crop


def _framing(pipeline: Pipeline) -> str:
    if pipeline.fraction is not None:
        part = "square of the shorter side" if pipeline.square else "part of both sides"
        return f"central {pipeline.fraction:g} ({part}), then squashed"
    if pipeline.resize is None:
        return "cropped without a resize"
    if len(pipeline.resize) == 2:
        return "squashed" + (" without a crop" if pipeline.crop in (None, pipeline.resize) else ", then cropped")
    if pipeline.crop and pipeline.resize[0] == min(pipeline.crop):
        return f"shorter side to {pipeline.resize[0]}, no margin"
    return f"shorter side to {pipeline.resize[0]}, centre crop"


def _colours(start: Pipeline) -> Iterator[dict[str, Any]]:
    """Channel order by range; means and deviations are in the order of the network's channels."""
    for channels in (start.channels, "RGB", "BGR"):
        turned = slice(None, None, 1 if channels == "RGB" else -1)
        for scale, mean, std in RANGES:
            yield {
                "channels": channels,
                "scale": scale,
                "mean": mean and mean[turned],
                "std": std and std[turned],
            }
        own = slice(None, None, 1 if channels == start.channels else -1)
        yield {
            "channels": channels,
            "scale": start.scale,
            "mean": start.mean and start.mean[own],
            "std": start.std and start.std[own],
        }


def _geometry(size: tuple[int, int]) -> Iterator[dict[str, Any]]:
    """Which part of the image is shown, and whether its sides keep their ratio."""
    plain: dict[str, Any] = {"fraction": None, "square": False, "crop": size}
    for shorter in dict.fromkeys((math.floor(min(size) / MARGIN), min(size), 256)):
        if shorter >= min(size):
            yield {**plain, "resize": (shorter,)}
    yield {**plain, "resize": size, "crop": None}
    yield {**plain, "resize": tuple(math.floor(side / MARGIN) for side in size)}
    for square in (False, True):
        yield {"fraction": MARGIN, "square": square, "resize": size, "crop": None}


def _resampling() -> Iterator[dict[str, Any]]:
    """Whose resize: the library decides whether all pixels count that are shrunk into one."""
    libraries: list[tuple[Library, tuple[str, ...]]] = [
        ("pillow", ("bilinear", "bicubic", "nearest", "lanczos")),
        ("opencv", ("bilinear", "area") if find_spec("cv2") else ()),
        ("tensorflow", INTERPOLATIONS["tensorflow"]),
        ("tensorflow-1", ("bilinear",)),
    ]
    for library, kinds in libraries:
        for kind in kinds:
            yield {"library": library, "interpolation": kind}
