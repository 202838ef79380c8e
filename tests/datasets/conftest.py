"""What tests of layouts share: a small picture, and a check of what every layout promises."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from zoodiff.validation import dataset
from zoodiff.validation.dataset import Dataset


@pytest.fixture(scope="session")
def picture() -> Callable[[int], bytes]:
    """A small PNG in one grey, by which it is known again."""

    def make(grey: int) -> bytes:
        file = io.BytesIO()
        Image.fromarray(np.full((4, 6, 3), grey, np.uint8)).save(file, "PNG")
        return file.getvalue()

    return make


@pytest.fixture
def shown(picture: Callable[[int], bytes]) -> Callable[[Path], dict[str, tuple[object, int]]]:
    """Open some data; each identity's label and the grey of its image, read last to first."""

    def look(path: Path) -> dict[str, tuple[object, int]]:
        found: Dataset = dataset.open(path)
        greys = {}
        for at in reversed(range(len(found))):
            data = found.read(at)
            assert not found.sizes or found.sizes[at] == len(data)
            greys[at] = int(np.asarray(Image.open(io.BytesIO(data)))[0, 0, 0])
        return {name: (found.labels[at], greys[at]) for at, name in enumerate(found.identities)}

    return look
