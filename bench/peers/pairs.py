"""Make a pair of so many nodes: a residual network, the same renamed, and that with one stride changed.

Usage: python bench/peers/pairs.py FOLDER NODES
Writes a.onnx, renamed.onnx and changed.onnx with weights inside, each beside a JSON of its graph for tools that know no
ONNX, and truth.json: where the change is, by the name in `a` and in `changed`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from planted import disguises
from planted.drawing import mutate
from planted.network import Illegal, Net

CHANNELS = 8
SIZE = 64
WHEN_FEW = 50
"""how often a place for the change is looked for"""


def network(nodes: int) -> onnx.ModelProto:
    """Residual blocks of seven nodes and plain layers of three, in turn, of so many nodes in all or a few more."""
    made: list[onnx.NodeProto] = []
    weights: list[TensorProto] = []
    random = np.random.default_rng(0)

    def weight(name: str, *shape: int) -> str:
        weights.append(numpy_helper.from_array(random.standard_normal(shape, np.float32), name))
        return name

    def node(op: str, *inputs: str, **attributes: Any) -> str:
        output = f"x{len(made)}"
        made.append(helper.make_node(op, inputs, [output], name=f"n{len(made)}", **attributes))
        return output

    def convolved(x: str, channels: int = CHANNELS) -> str:
        at = len(made)
        kernel = weight(f"w{at}", CHANNELS, channels, 3, 3)
        y = node("Conv", x, kernel, kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
        parts = [weight(f"{part}{at}", CHANNELS) for part in ("scale", "bias", "mean")]
        weights.append(numpy_helper.from_array(np.ones(CHANNELS, np.float32), f"var{at}"))
        return node("BatchNormalization", y, *parts, f"var{at}")

    x = node("Relu", convolved("image", 3))
    while len(made) < nodes - 3:
        inner = node("Relu", convolved(x))
        x = node("Relu", node("Add", convolved(inner), x))
        x = node("Relu", convolved(x))
    pooled = node("Flatten", node("GlobalAveragePool", x))
    last = node("Gemm", pooled, weight("dense", CHANNELS, 10))
    graph = helper.make_graph(
        made,
        "pair",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIZE, SIZE])],
        [helper.make_tensor_value_info(last, TensorProto.FLOAT, [1, 10])],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def graph(model: onnx.ModelProto) -> dict[str, Any]:
    """Operators with their attributes and their weights' shapes as labels, and who reads whom."""
    shapes = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    makers = {name: place for place, node in enumerate(model.graph.node) for name in node.output}
    labels = []
    for node in model.graph.node:
        attributes = sorted((one.name, helper.get_attribute_value(one)) for one in node.attribute)
        labels.append(f"{node.op_type} {attributes} {[shapes[name] for name in node.input if name in shapes]}")
    edges = [
        [makers[name], place] for place, node in enumerate(model.graph.node) for name in node.input if name in makers
    ]
    return {"names": [node.output[0] for node in model.graph.node], "labels": labels, "edges": edges}


def pair(nodes: int, folder: Path) -> None:
    """Write a pair, its graphs and the truth."""
    a = network(nodes)
    for seed in range(WHEN_FEW):  # most strides inside a residual block cannot change
        try:
            changed, [change] = mutate(a, ["strides"], Random(seed))
            break
        except Illegal:
            continue
    else:
        raise RuntimeError("no stride of this network can change")
    models = {"a": a}
    models["renamed"], _ = disguises.apply("rename", Net(a), Random(1))
    models["changed"], names = disguises.apply("rename", Net(changed), Random(1))
    for name, model in models.items():
        onnx.save(model, folder / f"{name}.onnx")
        (folder / f"{name}.json").write_text(json.dumps(graph(model)))
    [left] = change.nodes
    truth = {"places": [[left, names.get(left, left)]], "nodes": len(a.graph.node)}
    (folder / "truth.json").write_text(json.dumps(truth))


if __name__ == "__main__":
    pair(int(sys.argv[2]), Path(sys.argv[1]))
