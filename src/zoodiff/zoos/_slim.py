"""The research/slim half of the TensorFlow Model Garden, by way of a third party's package of object_detection.

tensorflow/models never released research/slim; that package carries all of its `nets` and `preprocessing`. They were
written for TensorFlow 1, so that a few names must be put where they look for them.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

from zoodiff.zoos import _tensorflow

DISTRIBUTION = "tf-models-research-object-detection"
PACKAGE = "object_detection"

CONVERTED = ("vgg", "resnet_v1", "alexnet", "overfeat")
"""networks with 1000 classes, their weights coming from Caffe or their code saying so; all others have a background
class first (README: VGG and ResNet parameters have been converted from Caffe)"""

OTHER_TASKS = {
    32: "trained on CIFAR-10 at 32x32: no ImageNet classifier",
    28: "trained on MNIST at 28x28, one channel: no ImageNet classifier",
}
"""default sizes of networks that classify other images"""


@dataclass(frozen=True)
class Checkpoint:
    """Published weights of a network: the name that the zoo's pages give them, evaluation size, file, page."""

    id: str
    size: int | None = None
    """None: the network's default size"""
    url: str = ""
    page: str = "research/slim/README.md"
    preprocessing: str | None = None
    """where the page names another preprocessing than the factory"""


def readme(file: str, size: int | None = None, root: str = "http://download.tensorflow.org/models/") -> Checkpoint:
    """A checkpoint of research/slim/README.md."""
    return Checkpoint(file, size, f"{root}{file}.tar.gz")


def resnet_v2(file: str) -> Checkpoint:
    """A ResNet V2 checkpoint: "Inception pre-processing and input image size of 299" (research/slim/README.md)."""
    return Checkpoint(file, 299, f"http://download.tensorflow.org/models/{file}.tar.gz", preprocessing="inception")


def mobilenet_v1(width: str, *sizes: int) -> list[Checkpoint]:
    """The float checkpoints of one width, the one in the README's own table first."""
    root = "http://download.tensorflow.org/models/mobilenet_v1_2018_02_22"
    file = width.rstrip("0") if width == "0.50" else width
    return [
        Checkpoint(
            f"MobileNet_v1_{width}_{size}",
            size,
            f"{root}/mobilenet_v1_{file}_{size}.tgz",
            "research/slim/nets/mobilenet_v1.md",
        )
        for size in sizes
    ]


def mobilenet_v2(width: str, *sizes: int) -> list[Checkpoint]:
    """The checkpoints of one width."""
    root = "https://storage.googleapis.com/mobilenet_v2/checkpoints"
    names = [(f"mobilenet_v2_{width}_{size}", size) for size in sizes]
    page = "research/slim/nets/mobilenet/README.md"
    return [Checkpoint(name, size, f"{root}/{name}.tgz", page) for name, size in names]


def mobilenet_v3(file: str) -> Checkpoint:
    """A float checkpoint of MobileNet V3."""
    root, page = "https://storage.googleapis.com/mobilenet_v3/checkpoints", "research/slim/nets/mobilenet/README.md"
    return Checkpoint(file, 224, f"{root}/{file}.tgz", page)


STORAGE = "https://storage.googleapis.com/download.tensorflow.org/models/"

CHECKPOINTS: dict[str, list[Checkpoint]] = {
    "inception_v1": [readme("inception_v1_2016_08_28")],
    "inception_v2": [readme("inception_v2_2016_08_28")],
    "inception_v3": [readme("inception_v3_2016_08_28")],
    "inception_v4": [readme("inception_v4_2016_09_09")],
    "inception_resnet_v2": [readme("inception_resnet_v2_2016_08_30")],
    "resnet_v1_50": [readme("resnet_v1_50_2016_08_28")],
    "resnet_v1_101": [readme("resnet_v1_101_2016_08_28")],
    "resnet_v1_152": [readme("resnet_v1_152_2016_08_28")],
    "resnet_v2_50": [resnet_v2("resnet_v2_50_2017_04_14")],
    "resnet_v2_101": [resnet_v2("resnet_v2_101_2017_04_14")],
    "resnet_v2_152": [resnet_v2("resnet_v2_152_2017_04_14")],
    "resnet_v2_200": [Checkpoint("untrained", 299, preprocessing="inception")],
    "vgg_16": [readme("vgg_16_2016_08_28")],
    "vgg_19": [readme("vgg_19_2016_08_28")],
    "mobilenet_v1": mobilenet_v1("1.0", 224, 192, 160, 128),
    "mobilenet_v1_075": mobilenet_v1("0.75", 224, 192, 160, 128),
    "mobilenet_v1_050": mobilenet_v1("0.50", 160, 224, 192, 128),
    "mobilenet_v1_025": mobilenet_v1("0.25", 128, 224, 192, 160),
    "mobilenet_v2": mobilenet_v2("1.0", 224, 192, 160, 128, 96),
    "mobilenet_v2_140": mobilenet_v2("1.4", 224),
    "mobilenet_v2_035": mobilenet_v2("0.35", 224, 192, 160, 128, 96),
    "mobilenet_v3_large": [mobilenet_v3("v3-large_224_1.0_float")],
    "mobilenet_v3_small": [mobilenet_v3("v3-small_224_1.0_float")],
    "mobilenet_v3_large_minimalistic": [mobilenet_v3("v3-large-minimalistic_224_1.0_float")],
    "mobilenet_v3_small_minimalistic": [mobilenet_v3("v3-small-minimalistic_224_1.0_float")],
    "nasnet_mobile": [readme("nasnet-a_mobile_04_10_2017", 224, STORAGE)],
    "nasnet_large": [readme("nasnet-a_large_04_10_2017", 331, STORAGE)],
    "pnasnet_mobile": [readme("pnasnet-5_mobile_2017_12_13", 224, STORAGE)],
    "pnasnet_large": [readme("pnasnet-5_large_2017_12_13", 331, STORAGE)],
}
"""what the pages of tensorflow/models list as trained, the default first; the package itself ships no page"""

