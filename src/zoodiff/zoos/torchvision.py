# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "torch==2.13.0",
#   "torchvision==0.29.1",
#   "onnx==1.23.*",
#   "onnx-ir==1.1.*",
#   "onnxscript==0.7.*",
#   "onnxruntime>=1.24",
#   "numpy>=2",
#   "pillow>=12",
# ]
# [tool.zoodiff]
# version-of = "torchvision"
# without-dependencies = ["torchvision"]
# from-source = []
# disk-mb = 1500
# ///
"""Torchvision: the image classifiers of the torchvision wheel.

Which ones: what torchvision itself registers in `torchvision.models` (its classifiers; detection, segmentation, video
and optical flow register in modules of their own) and in `torchvision.models.quantization` (all of them classifiers).

Torchvision is installed without its dependencies since each release asks for one release of torch, and a build of
torch for CPUs is enough here.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

BATCH = 20

OPS_NOTE = "the documentation's column is headed GFLOPS; the figures are multiply-accumulates (pytorch/vision#5982)"
TRANSFORM_INPUT = "turns the normalised channels into (value - 0.5) / 0.5 (transform_input)"
SIZE_NOTE = "published in MiB of 1,048,576 bytes, with three decimals"


def prove() -> None:
    """Raise unless torchvision is importable and the exporter keeps BatchNormalization in a tiny network."""
    import onnx
    from torch.nn import BatchNorm2d, Conv2d, Sequential

    from zoodiff.zoos import _torch

    if not names():
        raise RuntimeError("torchvision registers no classifiers")
    with _torch.weightless():
        network = Sequential(Conv2d(3, 4, 3, bias=False), BatchNorm2d(4))
    graph = _torch.skeleton(network, (1, 3, 8, 8))
    operators = [node.op_type for node in onnx.load_from_string(graph).graph.node]
    if operators != ["Conv", "BatchNormalization"]:
        raise RuntimeError(f"the exporter made {operators} of a convolution and a batch normalization")


def names() -> list[str]:
    """Every classifier that torchvision registers, the quantised ones included."""
    models = _models()
    return [name for module in (models, models.quantization) for name in models.list_models(module=module)]


def gather(name: str, folder: Path) -> dict[str, Any]:
    """Write the model's skeletons into `folder` and return its record: all its weights, with what is published of them.

    Weights share a skeleton if theirs are the same bytes. An export that fails leaves a record without graphs.
    """
    from zoodiff.zoos import _torch

    models = _models()
    builder, entries = models.get_model_builder(name), models.get_model_weights(name)
    path = Path(inspect.getfile(entries))
    printed = literals(path.read_text(encoding="utf-8"))
    source = {
        "repository": f"torchvision=={release()}",
        "path": f"torchvision/{path.relative_to(_folder()).as_posix()}",
    }
    record: dict[str, Any] = {
        "name": name,
        "weights": [],
        "claims": [],
        "package": builder.__module__.rpartition(".")[0],
    }
    graphs: dict[bytes, str] = {}
    for entry in sorted(entries, key=lambda entry: entry is not entries.DEFAULT):
        figures = {key[2:]: value for key, value in printed.items() if key[:2] == (entries.__name__, entry.name)}
        weights = describe(entry, figures, source)
        weights["default"] = entry is entries.DEFAULT
        record["weights"].append(weights)
        record["claims"] += [
            {"model": name, "weights": entry.name, **claim} for claim in claims(entry, figures, source)
        ]
        try:
            module = _shapes(name, entry)
            graph = _torch.skeleton(module, input_shape(entry))
        except Exception as fault:  # whatever the exporter cannot do, the claims stand
            record["graph_missing"] = {"type": "Unmeasured", "reason": _reason(fault)}
            continue
        if getattr(module, "transform_input", False):
            weights["preprocessing"]["in_graph"] = TRANSFORM_INPUT
        for part, size in _torch.unused(module, graph).items():
            weights["note"] += f" Evaluation does not use {part}, which holds {size} of the parameters."
        suffix = f"-{entry.name}" if graphs else ""
        weights["graph"] = graphs.setdefault(graph, f"{name}{suffix}.onnx")
        (folder / weights["graph"]).write_bytes(graph)
    return record


def check(name: str, weights: str, gain: float, scale: float, path: Path) -> None:
    """Write the network of these weights with random ones, two pictures, and what torch answers to them."""
    from zoodiff.zoos import _torch

    entry = _models().get_model_weights(name)[weights]
    _torch.check(_build(name, entry), input_shape(entry), gain, scale, path)


def network(name: str, weights: str) -> tuple[Any, tuple[int, ...]]:
    """The network that these weights are for, in evaluation mode with weights at random, and its input's shape."""
    entry = _models().get_model_weights(name)[weights]
    return _build(name, entry).eval(), input_shape(entry)


