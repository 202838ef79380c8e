from __future__ import annotations

import math

import pytest
from onnx import TensorProto, helper

from made import graph
from networks import LIGHT
from zoodiff.costs._cost import cost_of
from zoodiff.measuring.flow import flow, reads, walk
from zoodiff.measuring.own import BITS, per_operator
from zoodiff.readers.onnx import read


def test_what_is_a_parameter():
    network = graph(
        [
            ("Conv", "x w b", "c"),
            ("BatchNormalization", "c s t mean var", "n"),
            ("Add", "n scalar", "a"),
            ("Mul", "a s", "m"),  # the second use of s
            ("Reshape", "m shape", "r"),
            ("Resize", "r  scales", "z", {"mode": "nearest"}),
            ("Gather", "z index", "y"),
        ],
        {"x": (1, 3, 4, 4), **dict.fromkeys("cnamrz", (1, 8, 4, 4)), "y": (1, 8, 4, 2)},
        {
            "w": ("float32", (8, 3, 1, 1)),
            **dict.fromkeys(("b", "s", "t", "mean", "var"), ("float32", (8,))),
            "scalar": ("float32", ()),
            "shape": ("int64", (4,)),
            "scales": ("float32", (4,)),
            "index": ("int64", (2,)),
            "unused": ("float32", (1000,)),
        },
    )
    own = per_operator(network)
    assert [o.params for o in own] == [32, 32, 0, 0, 0, 0, 0]
    assert [o.statistics for o in own] == [0, 16, 0, 0, 0, 0, 0]
    assert [o.bytes for o in own] == [128, 128, 0, 0, 0, 0, 0]
    assert [o.has_params for o in own] == [True, True, False, True, False, False, False]


@pytest.mark.parametrize("path", LIGHT, ids=lambda path: path.stem)
def test_each_operator_costs_what_it_costs_alone(path):
    network = read(path)
    alone = [cost_of(node, network) for node in network.nodes]
    own = per_operator(network)
    assert [(o.macs, o.flops) for o in own] == [(cost.macs, 2 * cost.macs + cost.other) for cost in alone]
    used = {name for node in network.nodes for name in node.inputs}
    weights = [c for name, c in network.constants.items() if name in used and c.dtype == "float32" and c.shape]
    assert sum(o.params for o in own) == sum(math.prod(constant.shape) for constant in weights)


def test_quantised_parameters():
    network = graph(
        [
            ("QuantizeLinear", "x xs xz", "q"),
            ("QLinearConv", "q xs xz w ws wz ys yz b", "c"),
            ("DequantizeLinear", "b2 bs", "bias"),
            ("DequantizeLinear", "w2 ws wz", "weight"),
            ("DequantizeLinear", "c ys yz", "d"),
            ("Conv", "d weight bias", "y"),
        ],
        {"x": (1, 3, 4, 4), "q": (1, 3, 4, 4), **dict.fromkeys(("c", "d", "y"), (1, 3, 4, 4)), "bias": (3,)}
        | {"weight": (3, 3, 1, 1)},
        {
            "w": ("int8", (3, 3, 1, 1)),
            "w2": ("int4", (3, 3, 1, 1)),
            "b": ("int32", (3,)),
            "b2": ("int32", (3,)),
            **dict.fromkeys(("ws", "bs"), ("float32", (3,))),
            "wz": ("int8", (3,)),
            **dict.fromkeys(("xs", "ys"), ("float32", ())),
            **dict.fromkeys(("xz", "yz"), ("uint8", ())),
        },
        dtypes={"q": "uint8", "c": "uint8"},
    )
    own = per_operator(network)
    assert [o.params for o in own] == [0, 9 + 3, 3, 9, 0, 0]
    assert [o.bytes for o in own] == [0, 9 + 12, 12, 5, 0, 0]  # nine 4-bit numbers are 4.5 bytes
    assert [o.macs for o in own] == [0, 9 * 16, 0, 0, 0, 9 * 16]
    # weights that are dequantised on the way are the layer's that uses them
    placed = flow(network, reads(network), walk(network, reads(network), own))
    assert placed.layers == ["input", "c", "y"]
    assert placed.layer == [0, 1, 2, 2, 1, 2]
    assert placed.block == [1, 1, 2, 2, 1, 2]


def test_a_malformed_operator_is_uncounted():
    (own,) = per_operator(graph([("Conv", "x", "y")], {"x": (1, 3, 4, 4), "y": (1, 3, 4, 4)}))
    assert (own.macs, own.flops) == (0, 0)
    assert "definition" in own.uncounted


def test_every_element_type_of_onnx_has_a_size():
    names = {label.lower() for label in TensorProto.DataType.keys()} - {"undefined", "string", "float", "double"}  # noqa: SIM118
    assert names | {"float32", "float64"} <= BITS.keys()
    for label, number in TensorProto.DataType.items():
        name = {"FLOAT": "float32", "DOUBLE": "float64"}.get(label, label.lower())
        if name in BITS and BITS[name] >= 8:
            assert helper.tensor_dtype_to_np_dtype(number).itemsize * 8 == BITS[name]
