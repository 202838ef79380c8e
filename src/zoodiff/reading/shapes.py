"""Find the shape of every tensor of an ONNX model, at the file's own input size or at any other.

onnx's shape inference does the work. Where it stops, the operators are walked once more, one at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

from zoodiff.fault import Refusal
from zoodiff.reading import schema, twins
from zoodiff.reading.fitting import check_windows
from zoodiff.reading.native import Inference, InferenceError, Question
from zoodiff.reading.schema import messages
from zoodiff.reading.sized import forget_inside, forget_shapes, set_inputs
from zoodiff.reading.values import NOTHING, Dims, Found, distinct, typed, whole
from zoodiff.record import HOSTS, Constant, Node


class Asked(NamedTuple):
    """A model whose shapes are being found."""

    model: Any
    """as `schema.parse_model` gives it; changed, see `ask`"""
    asking: Inference
    """what the file may ask of onnx"""
    strict: bool
    """whether sizes were asked for: then what does not fit is refused"""
    question: Question | None
    """onnx is at work at it; None where it would not know the operators"""


def ask(model: Any, inputs: Mapping[str, Dims] | None = None, asking: Inference | None = None) -> Asked:
    """Begin to find the shapes of a model; onnx is at work while the caller goes on.

    `model` is as `schema.parse_model` gives it. It is changed: its inputs get the dimensions asked for (`inputs`, by
    input name), an unknown first dimension becomes 1, and the shapes stored in the file are dropped, since they may be
    stale. Raises Refusal where there is no such input.
    """
    asking, graph, strict = asking or Inference(model.ByteSize()), model.graph, bool(inputs)
    set_inputs(graph, inputs or {})
    domains = {node.domain for node in graph.node}
    foreign = {name for node in graph.node if node.domain for name in node.output} if domains != {""} else set()
    if strict:
        for node in graph.node:
            if node.domain or node.op_type in HOSTS:
                forget_inside(node)
    forget_shapes(graph, set() if strict else foreign)
    question = None if twins.ONNXRUNTIME in domains else asking.ask(model.SerializeToString(), strict=strict)
    return Asked(model, asking, strict, question)


def infer(asked: Asked, nodes: Sequence[Node], constants: Mapping[str, Constant]) -> Found:
    """Type and shape of every tensor of the main graph that can be known, by name.

    `nodes` and `constants` are the model's operators, in its order, and its initializers. The subgraphs inside its
    operators get the shapes of their tensors. Raises Refusal where the network cannot run at these sizes.
    """
    model, found = asked.model, Found()
    if asked.question:
        graph = _answered(asked.question)
        found = _found(graph)
        for at, node in enumerate(nodes):
            if (node.op in HOSTS or node.domain) and node.subgraphs:
                model.graph.node[at].attribute[:] = graph.node[at].attribute[:]
    if _unknown(nodes, found):
        found = _infer_folding(model, nodes, constants, found, asked.asking, strict=asked.strict)
    check_windows(nodes, found)
    return found


def _infer_folding(
    model: Any,
    nodes: Sequence[Node],
    constants: Mapping[str, Constant],
    found: Found,
    asking: Inference,
    *,
    strict: bool,
) -> Found:
    """Infer on a scratch copy with twins for foreign operators, then walk it once, computing what can be computed."""
    scratch = messages.ModelProto.FromString(model.SerializeToString())
    if twins.replace(scratch) or not found:
        found = _found(_answered(asking.ask(scratch.SerializeToString(), strict=strict)))
    if not _unknown(nodes, found):
        return found
    from zoodiff.reading.stepwise import walk  # few networks need it

    return walk(scratch, constants, found, asking)


def _answered(question: Question) -> Any:
    """The graph with what inference says of it, as `schema.parse_graph` gives it."""
    try:
        done = question.answer()
    except InferenceError as error:
        raise Refusal(
            f"the shapes of this network do not fit together: {error}",
            "The input size may be one that the network cannot take, or the file is damaged.",
        ) from None
    return schema.parse_model(done).graph


def _found(graph: Any) -> Found:
    return {
        value.name: tensor
        for values in (graph.input, graph.value_info, graph.output)
        for value in values
        if (tensor := typed(value.type))
    }


def _unknown(nodes: Iterable[Node], found: Found) -> bool:
    complete = all(whole(known.dims) for known in distinct(found))
    if complete and found.keys() >= set(chain.from_iterable([node.outputs for node in nodes])):
        return False
    for node in nodes:
        for name in node.outputs:
            dims = found.get(name, NOTHING).dims
            if name and (dims is None or None in dims):
                return True
    return False
