"""What tests share: places, and small zoos made up of tiny networks whose counts are known in closed form."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from zoodiff.accuracy.evidence import Evidence
from zoodiff.reading import entries, reference, store
from zoodiff.reading.reference import Network
from zoodiff.record import Claim, Model, Preprocessing, Provenance, Snapshot, Source, Unmeasured, Weights
from zoodiff.survey.finding import Finding
from zoodiff.timing import machine
from zoodiff.timing.latency import Bench, Latency, Settings

ROOT = Path(__file__).parents[1]
EVIDENCE = ROOT.parent / "shared" / "evidence"


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str


Judged = Callable[..., list[Finding]]
"""What one rule finds among zoos given as keywords, each a tuple of models."""


def tiny(channels: int = 8, size: int = 32, pooled: bool = False) -> bytes:
    """A skeleton: a 3x3 convolution from 3 channels, perhaps a pooling, a global pooling and ten classes.

    It has 27 * channels * size**2 + 10 * channels multiply-accumulates and 37 * channels + 10 parameters.
    """
    nodes = [helper.make_node("Conv", ["x", "w"], ["c"], pads=[1, 1, 1, 1])]
    if pooled:
        nodes.append(helper.make_node("MaxPool", ["c"], ["m"], kernel_shape=[2, 2], strides=[2, 2]))
    nodes += [
        helper.make_node("GlobalAveragePool", ["m" if pooled else "c"], ["p"]),
        helper.make_node("Flatten", ["p"], ["f"]),
        helper.make_node("Gemm", ["f", "v", "b"], ["y"]),
    ]
    shapes = {"w": [channels, 3, 3, 3], "v": [channels, 10], "b": [10]}
    weights = [TensorProto(name=name, dims=dims, data_type=TensorProto.FLOAT) for name, dims in shapes.items()]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, size, size])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 10])],
        weights,
    )
    model: onnx.ModelProto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    return bytes(model.SerializeToString())


def claimed(model: str, metric: str, value: str, weights: str | None = None, date: str | None = "2022-05-01") -> Claim:
    """A claim as a zoo's README would carry it."""
    source = Source("owner/zoo", "README.md", "0123456789abcdef" * 2 + "01234567", 7)
    return Claim(model, metric, Decimal(value), value, source, weights=weights, date=date)


def published(
    name: str, graph: str | None = None, top1: str | None = None, top5: str | None = None, **more: object
) -> Model:
    """A model with one set of weights, `w1`, and its claims."""
    claims = tuple(claimed(name, m, v, "w1") for m, v in (("acc@1", top1), ("acc@5", top5)) if v)
    prepared = Preprocessing(resize=(256,), crop=(224, 224), mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225))
    weights = (Weights("w1", graph, default=True, preprocessing=prepared),)
    return Model(name, **({"weights": weights, "claims": claims} | more))  # type: ignore[arg-type]


def measured(value: str, as_the_zoo: bool | None, metric: str = "acc@1") -> Evidence:
    """What somebody else measured of the weights `w1`."""
    source = Source("some/body", "results.csv", "0123456789abcdef" * 2 + "01234567", 7)
    return Evidence(
        "one", "vgg16", "w1", metric, Decimal(value), "somebody", "equal hashes", source, as_the_zoo_prepares=as_the_zoo
    )


def write_snapshot(zoo: str, version: str, models: tuple[Model, ...], files: Mapping[str, bytes]) -> None:
    """Write a snapshot into $ZOODIFF_HOME."""
    provenance = Provenance("2026-01-02", "3.11.7", "Linux", {}, "f" * 64, "0.1.0")
    store.write(Snapshot(store.FORMAT, zoo, version, "2026-01-02", models, provenance), files)


