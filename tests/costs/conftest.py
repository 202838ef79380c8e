"""Ask for the cost of one operator by the shapes of its tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from zoodiff.costs._cost import Cost, cost_of
from zoodiff.record import Constant, Graph, Node, Value

Shapes = Sequence[tuple[int | None, ...] | None]


def single(
    operator: str, inputs: Shapes, outputs: Shapes, data: dict[int, Any], opset: int, attributes: dict[str, Any]
) -> Graph:
    """A graph of one operator; None among the shapes is a tensor left out, `data` are inputs that are constants."""
    domain, _, op = operator.rpartition("::")
    named_in = [f"in{at}" if shape is not None else "" for at, shape in enumerate(inputs)]
    named_out = [f"out{at}" if shape is not None else "" for at, shape in enumerate(outputs)]
    shapes = [*zip(named_in, inputs, strict=True), *zip(named_out, outputs, strict=True)]
    values = {name: Value(name, "float32", shape) for name, shape in shapes if name}
    constants = {f"in{at}": np.asarray(value) for at, value in data.items()}
    return Graph(
        name="single",
        inputs=tuple(values[name] for name in named_in if name and name not in constants),
        outputs=tuple(values[name] for name in named_out if name),
        constants={name: Constant(name, str(value.dtype), value.shape, value) for name, value in constants.items()},
        nodes=(Node(op, tuple(named_in), tuple(named_out), attributes, domain),),
        values={name: value for name, value in values.items() if name not in constants},
        opset=opset,
    )


@pytest.fixture
def cost() -> Callable[..., Cost]:
    """The cost of one operator: name, input shapes, output shapes, `data` by input position, `opset`, attributes."""

    def ask(
        operator: str,
        inputs: Shapes,
        outputs: Shapes,
        data: dict[int, Any] | None = None,
        opset: int = 20,
        **attributes: Any,
    ) -> Cost:
        graph = single(operator, inputs, outputs, data or {}, opset, attributes)
        return cost_of(graph.nodes[0], graph)

    return ask


@pytest.fixture
def terms() -> Callable[..., int]:
    """How many products an operator really sums: run by onnxruntime on ones, the sum of its result."""

    def run(operator: str, inputs: Sequence[tuple[int, ...]], dtype: str = "float32", **attributes: Any) -> int:
        import onnxruntime
        from onnx import helper

        kind = helper.np_dtype_to_tensor_dtype(np.dtype(dtype))
        result = helper.np_dtype_to_tensor_dtype(np.dtype("int32" if dtype == "uint8" else dtype))
        names = [f"in{at}" for at in range(len(inputs))]
        graph = helper.make_graph(
            [helper.make_node(operator, names, ["out"], **attributes)],
            "ones",
            [helper.make_tensor_value_info(n, kind, s) for n, s in zip(names, inputs, strict=True)],
            [helper.make_tensor_value_info("out", result, None)],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
        (out,) = session.run(None, {n: np.ones(s, dtype) for n, s in zip(names, inputs, strict=True)})
        return int(out.sum())

    return run
