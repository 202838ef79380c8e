"""Pictures that a model is run on."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence
from random import Random

import mutate
from zoodiff.validation.preprocess import Broken, decode

_SIZES = (0, 1, 7, 8, 255, 65_500, 65_535, 1 << 20, (1 << 31) - 1, (1 << 32) - 1)


def seeds() -> list[bytes]:
    """A small picture of each format and mode."""
    from PIL import Image

    made = []
    for kind in ("PNG", "JPEG", "WEBP", "BMP", "PPM", "TIFF"):
        for mode in ("RGB", "L", "RGBA", "CMYK", "P", "1", "I;16"):
            out = io.BytesIO()
            try:
                Image.new(mode, (9, 7)).save(out, kind)
            except (OSError, ValueError, KeyError):  # not every format has every mode
                continue
            made.append(out.getvalue())
    return made


def change(data: bytes, random: Random, others: Sequence[bytes]) -> bytes:
    """Bytes; of a PNG also its size, with the sum that belongs to it."""
    if data[12:16] == b"IHDR" and random.random() < 0.3:
        head = b"IHDR" + struct.pack(">II", random.choice(_SIZES), random.choice(_SIZES)) + data[24:29]
        data = data[:12] + head + struct.pack(">I", zlib.crc32(head)) + data[33:]
        if random.random() < 0.5:
            return data
    return mutate.flipped(data, random)


def run(data: bytes) -> None:
    """Decoded to RGB, or broken."""
    try:
        image = decode(data)
    except Broken:
        return
    assert image.mode == "RGB"
