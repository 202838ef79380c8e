"""Each step from pixels to input against Pillow, OpenCV, TensorFlow's own numbers and closed forms."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from madeup import ROOT
from zoodiff.fault import Refusal
from zoodiff.reading import store
from zoodiff.record import Preprocessing, Unmeasured
from zoodiff.validation import preprocess
from zoodiff.validation.preprocess import Broken, Pipeline, complete, decode, normalise, prepare, reshape

TENSORFLOW: dict[str, Any] = json.loads((ROOT / "tests" / "tensorflow_resizes.json").read_text())
"""what TensorFlow 2.21.0 makes of the pixels below: tf.image.resize, and tf.compat.v1.image.resize_*"""
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


def pixels() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    random = np.random.default_rng(7)
    return random.integers(0, 256, (5, 7, 3)).astype(np.uint8), random.integers(0, 256, (11, 14, 3)).astype(np.uint8)


def noise(height: int, width: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8))


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    image.save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("name", [name for name in TENSORFLOW if name.startswith("tensorflow")])
def test_resizes_as_tensorflow_does(name: str) -> None:
    library, kind, _ = name.split()
    wanted = np.array(TENSORFLOW[name])
    pipeline = Pipeline(resize=wanted.shape, interpolation=kind, library=library)  # type: ignore[arg-type]
    made = reshape(Image.fromarray(pixels()[0]), pipeline)
    # TensorFlow reads the cubic's weights from a table of 1,024 places
    assert np.abs(made[:, :, 0] - wanted).max() < (0.1 if kind == "bicubic" else 0.01)


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


@pytest.mark.parametrize(("kind", "within"), [("nearest", 0.0), ("bilinear", 1.0), ("bicubic", 60.0)])
def test_opencv_is_half_pixel_without_antialias(kind: str, within: float) -> None:
    """OpenCV rounds to whole levels; its cubic has another coefficient (-0.75) and clips."""
    pytest.importorskip("cv2", reason="opencv-python-headless is not installed")
    image = noise(40, 60)
    made = reshape(image, Pipeline(resize=(20, 30), interpolation=kind, library="opencv"))
    ours = reshape(image, Pipeline(resize=(20, 30), interpolation=kind, library="tensorflow"))
    if kind == "nearest":  # OpenCV's nearest counts from the corner
        ours = reshape(image, Pipeline(resize=(20, 30), interpolation=kind, library="tensorflow-1"))
    assert made.dtype == np.uint8
    assert np.abs(made - ours).max() <= within + 0.51


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


def test_what_a_record_does_not_state_is_assumed_and_said() -> None:
    pipeline, assumed = complete(Preprocessing(layout="NHWC", channel_order="RGB", scale=(0, 255)), (1, 299, 299, 3))
    assert (pipeline.resize, pipeline.crop, pipeline.layout) == ((341,), (299, 299), "NHWC")
    assert any("resize and crop" in words for words in assumed)
    _, assumed = complete(Unmeasured("the README states none"), (1, 3, 224, 224))
    assert "the README states none" in assumed[0]
    assert complete(TORCHVISION, (None, 3, None, None))[0].crop == (224, 224)
    pipeline, assumed = complete(TORCHVISION, (None, 224, 224, 3))  # the same network, converted
    assert (pipeline.layout, len(assumed)) == ("NHWC", 1)
    assert "layout (stated: NCHW; taken: NHWC" in assumed[0]


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ((None, 3, 299, 299), "makes 224x224, and the network takes 299x299"),
        ((None, 1, 28, 28), "not a batch of pictures"),
        ((None, 1000), "not a batch of pictures"),
    ],
)
def test_a_network_at_odds_with_the_record_is_refused(shape: tuple[int | None, ...], told: str) -> None:
    with pytest.raises(Refusal, match=told):
        complete(TORCHVISION, shape)


def test_slim_and_official_resize_differently() -> None:
    """Halves of the Model Garden: TensorFlow 1's corners and a rectangle, TensorFlow 2's centres and a square."""
    models = {model.name: model for model in store.load("tfmg")}
    slim = models["inception_v3"].weights[0]
    assert isinstance(slim.preprocessing, Preprocessing)
    made, assumed = complete(slim.preprocessing, (1, 299, 299, 3))
    assert (made.library, made.fraction, made.square, assumed) == ("tensorflow-1", 0.875, False, ())
    official = models["official-resnet_50"].weights[0]
    assert isinstance(official.preprocessing, Preprocessing)
    made, assumed = complete(official.preprocessing, (1, 224, 224, 3))
    assert (made.library, made.fraction, made.square, assumed) == ("tensorflow", 0.875, True, ())


def test_every_published_preprocessing_is_a_pipeline() -> None:
    """Whatever the zoos state can be run, or is refused in words."""
    made = 0
    for zoo in ("torchvision", "keras", "tfmg", "onnx", "gluon"):
        for model in store.load(zoo):
            for weights in model.weights:
                shape = weights.input_shape
                if shape is None or len(shape) != 4 or isinstance(weights.preprocessing, Unmeasured):
                    continue
                try:
                    pipeline, _ = complete(weights.preprocessing, shape)
                except Refusal:
                    assert (zoo, model.name.partition("-")[0]) == ("onnx", "mnist")  # pictures in one grey
                    continue
                assert pipeline.interpolation in preprocess.INTERPOLATIONS[pipeline.library]
                assert pipeline.words()
                made += 1
    assert made > 300


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preprocess, "find_spec", lambda _: None)
    with pytest.raises(Refusal, match=r"pip install 'zoodiff\[run\]'"):
        preprocess.require()


def test_photographs_are_decoded_as_they_are(evidence: Path) -> None:
    name = "000b7d55b6184b08.jpg"
    assert decode((evidence / "photos" / name).read_bytes()).size == (299, 299)
