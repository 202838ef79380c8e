"""Attention as one operator: scores of queries against keys, softmax, weighted sum of values; rotary embeddings.

With B images or sentences, H query heads, S queries, T keys (past ones included), D dimensions a head and V a value
head, scores and sum take B H S T (D + V) multiplications. Keys that a mask or causality hides count: they are computed.
Each score is scaled and goes through softmax: 6 operations, 1 more for each mask, 3 for a soft cap.
"""

from __future__ import annotations

from typing import NamedTuple

from zoodiff.costs._cost import Cost, Uncountable, dims, present, size
from zoodiff.record import Graph, Node

SCORE = 6
"""scaling 1, softmax 5"""
SOFT_CAP = 3
"""cap * tanh(score / cap)"""
ROTATION = 3
"""per rotated element: two multiplications and an addition (Su et al. 2021, equation 34)"""


class Heads(NamedTuple):
    """The sizes that the cost of attention depends on."""

    batch: int
    heads: int
    queries: int
    keys: int
    width: int
    value_width: int

    def cost(self, masks: int = 0, capped: bool = False) -> Cost:
        """B H S T (D + V) multiply-accumulates, and the operations on the B H S T scores."""
        scores = self.batch * self.heads * self.queries * self.keys
        return Cost(scores * (self.width + self.value_width), scores * (SCORE + masks + SOFT_CAP * capped))


def attention(node: Node, graph: Graph) -> Cost:
    """Q, K, V, mask, past key as (B, heads, length, width), or (B, length, heads x width) and attributes for heads."""
    query, key, value = (dims(graph, name) for name in node.inputs[:3])
    past = dims(graph, node.inputs[4])[2] if present(node.inputs, 4) else 0
    if len(query) == 4:
        heads = Heads(query[0], query[1], query[2], past + key[2], query[3], value[3])
    else:
        of_queries, of_keys = _attribute(node, "q_num_heads"), _attribute(node, "kv_num_heads")
        heads = Heads(query[0], of_queries, query[1], past + key[1], query[2] // of_queries, value[2] // of_keys)
    masks = present(node.inputs, 3) + bool(node.attributes.get("is_causal", 0))
    return heads.cost(masks, node.attributes.get("softcap", 0.0) != 0)


def flexible(node: Node, graph: Graph) -> Cost:
    """As Attention on four dimensions; Uncountable where subgraphs change scores or probabilities."""
    if node.subgraphs:
        raise Uncountable("its subgraphs run on every score")
    query, key, value = (dims(graph, name) for name in node.inputs[:3])
    return Heads(query[0], query[1], query[2], key[2], query[3], value[3]).cost()


def linear(node: Node, graph: Graph) -> Cost:
    """Per token a state of D x V numbers per key head is updated (once more for a delta rule) and read per query head.

    B T D V (H_q + H_kv), or B T D V (H_q + 2 H_kv) with a delta rule; scaling is 1 per output element; a gate is 1 per
    state element and an exp per decay; a delta rule is 2 per value (difference, rate).
    """
    of_queries, of_keys = _attribute(node, "q_num_heads"), _attribute(node, "kv_num_heads")
    batch, tokens, width = dims(graph, node.inputs[0])
    values = size(graph, node.inputs[2])
    state = batch * tokens * (width // of_queries) * (dims(graph, node.inputs[2])[2] // of_keys)
    rule = node.attributes.get("update_rule", "gated_delta")
    delta = "delta" in rule
    other = size(graph, node.outputs[0]) + (2 * values if delta else 0)
    if "gated" in rule:
        other += state * of_keys + size(graph, node.inputs[4])
    return Cost(state * (of_queries + of_keys * (2 if delta else 1)), other)


def rotary(node: Node, graph: Graph) -> Cost:
    """3 per rotated element; `rotary_embedding_dim` of each head's dimensions are rotated, all by default."""
    shape = dims(graph, node.inputs[0])
    elements = size(graph, node.inputs[0])
    part = node.attributes.get("rotary_embedding_dim", 0)
    if part:
        width = shape[3] if len(shape) == 4 else shape[2] // _attribute(node, "num_heads")
        elements = elements // width * part
    return Cost(0, ROTATION * elements)


def _attribute(node: Node, name: str) -> int:
    value = node.attributes.get(name, 0)
    if not isinstance(value, int) or value < 1:
        raise Uncountable(f"attribute {name} is missing")
    return value


OPERATORS = {
    "Attention": attention,
    "ai.onnx.preview::FlexAttention": flexible,
    "LinearAttention": linear,
    "RotaryEmbedding": rotary,
    "com.microsoft::RotaryEmbedding": rotary,
}