def write_zoos() -> None:
    """Three zoos: VGG-16 in all of them, ResNet-50 V1 and AlexNet in two, and models that cannot be compared.

    | architecture | alpha | beta | gamma |
    |---|---|---|---|
    | vgg16 top-1 | 71.592 | 71.3 | 71.592 |
    | vgg16 macs | 8 channels at 32 | the same | 16 channels at 32 |
    | resnet50-v1 top-1 | 76.130 (and 80.858 for other weights) | 74.9 | - |
    | resnet50-v1 macs | 8 channels at 32 | 8 channels at 64 | - |
    | alexnet top-1 | 56.522 | - | 56.522, the graph a stand-in |
    """
    resnet = published("resnet50_v1", "eight.onnx", "76.130", "92.862")
    other = claimed("resnet50_v1", "acc@1", "80.858", "w2")
    files = {
        "eight.onnx": tiny(8),
        "wide.onnx": tiny(16),
        "large.onnx": tiny(8, 64),
        "pooled.onnx": tiny(8, 32, pooled=True),
    }
    alpha = (
        published("vgg16", "eight.onnx", "71.592", "90.382"),
        published(
            "resnet50_v1", "eight.onnx", claims=(*resnet.claims, other), weights=(*resnet.weights, Weights("w2"))
        ),
        published("alexnet", "pooled.onnx", "56.522", "79.066"),
        published(
            "<img src=x onerror=alert(1)>",
            None,
            note="<script>alert(1)</script>",
            graph_missing=Unmeasured("it cannot be <built>"),
        ),
    )
    beta = (
        published("VGG16", "eight.onnx", "71.3", "90.1"),
        published("ResNet50_v1", "large.onnx", "74.9", "92.1"),
    )
    gamma = (
        published("vgg16", "wide.onnx", "71.592"),
        published("alexnet", None, "56.522", stand_in="alpha:alexnet", stand_in_reason="its file is not to be had"),
    )
    write_snapshot("alpha", "1.0", alpha, files)
    write_snapshot("beta", "2.1", beta, files)
    write_snapshot("gamma", "0.3", gamma, files)


@contextmanager
def own_home(folder: Path) -> Iterator[None]:
    """The user's own folder, empty; nothing is bundled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOODIFF_HOME", str(folder))
        patch.setattr(entries, "BUNDLED", folder / "none")
        reference.zoos.cache_clear()
        reference.snapshot.cache_clear()
        yield
    reference.zoos.cache_clear()
    reference.snapshot.cache_clear()


@contextmanager
def copied(folder: Path, ref: str) -> Iterator[Network]:
    """A zoo `mine` beside the bundled ones, that has nothing but the graph of a bundled model under the same name."""
    network = reference.find(ref)
    assert network.zoo
    assert network.weights
    assert network.weights.graph
    data = store.skeleton(network.zoo, network.version, network.weights.graph)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZOODIFF_HOME", str(folder))
        write_snapshot("mine", "1.0", (Model(network.name, (Weights("w", graph="copy.onnx"),)),), {"copy.onnx": data})
        reference.zoos.cache_clear()
        yield reference.find(f"mine:{network.name}")
    reference.zoos.cache_clear()
    reference.snapshot.cache_clear()


def filled(folder: Path, name: str = "own.onnx", outside: bool = False) -> Path:
    """A file with weights of its own, inside it or in a file beside it."""
    model = onnx.ModelProto.FromString(tiny(16))
    random = np.random.default_rng(1)
    for tensor in model.graph.initializer:
        value = random.standard_normal(tuple(tensor.dims)).astype(np.float32)
        tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))
    onnx.save_model(model, folder / name, save_as_external_data=outside, location="beside.bin", size_threshold=0)
    return folder / name


SIZE = {"x": (1, 3, 224, 224)}


def timed(name: str, milliseconds: float, size: dict[str, tuple[int, ...]] = SIZE) -> Latency:
    """Ten rounds of a network, each a thousandth slower than the one before."""
    rounds = tuple((round(1e6 * milliseconds * (1 + at / 1000)),) for at in range(10))
    return Latency(
        ref=name, architecture=None, sha256=None, weights="random", input=size, macs=None, rounds=rounds,
        processor=tuple(sum(times) for times in rounds), warm_up=2, peak_memory=1, idle_memory=1,
    )  # fmt: skip


def bench(*models: Latency) -> Bench:
    """A bench of these networks on this machine."""
    return Bench(
        machine=machine.here(), settings=Settings(), processors=(), began="2026-01-02T03:04:05Z", load=(0, 0),
        models=models,
    )  # fmt: skip
