from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from made import graph
from zoodiff.measuring.count import Counts, count
from zoodiff.quantity import Quantity
from zoodiff.readers.onnx import from_proto
from zoodiff.reading.read import read
from zoodiff.record import Graph, Node, Unmeasured, Value

EVIDENCE = Path(__file__).parents[3] / "shared" / "evidence"
needs_evidence = pytest.mark.skipif(not EVIDENCE.is_dir(), reason="../shared/evidence is not there")
PAIRS = sorted((EVIDENCE / "pairs").glob("*")) if EVIDENCE.is_dir() else []


def adds_up(counts: Counts) -> bool:
    total = (counts.macs.value, counts.flops.value, counts.params.value)
    parts = (counts.by_op, counts.by_layer, counts.by_block)
    return all(tuple(sum(getattr(s, f) for s in by) for f in ("macs", "flops", "params")) == total for by in parts)


# ---------------------------------------------------------------- real networks


@needs_evidence
@pytest.mark.parametrize("pair", PAIRS, ids=lambda p: p.name)
@pytest.mark.parametrize("side", [0, 1])
def test_real_networks(pair, side):
    truth = json.loads((pair / "truth.json").read_text())
    network = read(pair / f"{'ab'[side]}.onnx")
    counts = count(network, parts=True)
    assert counts.complete, counts.uncounted
    assert counts.macs == Quantity(truth["macs"][side], "mac")
    assert counts.params.value + again(network, truth) == truth["params"][side]
    assert adds_up(counts)
    assert sum(share.count for share in counts.by_block) == len(network.nodes)
    assert sum(share.count for share in counts.by_layer) == len(network.nodes)
    assert counts.layers == sum(share.layer != "input" for share in counts.by_layer)


def again(network, truth):
    """What the truth of slim's Inception counts more than once: a scale of ones that all normalisations share."""
    if truth["base"] != "tfmg_slim/inception_v1_224.onnx":
        return 0
    uses = Counter(name for node in network.nodes for name in set(node.inputs) if name in network.constants)
    extra = sum((n - 1) * int(np.prod(network.constants[name].shape)) for name, n in uses.items() if n > 1)
    assert extra > 0
    return extra


@needs_evidence
def test_resnet50_as_published():
    counts = count(read(EVIDENCE / "pairs" / "017" / "a.onnx"), parts=True)
    assert counts.macs.value == 4_089_184_256  # torchvision's _ops: 4.089
    assert counts.params.value - counts.statistics == 25_557_032  # torchvision's num_params
    assert counts.weight_bytes == 4 * counts.params.value
    assert counts.activations == 11_114_984  # timm's macts: 11.11
    assert counts.peak_activation_bytes == 3 * 256 * 56 * 56 * 4  # the first stage's Add: operands and sum
    assert counts.layers == 54
    units = [3, 4, 6, 3]
    names = [f"layer{stage}.{unit}" for stage, number in enumerate(units, 1) for unit in range(number)]
    assert len(counts.by_block) == 1 + len(names) + 1
    # the last unit also has the pooling after it
    assert [share.scope for share in counts.by_block[1:-2]] == names[:-1]


@needs_evidence
def test_quantised_file():
    counts = count(read(EVIDENCE / "models" / "shufflenet-v2-12-int8.onnx"))
    plain = count(read(EVIDENCE / "pairs" / "023" / "a.onnx"))
    assert counts.complete
    assert counts.macs == plain.macs  # ShuffleNet V2 x1.0 either way
    learned = plain.params.value - plain.statistics
    biases_in_place_of = plain.statistics // 2  # each normalisation's scale and shift became one bias
    assert counts.params.value == learned - biases_in_place_of
    assert counts.weight_bytes < counts.params.value * 1.02 + 3 * 10_000


# ---------------------------------------------------------------- parameters


def test_parameters_inside_branches_count_once():
    def branch(name):
        nodes = [("MatMul", "x w", name), ("Add", f"{name} own", "r")]
        return graph(nodes, {name: (2, 4), "r": (2, 4)}, {"own": ("float32", (4,))}, inputs=(), outputs=("r",))

    attributes = {"then_branch": branch("p"), "else_branch": branch("q")}
    network = graph(
        [("Relu", "x0", "x"), ("If", "c", "y", attributes)],
        {"x0": (2, 3), "x": (2, 3), "c": (), "y": (2, 4)},
        {"w": ("float32", (3, 4))},
        inputs=("x0", "c"),
    )
    counts = count(network, parts=True)
    assert counts.macs.value == 24
    assert counts.params.value == 12 + 4 + 4
    assert counts.layers == 1
    assert isinstance(counts.peak_activation_bytes, Unmeasured)
    assert "If" in counts.peak_activation_bytes.reason


# ---------------------------------------------------------------- what cannot be counted


def test_unknown_shapes_and_operators_are_named():
    network = graph(
        [("Relu", "x", "a"), ("MatMul", "a w", "b"), ("com.example::Odd", "b", "c"), ("Relu", "c", "y")],
        {"x": (2, 3), "a": (2, 3), "b": (2, None), "c": (2, 4), "y": (2, 4)},
        {"w": ("float32", (3, 4))},
    )
    counts = count(network, parts=True)
    assert [(u.op, u.count, u.reason) for u in counts.uncounted] == [
        ("MatMul", 1, "shape of 'b' is not known"),
        ("com.example::Odd", 1, "no cost is defined for this operator"),
    ]
    assert not counts.complete
    assert (counts.macs.value, counts.flops.value, counts.params.value) == (0, 6 + 8, 12)
    assert counts.peak_activation_bytes == Unmeasured("shape of 'b' is not known")
    assert adds_up(counts)


