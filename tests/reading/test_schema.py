"""Models parsed with bytes inside are the models that onnx parses."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import onnx
import pytest
from google.protobuf.message import DecodeError
from onnx import TensorProto, helper

from zoodiff.reading import schema


@pytest.fixture(scope="module")
def model() -> onnx.ModelProto:
    node = helper.make_node("Conv", ["x", "w"], ["y"], name="conv", strides=[2, 2], auto_pad="SAME_UPPER")
    prop = node.metadata_props.add()
    prop.key, prop.value = "block", "layer1"
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 8, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [helper.make_tensor("w", TensorProto.FLOAT, (2, 3, 1, 1), [0.5] * 6)],
    )
    return helper.make_model(graph)


def test_bytes_are_what_onnx_would_have_parsed(model: onnx.ModelProto) -> None:
    parsed = schema.parse_model(model.SerializeToString())
    (node,), (written,) = parsed.graph.node, model.graph.node
    assert [onnx.AttributeProto.FromString(raw) for raw in node.attribute] == list(written.attribute)
    assert [onnx.StringStringEntryProto.FromString(raw) for raw in node.metadata_props] == list(written.metadata_props)
    assert [onnx.TensorProto.FromString(raw) for raw in parsed.graph.initializer] == list(model.graph.initializer)
    assert onnx.TypeProto.FromString(parsed.graph.input[0].type) == model.graph.input[0].type


def test_messages_are_had_without_the_package_and_are_its_own() -> None:
    """In a process of its own: here the package is imported already."""
    code = """
        import sys
        from zoodiff.reading import schema
        assert not {"onnx", "numpy"} & sys.modules.keys()
        before = schema.messages.ModelProto(ir_version=9)
        import onnx
        import onnx.onnx_ml_pb2
        assert onnx.ModelProto is schema.messages.ModelProto is onnx.onnx_ml_pb2.ModelProto
        assert isinstance(before, onnx.ModelProto)
        onnx.checker.check_model(onnx.parser.parse_model(
            '<ir_version: 9, opset_import: ["": 18]> a (float[1] x) => (float[1] y) {y = Relu(x)}'
        ))
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=True)


def test_a_build_that_has_its_messages_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "spec_from_file_location", lambda *_: None)
    assert schema._messages() is onnx


def test_a_model_is_written_as_it_was_read(model: onnx.ModelProto) -> None:
    data = model.SerializeToString()
    assert onnx.ModelProto.FromString(schema.parse_model(data).SerializeToString()) == model
    assert (
        onnx.GraphProto.FromString(schema.parse_graph(model.graph.SerializeToString()).SerializeToString())
        == model.graph
    )


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(DecodeError):
        schema.parse_model(b"\x0a\xff")
