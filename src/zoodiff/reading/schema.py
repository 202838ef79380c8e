"""Parse ONNX models quickly: what repeats from operator to operator is left as bytes, to be looked at once.

A field of a parsed message takes its time to look at, a message inside a message most of all. Networks have thousands
of attributes and tensor types, and few that differ: as bytes they are compared, and what they mean is remembered.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

if TYPE_CHECKING:
    import onnx as messages

__all__ = ["messages", "parse_graph", "parse_model"]

_AS_BYTES: Final = {
    "GraphProto": ("initializer",),
    "NodeProto": ("attribute", "metadata_props"),
    "ValueInfoProto": ("type",),
}
"""Fields that are messages in onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto), and bytes here: the
two are written alike."""


def _messages() -> ModuleType:
    """onnx's messages, without the package around them: its import takes numpy's too, and as long as all else we do.

    protobuf has one class for a message, whoever asks for it: whoever imports the package later gets the same ones.
    """
    package = find_spec("onnx")
    file = Path(package.origin).with_name("onnx_ml_pb2.py") if package and package.origin else None
    found = spec_from_file_location("onnx_ml_pb2", file) if file and file.is_file() else None
    if found is None or found.loader is None:  # a build of onnx that has them elsewhere
        return import_module("onnx")
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


if not TYPE_CHECKING:
    messages = _messages()


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
    messages.ModelProto.DESCRIPTOR.file.CopyToProto(file)
    for message in file.message_type:
        for field in message.field:
            if field.name in _AS_BYTES.get(message.name, ()):
                field.type = field.TYPE_BYTES
                field.ClearField("type_name")
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool
