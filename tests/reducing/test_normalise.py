from __future__ import annotations

from collections import Counter
from functools import cache
from types import SimpleNamespace

import onnx
import pytest

from proof import TOLERANCE, error, parts
from zoodiff.readers.onnx import read_bytes
from zoodiff.reading import reference, store
from zoodiff.reducing import normalise as normalised
from zoodiff.reducing.draft import Draft
from zoodiff.reducing.normalise import normalise, passes

SAMPLE = [
    "gluon:mobilenetv3_small",
    "gluon:resnest14",
    "gluon:squeezenet1.1",
    "keras:ConvNeXtTiny",
    "keras:DenseNet121",
    "keras:EfficientNetB0",
    "keras:MobileNetV3Small",
    "keras:NASNetMobile",
    "onnx:densenet-9",
    "onnx:inception-v2-9",
    "onnx:shufflenet-9",
    "tfmg:mobilenet_v3_small",
    "tfmg:official-MobileNetV4HybridMedium",
    "tfmg:official-resnet_rs_50",
    "tfmg:official-revnet_38",
    "tfmg:official-vit_ti16",
    "torchvision:googlenet",
    "torchvision:maxvit_t",
    "torchvision:mobilenet_v3_small",
    "torchvision:shufflenet_v2_x0_5",
    "torchvision:swin_v2_t",
]
"""One of each kind of network and exporter, of those with few weights."""

INTERFACE = {"Softmax", "Transpose", "Sub", "Div"}
"""What lies before and behind an architecture: the layout of the input, preprocessing, the last Softmax."""


def skeleton(ref: str) -> bytes:
    network = reference.find(ref)
    assert network.zoo is not None
    assert network.weights is not None
    assert network.weights.graph is not None
    return store.skeleton(network.zoo, network.version, network.weights.graph)


@cache
def normal(ref: str) -> Draft:
    return normalise(read_bytes(skeleton(ref), ref))


@pytest.mark.parametrize("ref", SAMPLE)
def test_outputs_stay_and_a_second_time_changes_nothing(ref):
    data = skeleton(ref)
    graph = read_bytes(data, ref)
    draft = normalise(graph)
    assert error(onnx.ModelProto.FromString(data), graph, draft) < TOLERANCE
    before = parts(draft)
    for module in passes().values():
        module.run(draft)
    draft.sweep()
    draft.sort()
    assert parts(draft) == before


@pytest.mark.parametrize(
    "ref", ["keras:MobileNetV3Small", "torchvision:vit_b_16", "tfmg:inception_v1", "gluon:resnet18_v1"]
)
def test_no_pass_that_waits_would_have_found_something(ref, monkeypatch):
    """As where each pass runs in each round, which takes longer."""
    every = Draft(read_bytes(skeleton(ref), "test"))
    before = None
    while before != (before := normalised.state(every)):
        for module in passes().values():
            module.run(every)
    every.sweep()
    assert parts(every) == parts(normal(ref))


def test_a_pass_that_found_nothing_waits_until_another_changes_something(monkeypatch):
    ran, expected = [], parts(normal("keras:MobileNetV3Small"))

    def counting(name, module):
        def run(draft):
            began = draft.changes
            module.run(draft)
            ran.append((name, began, draft.changes))

        return SimpleNamespace(run=run)

    made = {name: counting(name, module) for name, module in passes().items()}
    monkeypatch.setattr(normalised, "passes", lambda: made)
    draft = normalise(read_bytes(skeleton("keras:MobileNetV3Small"), "test"))
    assert parts(draft) == expected
    idle = [(name, began) for name, began, ended in ran if began == ended]
    assert len(idle) == len(set(idle)), "none looks twice at the same draft in vain"
    assert {name for name, *_ in ran} == set(made)


@pytest.mark.parametrize(
    "refs",
    [
        ("torchvision:densenet121", "keras:DenseNet121", "gluon:densenet121"),
        ("torchvision:vgg16", "keras:VGG16", "tfmg:vgg_16", "gluon:vgg16"),
        ("torchvision:mobilenet_v2", "keras:MobileNetV2", "tfmg:mobilenet_v2", "tfmg:official-MobileNetV2"),
        ("torchvision:mobilenet_v3_small", "tfmg:mobilenet_v3_small", "tfmg:official-MobileNetV3Small"),
        ("keras:InceptionV3", "tfmg:inception_v3", "gluon:inceptionv3"),
        ("torchvision:resnet50", "keras:ResNet50", "tfmg:official-resnet_50", "gluon:resnet50_v1"),
        ("torchvision:squeezenet1_1", "gluon:squeezenet1.1"),
    ],
)
def test_the_same_architecture_has_the_same_operators(refs):
    found = [Counter(op.op for op in normal(ref).ops if op.op not in INTERFACE) for ref in refs]
    assert all(one == found[0] for one in found)


def test_networks_that_differ_stay_apart():
    """slim pools its shortcuts, and official EfficientNets have ReLU inside squeeze-and-excitation."""
    slim, other = (Counter(op.op for op in normal(ref).ops) for ref in ("tfmg:resnet_v1_50", "torchvision:resnet50"))
    assert slim["MaxPool"] == other["MaxPool"] + 3
    refs = ("tfmg:official-efficientnet_b0", "torchvision:efficientnet_b0")
    one, two = (Counter(op.op for op in normal(ref).ops) for ref in refs)
    assert one["Relu"] == 16
    assert two["Relu"] == 0


def test_all_operators_of_the_file_that_count_are_stood_for():
    """What costs multiplications may be merged, never lost."""
    for ref in ("keras:ConvNeXtTiny", "tfmg:official-vit_ti16"):
        graph = read_bytes(skeleton(ref), ref)
        draft = normalise(graph)
        stood = {at for op in draft.ops for at in draft.stands_for(op)}
        heavy = {at for at, node in enumerate(graph.nodes) if node.op in ("Conv", "Gemm", "MatMul")}
        assert heavy <= stood