def fetch(name: str, weights: str, folder: Path) -> Path:
    """Download the file of these weights, and check it against the beginning of its hash, which its name ends with."""
    _models()
    from torch.hub import download_url_to_file

    url: str = _models().get_model_weights(name)[weights].url
    path = folder / url.rpartition("/")[2]
    prefix = re.search(r"-([0-9a-f]{8,})\.", path.name)
    download_url_to_file(url, str(path), prefix[1] if prefix else None, progress=False)
    return path


# ---------------------------------------------------------------- torchvision


def release() -> str:
    """The version of torchvision, without the mark of a build."""
    return version("torchvision").partition("+")[0]


def _folder() -> Path:
    spec = find_spec("torchvision")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("torchvision is not installed")
    return Path(spec.origin).parent


def _models() -> Any:
    """`torchvision.models`, also beside a torch whose build its compiled extension does not fit.

    Torchvision then imports without its own operators, but registers shapes for some of them all the same. It is
    enough to declare these; no classifier uses one.
    """
    try:
        import torchvision
    except RuntimeError as fault:
        if "operator torchvision::" not in str(fault):
            raise
        import torch

        library = torch.library.Library("torchvision", "DEF")
        for operator in fakes((_folder() / "_meta_registrations.py").read_text(encoding="utf-8")):
            library.define(f"{operator}(Tensor input) -> Tensor")
        _DECLARED.append(library)
        import torchvision
    return torchvision.models


_DECLARED: list[Any] = []
"""operators declared here; they live as long as their library object"""


def fakes(source: str) -> list[str]:
    """The operators for which a module's source registers a fake whether they exist or not."""
    return sorted(set(re.findall(r'register_fake\("torchvision::(\w+)"\)', source)))


@contextlib.contextmanager
def _unloaded() -> Iterator[None]:
    """Builders asked for weights set up the network for them, but download and load nothing."""
    from torch.nn import Module
    from torchvision.models import WeightsEnum

    download, load = WeightsEnum.get_state_dict, Module.load_state_dict
    WeightsEnum.get_state_dict = lambda *_args, **_options: {}
    Module.load_state_dict = lambda *_args, **_options: None
    try:
        yield
    finally:
        WeightsEnum.get_state_dict, Module.load_state_dict = download, load


def _build(name: str, entry: Any) -> Any:
    """The network as shipped: `weights=None` would be another one for GoogLeNet, Inception v3 and larger inputs."""
    options = {"quantize": True} if _quantised(name) else {}
    with _unloaded():
        return _models().get_model(name, weights=entry, **options)


def _quantised(name: str) -> bool:
    """Whether the builder quantises the network that it built."""
    return "quantize" in inspect.signature(_models().get_model_builder(name)).parameters


def _shapes(name: str, entry: Any) -> Any:
    """The network as shipped without memory for weights; quantising alone cannot do without."""
    from zoodiff.zoos import _torch

    with contextlib.nullcontext() if _quantised(name) else _torch.weightless():
        return _build(name, entry)


def _reason(fault: BaseException) -> str:
    """The first line of what went wrong at the root: the exporter wraps it in advice."""
    while fault.__cause__ is not None:
        fault = fault.__cause__
    return f"torch cannot export it: {type(fault).__name__}: {str(fault).strip().partition(chr(10))[0]}"


# ---------------------------------------------------------------- what is published


