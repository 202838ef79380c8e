"""Parse ONNX models quickly: what repeats from operator to operator is left as bytes, to be looked at once.

A field of a parsed message takes its time to look at, a message inside a message most of all. Networks have thousands
of attributes and tensor types, and few that differ: as bytes they are compared, and what they mean is remembered.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import onnx
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_AS_BYTES: Final = {
    "GraphProto": ("initializer",),
    "NodeProto": ("attribute", "metadata_props"),
    "ValueInfoProto": ("type",),
}
"""Fields that are messages in onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), and bytes here: the
two are written alike."""


def parse_model(data: bytes) -> Any:
    """A ModelProto whose tensors, attributes, metadata and types are bytes. Raises protobuf's DecodeError."""
    return _message("ModelProto").FromString(data)


def parse_graph(data: bytes) -> Any:
    """A GraphProto whose tensors, attributes, metadata and types are bytes. Raises protobuf's DecodeError."""
    return _message("GraphProto").FromString(data)


@cache
def _message(name: str) -> Any:
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"onnx.{name}"))


@cache
def _pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto()
    onnx.ModelProto.DESCRIPTOR.file.CopyToProto(file)
    for message in file.message_type:
        for field in message.field:
            if field.name in _AS_BYTES.get(message.name, ()):
                field.type = field.TYPE_BYTES
                field.ClearField("type_name")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool
