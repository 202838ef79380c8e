"""Say what is wrong with a network by ONNX's own rules; asked only where something went wrong with it.

Networks are read leniently, since many that run are not quite valid. Where a lenient reading ends in an error of ours,
the file may be to blame: then this finds out, and the user hears what is wrong with the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from zoodiff.fault import Refusal
from zoodiff.reading.native import Inference, InferenceError

if TYPE_CHECKING:
    import onnx

    from zoodiff.reading.reference import Network

_OURS = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""Errors that a network which breaks the rules can lead us into."""


@contextmanager
def excused(*networks: Network) -> Iterator[None]:
    """Turn an error of ours into a Refusal where one of these networks is not valid ONNX; else it stays our fault."""
    try:
        yield
    except MemoryError:
        raise Refusal("there is not enough memory for these networks", "Close other programs.") from None
    except _OURS as error:
        for network in networks:
            if said := problem(network.skeleton()):
                raise Refusal(
                    f"{network.ref!r} is not valid ONNX, and goes wrong here: {said}",
                    "Its exporter is at fault, or the file is damaged: onnx.checker.check_model says more.",
                ) from error
        raise


def problem(model: onnx.ModelProto) -> str | None:
    """The first rule of ONNX that a model breaks, in words; None where none was found.

    Each operator is held against its definition (https://onnx.ai/onnx/operators/): how many operands, which attributes
    and of which types. Then the types and shapes, as far as they can be inferred, must fit.
    """
    versions = {one.domain if one.domain != "ai.onnx" else "": one.version for one in model.opset_import}
    for graph in _graphs(model.graph):
        for node in graph.node:
            if said := _wrong(node, versions):
                return f"{node.op_type} {next(iter(node.output), node.name)!r} {said}"
    try:
        Inference(model.ByteSize()).shapes(model.SerializeToString(), strict=True)
    except (InferenceError, Refusal) as error:
        return str(error)
    return None


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            for body in ([attribute.g] if attribute.HasField("g") else []) + list(attribute.graphs):
                yield from _graphs(body)


def _wrong(node: onnx.NodeProto, versions: Mapping[str, int]) -> str | None:
    """What an operator has otherwise than its definition says; None where nothing, and where none is known."""
    import onnx

    domain = "" if node.domain == "ai.onnx" else node.domain
    try:
        schema = onnx.defs.get_schema(node.op_type, versions.get(domain, 1), domain)
    except onnx.defs.SchemaError:
        return None if domain else "is no operator of its opset"
    for kind, names, formal, least, most in (
        ("inputs", node.input, schema.inputs, schema.min_input, schema.max_input),
        ("outputs", node.output, schema.outputs, schema.min_output, schema.max_output),
    ):
        if not least <= len(names) <= most:
            return f"has {len(names)} {kind}, and must have {least} to {most}"
        for name, one in zip(names, formal, strict=False):
            if not name and one.option == onnx.defs.OpSchema.FormalParameterOption.Single:
                return f"lacks {one.name}"
    for attribute in node.attribute:
        known = schema.attributes.get(attribute.name)
        if known is None:
            return f"has an attribute {attribute.name!r} that it cannot have"
        if int(known.type) != attribute.type:  # type: ignore[call-overload]  # an enum whose stub is not one
            return f"has an attribute {attribute.name!r} of the wrong type"
    given = {attribute.name for attribute in node.attribute}
    missing = [name for name, one in schema.attributes.items() if one.required and name not in given]
    return f"lacks the attribute {missing[0]!r}" if missing else None
