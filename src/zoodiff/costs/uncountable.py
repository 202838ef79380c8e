"""Operators whose cost no shape can tell: each is uncounted, with its reason."""

from __future__ import annotations

from zoodiff.costs._cost import Cost, CostFunction, Role, Uncountable
from zoodiff.record import Graph, Node

REASONS = {
    "NonMaxSuppression": "how many boxes are compared depends on the data",
    "MaxRoiPool": "how many values each region holds depends on the data",
    "Multinomial": "how a sample is drawn is left to the implementation",
    "MelWeightMatrix": "how many values lie in each band depends on its settings' values",
    "SequenceMap": "how often its body runs depends on the sequence's length",
    "ImageDecoder": "decoding depends on the image's encoding",
    **dict.fromkeys(
        ("RegexFullMatch", "StringConcat", "StringNormalizer", "StringSplit", "TfIdfVectorizer"),
        "work on text is no arithmetic on tensors",
    ),
}


def unknowable(reason: str) -> CostFunction:
    """A cost that is never known, for this reason."""

    def rule(node: Node, graph: Graph) -> Cost:
        raise Uncountable(reason)

    return rule


OPERATORS = {operator: unknowable(reason) for operator, reason in REASONS.items()}

ROLES = {
    "NonMaxSuppression": dict.fromkeys((3, 4), Role.SETTING),
    "MaxRoiPool": {1: Role.SETTING},
}