EVALUATION: dict[str, dict[str, Any]] = {
    "inception_preprocessing": {
        "crop_fraction": 0.875,
        "interpolation": "bilinear",
        "antialias": False,
        "half_pixel": False,
        "channel_order": "RGB",
        "scale": [-1, 1],
    },
    "vgg_preprocessing": {
        "resize": [256],
        "interpolation": "bilinear",
        "antialias": False,
        "half_pixel": False,
        "channel_order": "RGB",
        "scale": [0, 255],
        "mean": [123.68, 116.78, 103.94],
    },
}
"""what each module of `preprocessing` does to an image for evaluation"""


# ---------------------------------------------------------------- the package's code, made importable


class HParams:
    """The part of TensorFlow 1's tf.contrib.training.HParams that NASNet uses: named values that can be set."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    def set_hparam(self, name: str, value: Any) -> None:
        """Change a value."""
        setattr(self, name, value)


@cache
def factories() -> tuple[ModuleType, ModuleType]:
    """The package's `nets_factory` and `preprocessing_factory`."""
    _tensorflow.quiet()
    import tf_keras.src.legacy_tf_layers as layers
    import tf_keras.src.legacy_tf_layers.normalization as normalization

    training = ModuleType("tensorflow.contrib.training")
    training.HParams = HParams  # type: ignore[attr-defined]
    contrib = ModuleType("tensorflow.contrib")
    contrib.training = training  # type: ignore[attr-defined]
    sys.modules.update(
        {
            "tensorflow.contrib": contrib,
            "tensorflow.contrib.training": training,
            # tf_slim looks for tf_keras's old place
            "tf_keras.legacy_tf_layers": layers,
            "tf_keras.legacy_tf_layers.normalization": normalization,
        }
    )
    import numpy as np

    np.int = int  # type: ignore[attr-defined]  # its name before numpy 1.24
    sys.path.append(str(Path(str(importlib.import_module(PACKAGE).__file__)).parent))  # its modules import `nets`
    return (
        importlib.import_module("nets.nets_factory"),
        importlib.import_module("preprocessing.preprocessing_factory"),
    )


# ---------------------------------------------------------------- what there is


def names() -> list[str]:
    """Every network of the factory, by the factory's names."""
    return list(factories()[0].networks_map)


def reason_not(name: str) -> str | None:
    """Why a network of the factory is no ImageNet image classifier; None where it is one."""
    network = function(name)
    if "conv3d" in inspect.getsource(sys.modules[network.__module__]).lower():
        return "classifies video clips (inputs of five dimensions): no image classifier"
    return OTHER_TASKS.get(default_size(name))


def function(name: str) -> Any:
    """The function that builds a network; for a variant by width, its family's."""
    network = factories()[0].networks_map[name]
    return network.func if isinstance(network, partial) else network


def default_size(name: str) -> int:
    """The size that the network's code states; where a variant states none, its family's."""
    size = getattr(factories()[0].networks_map[name], "default_image_size", None)
    if size is None:
        module = sys.modules[function(name).__module__]
        (size,) = {value.default_image_size for value in vars(module).values() if hasattr(value, "default_image_size")}
    return int(size)


def classes(name: str) -> int:
    """Classes of the published weights."""
    return 1000 if name.startswith(CONVERTED) else 1001


def checkpoints(name: str) -> list[Checkpoint]:
    """The published weights of a network; one nameless entry where none are known."""
    return CHECKPOINTS.get(name) or [Checkpoint("untrained", page="")]


# ---------------------------------------------------------------- the record


