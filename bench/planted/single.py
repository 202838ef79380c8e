"""Edits of a single node, with the truth about them: another value of an attribute, or the node is gone."""

from __future__ import annotations

import onnx

from planted.network import Net, assign
from planted.truth import Change


def set_attribute(node: onnx.NodeProto, what: str, old: object, new: object, group: str = "architecture") -> Change:
    """Give an attribute its new value; the change is called what the attribute is."""
    assign(node, **{what: new})
    return Change(mutation=what, what=what, op=node.op_type, nodes=[node.output[0]], left=old, right=new, group=group)


def drop_node(net: Net, node: onnx.NodeProto, name: str, op: str) -> Change:
    """Take a node away that gives what it is given, of the same shape; `op` is what the contract calls its kind."""
    net.remove([node], node.output[0], node.input[0])
    return Change(mutation=name, what="layer", op=op, nodes=[node.output[0]], left=node.op_type)