def test_a_shape_that_no_cost_needs_may_be_unknown():
    network = graph([("Shape", "x", "s"), ("Reshape", "x s", "y")], {"x": (2, 3), "s": None, "y": (None,)})
    assert count(network).complete


def test_an_unknown_element_type_is_no_size():
    counts = count(graph([("Relu", "x", "y")], {"x": (2,), "y": (2,)}, dtypes={"y": ""}))
    assert counts.peak_activation_bytes == Unmeasured("element type of 'y' is not known")
    assert counts.complete


# ---------------------------------------------------------------- memory


def test_peak_of_a_chain_is_its_largest_neighbours():
    network = graph(
        [("Relu", "x", "a"), ("Tile", "a n", "b"), ("ReduceMax", "b", "y")],
        {"x": (10,), "a": (10,), "b": (70,), "y": (1,)},
        {"n": ("int64", (1,))},
    )
    assert count(network).peak_activation_bytes == 4 * (10 + 70)


def test_a_shortcut_stays_alive_and_outputs_to_the_end():
    network = graph(
        [("Relu", "x", "a"), ("Relu", "a", "b"), ("Relu", "b", "c"), ("Add", "c a", "d"), ("Relu", "d", "y")],
        dict.fromkeys("xabcdy", (10,)),
        outputs=("y", "a"),
        dtypes=dict.fromkeys("xabcdy", "float16"),
    )
    # at Add: c, a and d; at the last Relu: d, y and a
    assert count(network).peak_activation_bytes == 2 * 30


def test_unused_inputs_and_outputs_take_no_memory():
    network = graph(
        [("Split", "x", "y spare")], {"x": (10,), "y": (5,), "spare": (5,), "never": (999,)}, inputs=("x", "never")
    )
    assert count(network).peak_activation_bytes == 4 * 15


@pytest.mark.parametrize(
    ("scopes", "common"),
    [
        (("net.layer1.1.fc", "net.layer1.10.fc"), "net.layer1"),
        (("net/unit", "net/unit/dense"), "net/unit"),
        (("net/unit-2", "net/unit", "net/unit/dense"), "net"),
        (("alpha", "beta"), ""),
        (("unit", ""), "unit"),
        (("", ""), ""),
    ],
)
def test_scopes_are_cut_at_whole_steps(scopes, common):
    names = [f"t{at}" for at in range(len(scopes) + 1)]
    nodes = [
        Node("Add", (source, names[0]), (target,), scope=scope)
        for source, target, scope in zip(names, names[1:], scopes, strict=False)
    ]
    values = {name: Value(name, "float32", (4,)) for name in names}
    network = Graph("scopes", (values[names[0]],), (values[names[-1]],), {}, tuple(nodes), values)
    assert [share.scope for share in count(network, parts=True).by_block] == [common]


def test_a_graph_without_inputs_is_counted_too():
    counts = count(graph([("MatMul", "w w", "y")], {"y": (4, 4)}, {"w": ("float32", (4, 4))}, inputs=()), parts=True)
    assert (counts.macs.value, counts.params.value, counts.layers) == (64, 16, 0)
    assert adds_up(counts)


# ---------------------------------------------------------------- other sizes


def network_of(widths, size):
    """A residual network of 1 x 1 and 3 x 3 convolutions with these widths, as an ONNX model."""
    nodes, weights, channels, last = [], [], 3, "x"
    for at, width in enumerate(widths):
        for kind, shape in (("k", (width, channels, 3, 3)), ("p", (width, channels, 1, 1)), ("b", (width,))):
            weights.append(helper.make_tensor(f"{kind}{at}", TensorProto.FLOAT, shape, np.zeros(shape).ravel()))
        nodes += [
            helper.make_node("Conv", [last, f"k{at}", f"b{at}"], [f"c{at}"], pads=[1, 1, 1, 1]),
            helper.make_node("Relu", [f"c{at}"], [f"r{at}"]),
            helper.make_node("Conv", [last, f"p{at}"], [f"s{at}"]),
            helper.make_node("Add", [f"r{at}", f"s{at}"], [f"a{at}"]),
        ]
        channels, last = width, f"a{at}"
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, size, size])
    y = helper.make_tensor_value_info(last, TensorProto.FLOAT, [1, channels, size, size])
    model = helper.make_graph(nodes, "net", [x], [y], weights)
    return helper.make_model(model, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@settings(deadline=None, max_examples=25)
@given(widths=st.lists(st.integers(1, 8), min_size=1, max_size=4), size=st.integers(1, 9), batch=st.integers(2, 7))
def test_linear_in_the_batch(widths, size, batch):
    one, many = (
        count(from_proto(network_of(widths, size), "net", {"x": (n, 3, size, size)}), parts=True) for n in (1, batch)
    )
    pixels, channels = size * size, [3, *widths]
    steps = list(zip(channels, widths, strict=False))
    assert one.macs.value == pixels * sum(10 * before * after for before, after in steps)
    assert one.flops.value == 2 * one.macs.value + pixels * sum(3 * after for _, after in steps)  # bias, Relu, Add
    assert one.params.value == many.params.value == sum(10 * before * after + after for before, after in steps)
    assert one.activations == pixels * 2 * sum(widths)
    for figure in ("macs", "flops"):
        assert getattr(many, figure).value == batch * getattr(one, figure).value
    assert many.activations == batch * one.activations
    assert many.peak_activation_bytes == batch * one.peak_activation_bytes
    assert len(one.by_block) == len(widths)
    assert one.layers == 2 * len(widths)
    assert adds_up(one)