def literals(source: str) -> dict[tuple[str, ...], tuple[str, int]]:
    """What a models module prints about its weights: (enum, entry, key, ...) to the text and the line it stands on.

    `meta` and the dictionaries inside it are followed, also where one takes over another by `**NAME`; so are the other
    arguments of an entry.
    """
    tree = ast.parse(source)
    named = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found: dict[tuple[str, ...], tuple[str, int]] = {}

    def follow(path: tuple[str, ...], value: ast.expr) -> None:
        if not isinstance(value, ast.Dict):
            found[path] = (ast.get_source_segment(source, value) or "", value.lineno)
            return
        for key, item in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant):
                follow((*path, str(key.value)), item)
            elif isinstance(item, ast.Name) and item.id in named:
                follow(path, named[item.id])

    for enum in [node for node in tree.body if isinstance(node, ast.ClassDef)]:
        for entry in [node for node in enum.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)]:
            assert isinstance(entry.value, ast.Call)
            for argument in entry.value.keywords:
                prefix = () if argument.arg == "meta" else (argument.arg or "",)
                for target in [target for target in entry.targets if isinstance(target, ast.Name)]:
                    follow((enum.name, target.id, *prefix), argument.value)
    return found


Printed = dict[tuple[str, ...], tuple[str, int]]


def claims(entry: Any, printed: Printed, source: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The figures published for one set of weights, each with the line on which it stands; NaN is no figure."""
    metrics = [
        (("_metrics", dataset, metric), dataset) for dataset, by in entry.meta["_metrics"].items() for metric in by
    ]
    preset = entry.transforms()
    for path, dataset in metrics:
        text, line = printed[path]
        if number(text) is not None:
            yield {
                "metric": path[-1],
                "value": text,
                "as_written": text,
                "kind": "accuracy",
                "dataset": "ImageNet-1k validation" if dataset == "ImageNet-1K" else dataset,
                "input_size": preset.crop_size[0],
                "preprocessing": f"shorter side {preset.resize_size[0]} ({preset.interpolation.value}), centre crop",
                "source": {**source, "line": line},
            }
    for key, metric, unit, kind, note in (
        ("num_params", "params", 1, "count", ""),
        ("_ops", "macs", 10**9, "count", OPS_NOTE),
        ("_file_size", "bytes", 2**20, "size", SIZE_NOTE),
    ):
        text, line = printed[key,]
        figure = number(text)
        if figure is not None:
            yield {
                "metric": metric,
                "value": format((figure * unit).normalize(), "f"),
                "as_written": text,
                "kind": kind,
                "dataset": "",
                **({"input_size": preset.crop_size[0]} if metric == "macs" else {}),
                "source": {**source, "line": line},
                "note": note,
            }


def number(text: str) -> Decimal | None:
    """The number that a Python literal prints, exactly; None for NaN."""
    return None if "nan" in text else Decimal(text.replace("_", ""))


def describe(entry: Any, printed: Printed, source: dict[str, Any]) -> dict[str, Any]:
    """The record of one set of weights, without its graph."""
    meta = entry.meta
    absent = [metric for by in meta["_metrics"].values() for metric, value in by.items() if math.isnan(value)]
    prefix = re.search(r"-([0-9a-f]{8})\.", entry.url)
    notes = [
        " ".join(meta.get("_docs", "").split()),
        f"Recipe: {meta['recipe']}" if meta.get("recipe") else "",
        f"The source gives NaN as {', '.join(absent)}." if absent else "",
        f"Made from {meta['unquantized']}, for {meta['backend']}." if "unquantized" in meta else "",
        f"The file's name states the first 8 digits of its sha256: {prefix[1]}." if prefix else "",
    ]
    classes = {"classes": len(meta["categories"])} if meta["categories"] else {}
    return {
        "id": entry.name,
        "input_shape": list(input_shape(entry)),
        **classes,
        "preprocessing": preprocessing(entry, {**source, "line": printed["transforms",][1]}),
        "params": meta["num_params"],
        "url": entry.url,
        "file": entry.url.rpartition("/")[2],
        "note": " ".join(note for note in notes if note),
    }


def input_shape(entry: Any) -> tuple[int, ...]:
    """One image of the size that the weights' preprocessing makes."""
    side = entry.transforms().crop_size[0]
    return (1, 3, side, side)


def preprocessing(entry: Any, source: dict[str, Any]) -> dict[str, Any]:
    """The weights' own preprocessing, in the record's terms."""
    preset = entry.transforms()
    (side,) = preset.resize_size
    (crop,) = preset.crop_size
    return {
        "type": "Preprocessing",
        "resize": [side],
        "crop": [crop, crop],
        "interpolation": preset.interpolation.value,
        "antialias": preset.antialias,
        "channel_order": "RGB",
        "layout": "NCHW",
        "scale": [0, 1],
        "mean": list(preset.mean),
        "std": list(preset.std),
        "source": source,
    }
