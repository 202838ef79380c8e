# /// script
# requires-python = ">=3.11,<3.14"
# dependencies = [
#   "keras==3.15.1",
#   "tf_keras==2.20.*",
#   "tensorflow==2.20.*",
#   "tf2onnx==1.17.*",
#   "onnx",
#   "onnxruntime",
# ]
# [tool.zoodiff]
# version-of = "keras"
# without-dependencies = []
# from-source = []
# ///
"""Keras Applications: the models inside the keras wheel, and those that only tf_keras still has."""

from __future__ import annotations

import contextlib
import inspect
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest import mock

from zoodiff.zoos import _tensorflow

BATCH = 6

SIZE = 224
"""where a constructor leaves height and width open, the size that it says its weights are for"""

MODES: dict[str, dict[str, Any]] = {
    "caffe": {"channel_order": "BGR", "scale": [0, 255], "mean": [103.939, 116.779, 123.68]},
    "tf": {"channel_order": "RGB", "scale": [-1, 1]},
    "torch": {"channel_order": "RGB", "scale": [0, 1], "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]},
}
"""what each mode of `imagenet_utils.preprocess_input` does; the mean is in the stated channel order"""


@dataclass(frozen=True)
class Published:
    """A weights file that a constructor asked for."""

    file: str
    url: str
    hash: str | None


def prove() -> None:
    """Raise unless the smallest model of each package converts to a graph that computes the same."""
    for name in ("MobileNetV3Small", "RegNetX002"):
        with tempfile.TemporaryDirectory() as folder:
            gather(name, Path(folder))
            check(name, "imagenet", 1.5, 10.0, Path(folder) / "check.npz")
            _tensorflow.proven(Path(folder), f"{name}.onnx", Path(folder) / "check.npz")


def names() -> list[str]:
    """Every model of keras.applications, then those that only tf_keras.applications has."""
    return list(constructors())


def constructors() -> dict[str, Callable[..., Any]]:
    """What builds each model: the public functions that can be given weights and a top."""
    _tensorflow.quiet()
    import keras
    import tf_keras

    found: dict[str, Callable[..., Any]] = {}
    for package in (keras, tf_keras):
        for name, value in vars(package.applications).items():
            if inspect.isfunction(value) and {"include_top", "weights"} <= set(inspect.signature(value).parameters):
                found.setdefault(name, value)
    return found


def gather(name: str, folder: Path) -> dict[str, Any]:
    """Write the model's skeleton and return its record: weights, input, preprocessing, claims."""
    constructor = constructors()[name]
    model, published = build(constructor)
    network = traced(model)
    found = _tensorflow.skeleton(network, name)
    graph = _tensorflow.write(found, folder / f"{name}.onnx")
    common = {
        "graph": graph,
        "input_shape": [1, *model.input_shape[1:]],
        "classes": model.output_shape[-1],
        "preprocessing": preprocessing(constructor, model),
        "params": int(model.count_params()),
    }
    return {
        "name": name,
        "package": package(constructor),
        "weights": [
            {"id": identity, "default": number == 0, **common, **origin(file, found, model)}
            for number, (identity, file) in enumerate(siblings(constructor, model, published).items())
        ],
        "claims": claims(name, constructor),
        "note": f"built by {place(constructor)}",
    }


def check(name: str, weights: str, gain: float, scale: float, path: Path) -> None:
    """Write the network with random weights, two pictures, and what Keras answers to them.

    All `weights` of a model have one network.
    """
    import numpy as np

    model, _ = build(constructors()[name])
    for variable in model.variables:
        variable.assign(_tensorflow.weight(label(variable), np.asarray(variable), gain))
    settle_normalization(model)
    _, height, width, _ = model.input_shape
    pictures = _tensorflow.pictures(height, width, scale)
    # before tracing, which leaves its tensors in Normalization
    answers = [np.asarray(model(picture, training=False)) for picture in pictures]
    _tensorflow.check(traced(model), pictures, answers, path)


def network(name: str, weights: str) -> tuple[Any, tuple[int, ...]]:
    """The network that these weights are for, with weights at random, and its input's shape."""
    model, _ = _published(name, weights)
    return model, (1, *model.input_shape[1:])


def fetch(name: str, weights: str, folder: Path) -> Path:
    """Download the file of these weights as Keras does, and check it against the hash that Keras states."""
    _, published = _published(name, weights)
    import keras

    there = {"cache_dir": str(folder), "cache_subdir": ""}
    return Path(keras.utils.get_file(published.file, published.url, file_hash=published.hash, **there))


def _published(name: str, weights: str) -> tuple[Any, Published]:
    """A model as it is published, and the file of some of its weights."""
    constructor = constructors()[name]
    model, default = build(constructor)
    return model, siblings(constructor, model, default)[weights]


# ---------------------------------------------------------------- building


def build(constructor: Callable[..., Any]) -> tuple[Any, Published]:
    """The model as it is published with ImageNet weights, and the weights file that it would load.

    The constructor is called as a user calls it; only the download and the loading are replaced, since a model without
    weights can be another network (EfficientNet has one more Rescaling with ImageNet's).
    """
    import warnings

    root = sys.modules[constructor.__module__.partition(".")[0]]
    root.backend.clear_session()  # layers are numbered through the process
    requests: list[Published] = []
    with downloads_recorded(root, requests), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = constructor(weights="imagenet")
        if None in model.input_shape[1:]:
            root.backend.clear_session()
            requests.clear()
            model = constructor(weights="imagenet", input_shape=(SIZE, SIZE, 3))
    (published,) = requests
    return model, published


@contextlib.contextmanager
def downloads_recorded(root: Any, requests: list[Published]) -> Iterator[None]:
    """While this holds, weights files are noted down and neither downloaded nor loaded."""

    def get_file(fname: str, origin: str, file_hash: str | None = None, **rest: Any) -> str:
        requests.append(Published(fname, origin, file_hash))
        return fname

    module = root.src.utils.file_utils if hasattr(root.src.utils, "file_utils") else root.src.utils.data_utils
    with (
        mock.patch.object(module, "get_file", get_file),
        mock.patch.object(root.Model, "load_weights"),
    ):
        yield


def traced(model: Any) -> _tensorflow.Network:
    """The model's inference on one image."""
    variables = {}
    for variable in model.variables:
        inner = getattr(variable, "value", variable)  # Keras 3 wraps TensorFlow's variable
        variables[(inner if hasattr(inner, "handle") else variable).ref()] = label(variable)

    def infer(image: Any) -> Any:
        settle_normalization(model)
        return model(image, training=False)

    with fused_normalization():
        return _tensorflow.trace(infer, (1, *model.input_shape[1:]), variables)


def settle_normalization(model: Any) -> None:
    """Let the input's Normalization take mean and variance from its variables, as it does after loading weights.

    Otherwise it works with copies made when it was built, before there were any weights.
    """
    for layer in leading_layers(model):
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()


def label(variable: Any) -> str:
    """The variable's name with its layer's: `conv1_bn/gamma`."""
    return str(getattr(variable, "path", variable.name).partition(":")[0])


@contextlib.contextmanager
def fused_normalization() -> Iterator[None]:
    """While this holds, Keras 3's batch normalization is TensorFlow's one operator instead of a handful.

    Only where that operator exists (four dimensions, channels last). A scale or offset that the layer does not have
    becomes a constant of its own.
    """
    import tensorflow as tf
    from keras.src import backend

    primitive = backend.nn.batch_normalization

    def fused(
        x: Any, mean: Any, variance: Any, axis: int, offset: Any = None, scale: Any = None, epsilon: float = 1e-3
    ) -> Any:
        if len(x.shape) != 4 or axis not in (-1, 3):
            return primitive(x, mean, variance, axis, offset=offset, scale=scale, epsilon=epsilon)
        return tf.raw_ops.FusedBatchNormV3(
            x=x,
            scale=tf.ones(mean.shape) if scale is None else scale,
            offset=tf.zeros(mean.shape) if offset is None else offset,
            mean=mean,
            variance=variance,
            epsilon=epsilon,
            is_training=False,
        ).y

    with mock.patch.object(backend.nn, "batch_normalization", fused):
        yield


# ---------------------------------------------------------------- the record


def package(constructor: Callable[..., Any]) -> str:
    """The released package that holds a function: `keras==3.15.1`."""
    name = constructor.__module__.partition(".")[0]
    return f"{name}=={version(name)}"


def source(function: Callable[..., Any]) -> dict[str, Any]:
    """Where a function stands: package, file in the wheel, line."""
    return {
        "repository": package(function),
        "path": function.__module__.replace(".", "/") + ".py",
        "line": inspect.getsourcelines(function)[1],
    }


def place(function: Callable[..., Any]) -> str:
    """`source` in words."""
    found = source(function)
    return f"{found['repository']} {found['path']}:{found['line']}"


def preprocessing(constructor: Callable[..., Any], model: Any) -> dict[str, Any]:
    """What the module's `preprocess_input` does to an image, and what the network's first layers do."""
    module = sys.modules[constructor.__module__]
    mode = preprocessing_mode(module)
    inside = ", then ".join(layer_words(layer) for layer in leading_layers(model))
    return {
        "layout": "NHWC",
        **(MODES[mode] if mode else {"channel_order": "RGB", "scale": [0, 255]}),
        **({"in_graph": inside} if inside else {}),
        "source": source(module.preprocess_input),
        "note": (f"preprocess_input, mode {mode!r}" if mode else "preprocess_input returns its input")
        + "; resize, crop and interpolation are not stated",
    }


def preprocessing_mode(module: Any) -> str | None:
    """The mode in which a module's `preprocess_input` calls the common one; None where it changes nothing."""
    import numpy as np

    modes: list[str] = []

    def common(x: Any, data_format: Any = None, mode: str = "caffe") -> Any:
        modes.append(mode)
        return x

    pixels = np.arange(48, dtype=np.float32).reshape(1, 4, 4, 3)
    with mock.patch.object(module.imagenet_utils, "preprocess_input", common):
        after = module.preprocess_input(pixels.copy())
    if not np.array_equal(after, pixels):
        raise ValueError(f"{module.__name__}.preprocess_input does more than the common one")
    return modes[0] if modes else None


def leading_layers(model: Any) -> list[Any]:
    """The Rescaling and Normalization layers with which a network begins."""
    layers = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
    last = next(number for number, layer in enumerate(layers) if type(layer).__name__ not in IN_GRAPH)
    return layers[:last]


def layer_words(layer: Any) -> str:
    """A Rescaling or Normalization layer with its numbers."""
    kind, settings = type(layer).__name__, layer.get_config()
    if kind == "Normalization" and settings.get("mean") is None:
        return "Normalization(mean and variance in the weights file)"
    return f"{kind}({', '.join(f'{key}={plain(settings[key])}' for key in IN_GRAPH[kind])})"


IN_GRAPH = {"Rescaling": ("scale", "offset"), "Normalization": ("mean", "variance")}


def plain(value: Any) -> str:
    """A number or a list of them, to seven digits."""
    import numpy as np

    numbers = [f"{number:.7g}" for number in np.ravel(np.asarray(value, dtype=float))]
    return numbers[0] if len(numbers) == 1 else f"[{', '.join(numbers)}]"


COLUMNS = {"MACs(M)": ("macs", 6), "Parameters(M)": ("params", 6), "Top1 Accuracy": ("acc@1", 0)}
"""columns of the tables in docstrings: which metric, and the power of ten in which it is stated"""


def claims(name: str, constructor: Callable[..., Any]) -> list[dict[str, Any]]:
    """The figures about a model in the tables of its constructor's docstring.

    A row is the model's if its label, underscores aside, begins with the model's name; the rest of the label says for
    which weights (`1.0_224` is the constructor's default).
    """
    label = re.compile("_?".join(name), re.IGNORECASE)
    found = []
    for header, row in table_rows(inspect.getdoc(constructor) or ""):
        if not (match := label.match(row[0])):
            continue
        rest = row[0][match.end() :].strip("_")
        for column, cell in zip(header, row, strict=True):
            if column in COLUMNS:
                metric, exponent = COLUMNS[column]
                found.append(
                    {
                        "model": name,
                        "metric": metric,
                        "value": f"{Decimal(cell).scaleb(exponent):f}",
                        "as_written": cell,
                        "kind": "accuracy" if metric.startswith("acc") else "count",
                        "weights": "imagenet" if rest == f"1.0_{SIZE}" else rest,
                        "input_size": SIZE,
                        "source": source(constructor) | {"line": line_of(constructor, row[0])},
                        "note": f"table in the docstring, column {column!r}, row {row[0]!r}",
                    }
                )
    return found


def table_rows(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Each row of the Markdown tables in a text, with its table's header."""
    header: list[str] = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.strip().startswith("|"):
            header = []
        elif not header:
            header = cells
        elif len(cells) == len(header) and not set(cells[0]) <= set("-: "):
            yield header, cells


def line_of(function: Callable[..., Any], text: str) -> int:
    """The first line of a function's file that has a text."""
    lines = Path(str(inspect.getsourcefile(function))).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def siblings(constructor: Callable[..., Any], model: Any, default: Published) -> dict[str, Published]:
    """Every weights file with a top that the module publishes for exactly this network, the default one first.

    A module that has several for one network (ResNet-RS: one per training size) keeps a table from file name to hash,
    and takes `imagenet-iSIZE` as the weights' name.
    """
    table = getattr(sys.modules[constructor.__module__], "WEIGHT_HASHES", {})
    pattern = re.compile(re.escape(model.name) + r"-(i\d+)\.h5")
    found = {
        f"imagenet-{match[1]}": Published(file, default.url.replace(default.file, file), hash)
        for file, hash in table.items()
        if (match := pattern.fullmatch(file))
    }
    others = {identity: file for identity, file in found.items() if file.file != default.file}
    return {"imagenet": default, **others}


def origin(published: Published, found: _tensorflow.Skeleton, model: Any) -> dict[str, Any]:
    """The weights file's name, address and hash, and what its graph has more or less than the framework counts."""
    digest = published.hash or ""
    kind = {32: "md5", 64: "sha256"}.get(len(digest))
    notes = [f"{kind} {digest}" if kind else "the source states no hash for the file"]
    if unread := int(model.count_params()) - found.parameters:
        notes.append(f"{unread:,} of the parameters that Keras counts are never read by the network")
    if found.constants:
        notes.append(f"beside the parameters the graph has constants of {found.constants:,} elements")
    return {
        "file": published.file,
        "url": published.url,
        "note": "; ".join(notes),
        **({"sha256": digest} if kind == "sha256" else {}),
    }