def gather(name: str, folder: Path) -> dict[str, Any]:
    """Write one skeleton for each evaluation size and return the model's record."""
    if reason := reason_not(name):
        raise ValueError(reason)
    weights = []
    for number, checkpoint in enumerate(checkpoints(name)):
        size = checkpoint.size or default_size(name)
        network, variables = build(name, size, {})
        elements = sum(variable.shape.num_elements() for variable in variables)
        skeleton = _tensorflow.skeleton(network, name)
        file = f"{name}.onnx" if number == 0 else f"{name}-{size}.onnx"
        weights.append(
            {
                "id": checkpoint.id,
                "default": number == 0,
                "graph": _tensorflow.write(skeleton, folder / file),
                "input_shape": [1, size, size, 3],
                "classes": classes(name),
                "params": elements,
                "preprocessing": preprocessing(name, checkpoint, size),
                **({"url": checkpoint.url, "file": checkpoint.url.rpartition("/")[2]} if checkpoint.url else {}),
                "note": "; ".join(notes(checkpoint, skeleton, elements)),
            }
        )
    return {
        "name": name,
        "package": package(),
        "weights": weights,
        "note": f"built by {package()} {path(function(name))}; research/slim as a third party packages it",
    }


def build(name: str, size: int, values: dict[str, Any]) -> tuple[_tensorflow.Network, list[Any]]:
    """The network at a size, and its variables; `values` is where `check` puts their numbers, by name."""
    import tensorflow as tf

    with tf.Graph().as_default() as graph:
        image = tf.compat.v1.placeholder(tf.float32, (1, size, size, 3), name="input")
        logits, ends = factories()[0].get_network_fn(name, classes(name), is_training=False)(image)
        predictions = [tensor for key, tensor in ends.items() if key.lower() == "predictions"]
        output = predictions[0] if predictions else logits
        return _tensorflow.from_graph(graph, image, output, values.__getitem__), tf.compat.v1.global_variables()


def check(name: str, weights: str, gain: float, scale: float, path: Path) -> None:
    """Write the network of these weights with random ones, two pictures, and what TensorFlow answers to them."""
    import tensorflow as tf

    checkpoint = next(one for one in checkpoints(name) if one.id == weights)
    size = checkpoint.size or default_size(name)
    values: dict[str, Any] = {}
    network, variables = build(name, size, values)
    with tf.compat.v1.Session(graph=variables[0].graph) as session:
        session.run([variable.initializer for variable in variables])
        for variable, value in zip(variables, session.run(variables), strict=True):
            values[variable.op.name] = _tensorflow.weight(variable.op.name, value, gain)
        session.run(
            [variable.initializer for variable in variables],
            {variable.initializer.inputs[1]: values[variable.op.name] for variable in variables},
        )
        pictures = _tensorflow.pictures(size, size, scale)
        answers = [session.run(network.output, {network.input: picture}) for picture in pictures]
        _tensorflow.check(network, pictures, answers, path)


def package() -> str:
    """The released package that the networks come from."""
    return f"{DISTRIBUTION}=={version(DISTRIBUTION)}"


def path(function: Any) -> str:
    """Where a function stands in the package: file and line."""
    file = Path(str(inspect.getsourcefile(function)))
    root = Path(str(importlib.import_module(PACKAGE).__file__)).parent.parent
    return f"{file.relative_to(root).as_posix()}:{inspect.getsourcelines(function)[1]}"


def notes(checkpoint: Checkpoint, skeleton: _tensorflow.Skeleton, variables: int) -> list[str]:
    """Where the weights are listed, and what the graph has more or less than the network's variables."""
    found = [
        f"weights as listed in tensorflow/models {checkpoint.page}"
        if checkpoint.url
        else "the zoo's pages list no file of weights"
    ]
    if unread := variables - skeleton.parameters:
        found.append(f"{unread:,} elements of variables are never read by inference (auxiliary heads)")
    if skeleton.constants:
        found.append(f"beside the parameters the graph has constants of {skeleton.constants:,} elements")
    return found


def preprocessing(name: str, checkpoint: Checkpoint, size: int) -> dict[str, Any]:
    """How the evaluation script turns an image into the network's input."""
    found: dict[str, Any] = {"layout": "NHWC", "label_offset": classes(name) - 1000}
    chosen = checkpoint.preprocessing or name
    module = evaluation_module(chosen)
    if module is None:
        chosen = function(name).__name__
        module = evaluation_module(chosen)
    if module is None:
        return {**found, "note": "preprocessing_factory has no entry for this network"}
    steps = EVALUATION[module.__name__.rpartition(".")[2]]
    found |= steps | {"crop" if "resize" in steps else "resize": [size, size]}
    found["source"] = {"repository": package(), "path": path(module.preprocess_for_eval).partition(":")[0]}
    if chosen != name:
        own = evaluation_module(name)
        found["note"] = f"as for {chosen!r}" + (f", says {checkpoint.page}" if checkpoint.preprocessing else "")
        found["note"] += f"; preprocessing_factory has {own.__name__ if own else 'no entry'} for {name!r}"
    return found


def evaluation_module(name: str) -> ModuleType | None:
    """The module of `preprocessing` that the factory takes for a network; None where it knows none."""
    factory = factories()[1]
    try:
        chosen = inspect.getclosurevars(factory.get_preprocessing(name)).nonlocals["preprocessing_fn_map"][name]
    except ValueError:
        return None
    return chosen if isinstance(chosen, ModuleType) else None
