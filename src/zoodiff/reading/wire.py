"""Walk a protobuf file over a memory map and leave the weights behind: only names, types and shapes are ever read.

Protobuf's wire format needs no schema to be skipped through: every field states its number, its kind and its length
(https://protobuf.dev/programming-guides/encoding/). The tables below give the few field numbers of onnx.proto
(https://github.com/onnx/onnx/blob/main/onnx/onnx.proto) under which tensor data can lie.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import Final

KEEP: Final = 1024
"""Messages of at most so many bytes are kept whole: small tensors are shapes and scalars, which inference needs."""

PIECE: Final = 4 << 20
"""Bytes of a memory map, a whole number of pages, after which what has been looked at is let go."""

FIELD_BUDGET: Final = 5_000_000
BYTE_BUDGET: Final = 64 << 20
"""Bytes that may be left: a network's graph has some hundreds for each operator."""

DEPTH_BUDGET: Final = 60
"""onnx's own parser stops at 100 nested messages; a subgraph takes three (attribute, graph, node)."""

Buffer = bytes | mmap.mmap
Schema = dict[int, "Schema | None"]
"""Which fields to look into (by number); None: leave the field out."""


class WireError(ValueError):
    """The bytes are not a protobuf message: where, and what was wrong."""


_TENSOR: Schema = dict.fromkeys((4, 5, 6, 7, 9, 10, 11, 12))  # *_data and doc_string
_SPARSE: Schema = {1: _TENSOR, 2: _TENSOR}
_NODE: Schema = {6: None}
_GRAPH: Schema = {1: _NODE, 5: _TENSOR, 15: _SPARSE, 10: None}
_ATTRIBUTE: Schema = {5: _TENSOR, 6: _GRAPH, 10: _TENSOR, 11: _GRAPH, 22: _SPARSE, 23: _SPARSE, 13: None}
_NODE[5] = _ATTRIBUTE
_FUNCTION: Schema = {7: _NODE, 8: None}
MODEL: Schema = {7: _GRAPH, 25: _FUNCTION, 20: None, 6: None}


def varint(buffer: Buffer, position: int, end: int) -> tuple[int, int]:
    """Read one base-128 integer; returns it and the position behind it."""
    value = shift = 0
    while position < end:
        byte = buffer[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, position
        shift += 7
        if shift > 63:
            raise WireError(f"a number at byte {position} is longer than 64 bits")
    raise WireError(f"the file ends inside a number at byte {position}: it is truncated")


def fields(buffer: Buffer, position: int, end: int) -> Iterator[tuple[int, int, int, int, int]]:
    """Iterate over a message's fields: number, wire type, start of the tag, start and end of the payload."""
    while position < end:
        start = position
        tag, position = varint(buffer, position, end)
        number, wire = tag >> 3, tag & 7
        if wire == 2:
            length, position = varint(buffer, position, end)
            stop = position + length
        elif wire == 0:
            _, stop = varint(buffer, position, end)
        elif wire in (1, 5):
            stop = position + (8 if wire == 1 else 4)
        else:
            raise WireError(f"byte {start} does not start a protobuf field (wire type {wire})")
        if number == 0:
            raise WireError(f"byte {start} does not start a protobuf field (number 0)")
        if stop > end:
            raise WireError(f"field {number} at byte {start} needs {stop - end} bytes more than there are: truncated")
        yield number, wire, start, position, stop
        position = stop


def strip(buffer: Buffer, schema: Schema = MODEL) -> bytes:
    """Copy a message without the data of its large tensors.

    Time is linear in the number of fields, not of bytes: skipped pages of a memory map are never read from disk.
    Raises WireError where the bytes are no protobuf message or the budgets for fields, bytes and depth are exceeded.
    """
    return _Stripper(buffer).copy(0, len(buffer), schema, 0)


class _Stripper:
    def __init__(self, buffer: Buffer) -> None:
        self.buffer = buffer
        self.seen = 0
        self.behind = 0
        self.kept = 0

    def copy(self, position: int, end: int, schema: Schema, depth: int) -> bytes:
        if depth > DEPTH_BUDGET:
            raise WireError(f"messages are nested more than {DEPTH_BUDGET} deep at byte {position}")
        buffer = self.buffer
        parts: list[bytes] = []
        kept = position  # start of the run of fields that are copied as they are
        for number, wire, start, inner, stop in fields(buffer, position, end):
            self.seen += 1
            if self.seen > FIELD_BUDGET:
                raise WireError(f"more than {FIELD_BUDGET:,} fields")
            if number not in schema:
                continue
            child = schema[number]
            if child is not None and (wire != 2 or stop - inner <= KEEP):
                continue
            parts.append(self.part(kept, start))
            kept = stop
            if child is not None:
                parts.append(_tagged(number, self.copy(inner, stop, child, depth + 1)))
                self.let_go(stop)
        parts.append(self.part(kept, end))
        return b"".join(parts)

    def part(self, start: int, end: int) -> bytes:
        """Bytes that are kept as they are."""
        self.kept += end - start
        if self.kept > BYTE_BUDGET:
            raise WireError(f"more than {BYTE_BUDGET >> 20} MB are left without the data of its tensors")
        return self.buffer[start:end]

    def let_go(self, position: int) -> None:
        """Take no memory for what lies behind: a page that is looked at brings many neighbours along."""
        if isinstance(self.buffer, mmap.mmap) and position - self.behind > PIECE and hasattr(mmap, "MADV_DONTNEED"):
            start, self.behind = self.behind, position - position % mmap.ALLOCATIONGRANULARITY
            self.buffer.madvise(mmap.MADV_DONTNEED, start, self.behind - start)


def _tagged(number: int, payload: bytes) -> bytes:
    return _encoded(number << 3 | 2) + _encoded(len(payload)) + payload


def _encoded(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)
