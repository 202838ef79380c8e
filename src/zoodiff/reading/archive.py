"""A snapshot's archive: many files in one, unpacked in memory and within limits."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING

from zoodiff.disk import PLAIN

if TYPE_CHECKING:
    import tarfile

MEMBERS = 20_000
"""most files that an archive may hold"""
UNPACKED = 256 << 20
"""most bytes that an archive may unpack to"""
WINDOW = 128 << 20
"""most bytes of memory that unpacking may take besides"""

Unpacked = tuple[bytes, dict[str, slice]]
"""All files of an archive in one, and where in it each of them is."""


def unpack(packed: bytes) -> Unpacked:
    """Unpack an archive; nothing is written to the disk.

    Raises ValueError where it is broken, passes the limits (`MEMBERS`, `UNPACKED`, `WINDOW`) or holds what is no plain
    file.
    """
    import lzma
    import tarfile

    try:
        reader = lzma.LZMADecompressor(memlimit=WINDOW)
        unpacked = reader.decompress(packed, max_length=UNPACKED + 1)
        if len(unpacked) > UNPACKED:
            raise ValueError(f"it unpacks to more than {UNPACKED:,} bytes")
        if not reader.eof:
            raise ValueError("it is cut off")
        index: dict[str, slice] = {}
        with tarfile.open(fileobj=io.BytesIO(unpacked), mode="r:") as tar:
            for member in tar:
                _check(member, len(index))
                index[member.name] = slice(member.offset_data, member.offset_data + member.size)
    except (lzma.LZMAError, tarfile.TarError) as error:
        raise ValueError(str(error)) from error
    return unpacked, index


def _check(member: tarfile.TarInfo, count: int) -> None:
    if not member.isreg() or not PLAIN.fullmatch(member.name):
        raise ValueError(f"{member.name!r} in it is no plain file")
    if count >= MEMBERS:
        raise ValueError(f"it holds more than {MEMBERS:,} files")


def pack(files: Mapping[str, bytes]) -> bytes:
    """An archive whose bytes depend on the files alone: no dates, owners or modes from this machine."""
    import lzma
    import tarfile

    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    # a window over all the files, since a zoo's graphs are much alike; no larger than they are, since it costs memory
    window = min(max(plain.tell(), 1 << 16), 1 << 26)
    return lzma.compress(plain.getbuffer(), filters=[{"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": window}])
