"""Write a draft as an ONNX model that runs: how passes are proven, and how two graphs are made to share weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx

from zoodiff.draft import Op
from zoodiff.record import Constant


def node(op: Op) -> onnx.NodeProto:
    """One operator as ONNX writes it, its attributes as they are."""
    made = onnx.helper.make_node(op.op, op.inputs, op.outputs, domain=op.domain)
    made.attribute.extend(onnx.helper.make_attribute(name, _plain(value)) for name, value in op.attributes.items())
    return made


def _plain(value: Any) -> Any:
    if isinstance(value, Constant):
        return onnx.numpy_helper.from_array(np.asarray(value.data), value.name)
    return value
