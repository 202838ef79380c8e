"""Each step from pixels to input against Pillow, TensorFlow's own numbers and closed forms."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pictures import TENSORFLOW, TORCHVISION, noise, pixels
from zoodiff.fault import Refusal
from zoodiff.validation import preprocess
from zoodiff.validation.pipeline import Pipeline, complete
from zoodiff.validation.preprocess import Broken, decode, normalise, prepare, reshape


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("fraction", TENSORFLOW["central"])
def test_the_central_part_is_tensorflows(fraction: str) -> None:
    shape, total = TENSORFLOW["central"][fraction]
    made = reshape(Image.fromarray(pixels()[1]), Pipeline(fraction=float(fraction)))
    assert (list(made.shape), int(made.sum())) == (shape, total)


def test_a_square_of_the_shorter_side() -> None:
    """By hand: 0.875 of 16 is 14, from row (16 - 14) / 2 and column (24 - 14) / 2."""
    image = noise(16, 24)
    made = reshape(image, Pipeline(fraction=0.875, square=True))
    assert (made == np.asarray(image)[1:15, 5:19]).all()


def test_torchvisions_steps_are_pillows_own() -> None:
    """Resize(256), CenterCrop(224), ToTensor, Normalize, written out with Pillow and numpy."""
    image = noise(300, 401)
    pipeline, assumed = complete(TORCHVISION, (None, 3, 224, 224))
    assert assumed == ()
    out = np.empty((3, 224, 224), np.float32)
    prepare(encoded(image), pipeline, out)
    resized = image.resize((342, 256), Image.Resampling.BILINEAR)  # int(256 * 401 / 300)
    cropped = np.asarray(resized.crop((59, 16, 283, 240)), np.float32)  # (342 - 224) / 2, (256 - 224) / 2
    mean, std = np.array(TORCHVISION.mean, np.float32), np.array(TORCHVISION.std, np.float32)
    wanted = ((cropped / 255 - mean) / std).transpose(2, 0, 1)
    assert np.abs(out - wanted).max() < 1e-5


def test_channels_scale_and_type() -> None:
    image = np.array([[[0, 128, 255]]], np.uint8)
    out = np.empty((1, 1, 3), np.float32)
    normalise(image, Pipeline(scale=(-1, 1), layout="NHWC"), out)
    assert out.ravel().tolist() == pytest.approx([-1, 2 * 128 / 255 - 1, 1], abs=1e-6)
    caffe = Pipeline(channels="BGR", scale=(0, 255), mean=(103.939, 116.779, 123.68), layout="NHWC")
    normalise(image, caffe, out)
    assert out.ravel().tolist() == pytest.approx([255 - 103.939, 128 - 116.779, -123.68])
    for kind, zero in ((np.uint8, 128), (np.int8, 0)):  # 2 * 128 / 255 - 1 is half a step above zero; 1 is cut off
        whole = np.empty((1, 1, 3), kind)
        normalise(image, Pipeline(scale=(-1, 1), layout="NHWC"), whole, (1 / 128, zero))
        assert whole.ravel().tolist() == [zero - 128, zero + 1, zero + 127]
    half = np.empty((1, 1, 3), np.float16)
    normalise(image, Pipeline(layout="NHWC"), half)
    assert half.ravel().tolist() == pytest.approx([0, 128 / 255, 1], abs=1e-3)


def test_an_image_smaller_than_its_crop_gets_a_black_margin() -> None:
    made = reshape(Image.new("RGB", (4, 3), "white"), Pipeline(crop=(5, 6)))
    assert made.shape == (5, 6, 3)
    assert made[1:4, 1:5].min() == 255
    assert made.sum() == 12 * 3 * 255


def test_pictures_that_are_not_rgb() -> None:
    for kind in ("L", "CMYK", "P", "RGBA"):
        image = decode(encoded(Image.new(kind, (3, 2)), "TIFF"))
        assert (image.mode, image.size) == ("RGB", (3, 2))


def test_what_is_broken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = encoded(noise(50, 50), "JPEG")
    for data in (b"", b"no image", whole[: len(whole) // 2], encoded(noise(9, 9))[:80]):
        with pytest.raises(Broken, match=r"\w"):
            decode(data)
    monkeypatch.setattr(preprocess, "PIXELS", 2000)
    with pytest.raises(Broken, match="50 x 50 pixels"):
        decode(whole)


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preprocess, "find_spec", lambda _: None)
    with pytest.raises(Refusal, match=r"pip install 'zoodiff\[run\]'"):
        preprocess.require()


def test_photographs_are_decoded_as_they_are(evidence: Path) -> None:
    name = "000b7d55b6184b08.jpg"
    assert decode((evidence / "photos" / name).read_bytes()).size == (299, 299)
