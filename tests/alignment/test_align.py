"""Alignment: steps are paired by structure, whatever they are called and in whatever order they stand."""

from __future__ import annotations

import random

import onnx
import pytest

from zoodiff.alignment.align import align
from zoodiff.readers.onnx import read_bytes
from zoodiff.reading.reference import find
from zoodiff.reading.store import skeleton
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build


def net(ref: str) -> Net:
    return build(find(ref).graph())


def shuffled(data: bytes, seed: int) -> onnx.ModelProto:
    """The same network with other names and its operators in another order in which they can run."""
    model = onnx.ModelProto.FromString(data)
    chance, graph = random.Random(seed), model.graph
    names = {n for node in graph.node for n in (*node.input, *node.output) if n} | {t.name for t in graph.initializer}
    new = dict(zip(sorted(names), (f"t{i}" for i in chance.sample(range(10**6), len(names))), strict=True))
    ready = {v.name for v in graph.input} | {t.name for t in graph.initializer} | {""}
    waiting, order = list(graph.node), []
    while waiting:
        free = [node for node in waiting if ready.issuperset(node.input)]
        node = chance.choice(free)
        order.append(onnx.NodeProto.FromString(node.SerializeToString()))
        ready.update(node.output)
        waiting.remove(node)
    del graph.node[:]
    graph.node.extend(order)
    for node in graph.node:
        node.input[:] = [new.get(n, n) for n in node.input]
        node.output[:] = [new.get(n, n) for n in node.output]
        node.name = ""
        del node.metadata_props[:]
    for named in (*graph.initializer, *graph.input, *graph.output):
        named.name = new.get(named.name, named.name)
    del graph.value_info[:]
    return model


@pytest.mark.parametrize("name", ["resnet18", "googlenet", "densenet121", "shufflenet_v2_x0_5", "mobilenet_v3_small"])
def test_a_network_is_paired_with_itself_under_other_names_and_orders(name: str) -> None:
    weights = find(f"torchvision:{name}").weights
    assert weights is not None
    assert weights.graph is not None
    data = skeleton("torchvision", None, weights.graph)
    left = build(read_bytes(data, name))
    right = build(read_bytes(shuffled(data, 7).SerializeToString(), name))
    pairing = align(left, right)
    assert min(pairing.left) >= 0
    assert sorted(pairing.left) == list(range(len(right.steps)))
    for a, b in pairing.pairs():
        one, two = left.steps[a], right.steps[b]
        assert (one.op, one.attributes, one.shape_out) == (two.op, two.attributes, two.shape_out)
        mapped = sorted((pairing.left[source], port) if source >= 0 else (source, port) for source, port in one.inputs)
        assert mapped == sorted(two.inputs)


@pytest.mark.parametrize(
    ("shallow", "deep", "more"),
    [
        ("gluon:resnet18_v1", "gluon:resnet34_v1", 8),
        ("torchvision:resnet50", "torchvision:resnet101", 17),
        ("torchvision:resnet101", "torchvision:resnet152", 17),
    ],
)
def test_blocks_that_come_in_are_whole(shallow: str, deep: str, more: int) -> None:
    """The deeper ResNet has `more` residual units (He et al. 2015, table 1), and nothing else that is unpaired."""
    left, right = net(shallow), net(deep)
    pairing = align(left, right)
    alone = [step for step in right.steps if pairing.right[step.index] < 0]
    assert min(pairing.left) >= 0
    assert sum(step.op == "Add" for step in alone) == more
    assert len(alone) == more * sum(s.op != "Add" or len(s.inputs) > 1 for s in alone) // more


def test_queries_and_keys_of_blocks_that_come_in_stay_together() -> None:
    """Liu et al. 2021 (arXiv:2103.14030), section 3.3: swin-s has 18 blocks in its third stage for swin-t's 6."""
    left, right = net("torchvision:swin_t"), net("torchvision:swin_s")
    pairing = align(left, right)
    assert min(pairing.left) >= 0
    for product in (step for step in right.steps if step.op == "MatMul"):
        operands = [source for source, _ in product.inputs if right.steps[source].op == "Gemm"]
        assert len({pairing.right[product.index] < 0, *(pairing.right[at] < 0 for at in operands)}) == 1
