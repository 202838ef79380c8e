"""Images at another size are those of OpenCV and TensorFlow, by their own numbers."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pictures import TENSORFLOW, noise, pixels
from zoodiff.validation.resampling import resized


@pytest.mark.parametrize("name", [name for name in TENSORFLOW if name.startswith("tensorflow")])
def test_resizes_as_tensorflow_does(name: str) -> None:
    library, kind, _ = name.split()
    wanted = np.array(TENSORFLOW[name])
    made = resized(Image.fromarray(pixels()[0]), wanted.shape, library, kind)  # type: ignore[arg-type]
    # TensorFlow reads the cubic's weights from a table of 1,024 places
    assert np.abs(made[:, :, 0] - wanted).max() < (0.1 if kind == "bicubic" else 0.01)


@pytest.mark.parametrize(("kind", "within"), [("nearest", 0.0), ("bilinear", 1.0), ("bicubic", 60.0)])
def test_opencv_is_half_pixel_without_antialias(kind: str, within: float) -> None:
    """OpenCV rounds to whole levels; its cubic has another coefficient (-0.75) and clips."""
    pytest.importorskip("cv2", reason="opencv-python-headless is not installed")
    image = noise(40, 60)
    made = resized(image, (20, 30), "opencv", kind)
    ours = resized(image, (20, 30), "tensorflow", kind)
    if kind == "nearest":  # OpenCV's nearest counts from the corner
        ours = resized(image, (20, 30), "tensorflow-1", kind)
    assert made.dtype == np.uint8
    assert np.abs(made - ours).max() <= within + 0.51
