"""The tf-models-official half of the TensorFlow Model Garden: its classifiers as its own configurations build them.

A family is a backbone with its table of variants and an experiment that makes a classifier of it, all in the package.
The experiments' YAML files and the trained weights are not: what is taken from there says so.
"""

from __future__ import annotations

import importlib
import inspect
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from zoodiff.zoos import _tensorflow

DISTRIBUTION = "tf-models-official"
PAGE = "official/vision/MODEL_GARDEN.md"
GARDEN = "https://storage.googleapis.com/tf_model_garden/vision"
BACKBONES = "official.vision.modeling.backbones"
LEGACY = "official.legacy.image_classification"
LARGEST = 700_000_000
"""parameters: a network beyond this needs more memory than a gather may take, since its variables are allocated"""


@dataclass(frozen=True)
class Trained:
    """Weights that the Model Garden's page lists: a name, the resolution, the file where the page links one."""

    id: str
    size: int
    url: str = ""


def resnet_rs(depth: int, *sizes: int) -> list[Trained]:
    """The ResNet-RS weights of one depth, in the page's order."""
    return [Trained(f"i{size}", size, f"{GARDEN}/resnet-rs/resnet-rs-{depth}-i{size}.tar.gz") for size in sizes]


def deit(variant: str) -> list[Trained]:
    """The ViT weights of one variant, trained under the DeiT settings."""
    return [Trained("deit-imagenet", 224, f"{GARDEN}/vit/vit-deit-imagenet-{variant}.tar.gz")]


TRAINED: dict[str, list[Trained]] = {
    "resnet_50": [Trained("90-epochs", 224), Trained("200-epochs", 224)],
    "resnet_101": [Trained("200-epochs", 224)],
    "resnet_152": [Trained("200-epochs", 224)],
    "resnet_rs_50": resnet_rs(50, 160),
    "resnet_rs_101": resnet_rs(101, 160, 192),
    "resnet_rs_152": resnet_rs(152, 192, 224, 256),
    "resnet_rs_200": resnet_rs(200, 256),
    "resnet_rs_270": resnet_rs(270, 256),
    "resnet_rs_350": resnet_rs(350, 256, 320),
    "vit_ti16": deit("ti16"),
    "vit_s16": deit("s16"),
    "vit_b16": deit("b16"),
    "vit_l16": deit("l16"),
}
"""what the Model Garden's page lists as trained on ImageNet; the first is the default"""


@dataclass(frozen=True)
class Family:
    """A backbone's variants, and the configuration that makes a classifier of them."""

    prefix: str
    """what stands before a variant in a model's name"""
    backbone: str
    table: str
    """module and name of the table whose keys are the variants"""
    experiment: str = "image_classification"
    """the experiment whose configuration is taken; the package's general one where no experiment has this backbone"""
    key: str = "model_id"
    size: int | None = None
    """evaluation size where the experiment states none"""
    sizes: dict[str, int] = field(default_factory=dict)
    """evaluation sizes by variant, where they are not the experiment's"""
    settings: dict[str, Any] = field(default_factory=dict)
    """of the backbone, where the configuration leaves out what the architecture has"""
    activation: str | None = None
    only: tuple[str, ...] = ()
    """the variants that this family has of a table shared with another; all where empty"""
    suffix: str = ""
    note: str = ""


EFFICIENTNET_SIZES = {"b0": 224, "b1": 240, "b2": 260, "b3": 300, "b4": 380, "b5": 456, "b6": 528, "b7": 600}
MOBILENET_V4_SIZES = {
    "ConvMedium": 256,
    "ConvMediumSeg": 256,
    "ConvLarge": 384,
    "HybridMedium": 256,
    "HybridLarge": 384,
}

DETECTOR = "a detector's backbone under the package's classification head, at a size usual for the detector"

FAMILIES = (
    Family("resnet_", "resnet", "resnet.RESNET_SPECS", "resnet_imagenet"),
    Family(
        "resnet_rs_",
        "resnet",
        "resnet.RESNET_SPECS",
        "resnet_rs_imagenet",
        sizes={"420": 320},  # imagenet_resnetrs420_i320.yaml
        only=("50", "101", "152", "200", "270", "350", "420"),
    ),
    Family(
        "",
        "mobilenet",
        "mobilenet.SUPPORTED_SPECS_MAP",
        "mobilenet_imagenet",
        sizes={f"MobileNetV4{name}": size for name, size in MOBILENET_V4_SIZES.items()},
        note="sizes of MobileNetV4 as in the repository's imagenet_mobilenetv4_*_tpu.yaml",
    ),
    Family(
        "efficientnet_",
        "efficientnet",
        "efficientnet.SCALING_MAP",
        sizes=EFFICIENTNET_SIZES,
        settings={"se_ratio": 0.25},
        activation="swish",
        note="with squeeze-and-excitation, which the package's configuration leaves out; sizes as in its own "
        "legacy efficientnet_model.MODEL_CONFIGS",
    ),
    Family(
        "efficientnet_",
        "efficientnet",
        "efficientnet.SCALING_MAP",
        activation="swish",
        only=("b0",),
        suffix="_defaultcfg",
        note="as the package's configuration leaves it: without squeeze-and-excitation",
    ),
    Family("revnet_", "revnet", "revnet.REVNET_SPECS", "revnet_imagenet"),
    Family("", "mobiledet", "mobiledet.SUPPORTED_SPECS_MAP", size=320, note=DETECTOR),
    Family("spinenet_", "spinenet", "spinenet.SCALING_MAP", size=640, note=DETECTOR),
    Family("vit_", "vit", "vit_specs.VIT_SPECS", "deit_imagenet_pretrain", key="model_name"),
)

SIZE = 224
"""where the general configuration states no size"""


@dataclass(frozen=True)
class Classifier:
    """One model of the collection."""

    family: Family | None
    variant: Any
    size: int
    """the evaluation size that is not that of trained weights"""
    legacy: str = ""
    """module and name of the function that builds a legacy model"""


# ---------------------------------------------------------------- what there is


def names() -> list[str]:
    """Every classifier that the package's tables describe."""
    return list(classifiers())


@cache
def classifiers() -> dict[str, Classifier]:
    """The models by name: each family's variants, then the legacy collection's."""
    _tensorflow.quiet()
    found = {}
    for family in FAMILIES:
        usual = family.size or [*experiment(family).task.model.input_size, SIZE][0]
        for variant in table(f"{BACKBONES}.{family.table}"):
            short = str(variant).removeprefix("vit-")
            if not family.only or short in family.only:
                found[f"{family.prefix}{short}{family.suffix}"] = Classifier(
                    family, variant, family.sizes.get(short, usual)
                )
    for name in ("resnet50", "vgg16"):
        found[f"legacy_{name}"] = Classifier(None, name, SIZE, f"{LEGACY}.{name.rstrip('0123456789')}")
    for variant, config in table(f"{LEGACY}.efficientnet.efficientnet_model.MODEL_CONFIGS").items():
        found[f"legacy_{variant.replace('-', '_')}"] = Classifier(
            None, variant, config.resolution, f"{LEGACY}.efficientnet"
        )
    return found


def table(path: str) -> Any:
    """A module's table by its dotted path."""
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def experiment(family: Family) -> Any:
    """The configuration of the family's experiment, as the package registers it."""
    from official.core import exp_factory

    importlib.import_module("official.vision.configs.image_classification")
    return exp_factory.get_exp_config(family.experiment)


# ---------------------------------------------------------------- building


def build(one: Classifier, size: int) -> Any:
    """The Keras model for images of a size; raises ValueError where it would not fit in memory."""
    import tf_keras

    tf_keras.backend.clear_session()
    if one.family is None:
        return legacy_model(one)
    if (parameters := transformer_parameters(one)) > LARGEST:
        raise ValueError(f"about {parameters:,} parameters: building it would need more memory than a gather may take")
    return classification_model(configured(one.family, one.variant, size))


def configured(family: Family, variant: Any, size: int) -> Any:
    """The experiment's model configuration with this variant at this size."""
    settings = {family.key: variant, **family.settings}
    changes: dict[str, Any] = {
        "num_classes": 1001,
        "input_size": [size, size, 3],
        "backbone": {"type": family.backbone, family.backbone: settings},
        "norm_activation": {"use_sync_bn": False},
    }
    if family.activation:
        changes["norm_activation"]["activation"] = family.activation
    model = experiment(family).task.model
    model.override(changes)
    return model


def classification_model(configuration: Any) -> Any:
    """What the package's classification task builds from a model configuration."""
    import tf_keras
    from official.vision.modeling import factory

    shape = tf_keras.layers.InputSpec(shape=[None, *configuration.input_size])
    importlib.import_module(BACKBONES)
    return factory.build_classification_model(input_specs=shape, model_config=configuration)


def legacy_model(one: Classifier) -> Any:
    """A model of the legacy collection, with the classes that its configuration states."""
    module = importlib.import_module(f"{one.legacy}.{one.legacy.rpartition('.')[2]}_model")
    if hasattr(module, one.variant):
        return getattr(module, one.variant)(1000)
    return module.EfficientNet.from_name(one.variant)


def transformer_parameters(one: Classifier) -> int:
    """Weights of a transformer's layers (attention 4 h^2, MLP 2 h m), 0 for other networks."""
    specification = table(f"{BACKBONES}.{one.family.table}")[one.variant] if one.family else {}
    if "transformer" not in specification:
        return 0
    layers, hidden = specification["transformer"], specification["hidden_size"]
    return int(layers["num_layers"] * (4 * hidden**2 + 2 * hidden * layers["mlp_dim"]))


def traced(model: Any, size: int) -> _tensorflow.Network:
    """The model's inference on one image."""
    names: dict[Any, str] = {}
    for variable in model.variables:
        name, number = variable.name.partition(":")[0], 1
        while (name if number == 1 else f"{name}__{number}") in names.values():
            number += 1
        names[variable.ref()] = name if number == 1 else f"{name}__{number}"
    return _tensorflow.trace(lambda image: model(image, training=False), (1, size, size, 3), names)


def check(name: str, weights: str, gain: float, scale: float, path: Path) -> None:
    """Write the network of these weights with random ones, two pictures, and what TensorFlow answers to them."""
    one = classifiers()[name]
    size = next(published.size for published in trained(name, one) if published.id == weights)
    model = build(one, size)
    for variable in model.variables:
        variable.assign(_tensorflow.weight(variable.name.partition(":")[0], variable.numpy(), gain))
    pictures = _tensorflow.pictures(size, size, scale)
    answers = [model(picture, training=False).numpy() for picture in pictures]
    _tensorflow.check(traced(model, size), pictures, answers, path)


# ---------------------------------------------------------------- the record


def trained(name: str, one: Classifier) -> list[Trained]:
    """The weights that the page lists; one nameless entry where it lists none."""
    return TRAINED.get(name) or [Trained("untrained", one.size)]


def gather(public: str, name: str, folder: Path) -> dict[str, Any]:
    """Write one skeleton for each resolution and return the record of the model `public`, here called `name`."""
    one = classifiers()[name]
    weights: list[dict[str, Any]] = []
    graphs: dict[int, dict[str, Any]] = {}
    for published in trained(name, one):
        if published.size not in graphs:
            graphs[published.size] = graph(public, one, published.size, folder, first=not graphs)
        file = {"url": published.url, "file": published.url.rpartition("/")[2]} if published.url else {}
        weights.append({"id": published.id, "default": not weights, **graphs[published.size], **file})
        listed = f"weights as listed in tensorflow/models {PAGE}"
        unlisted = f"tensorflow/models {PAGE} lists no weights"
        weights[-1]["note"] = "; ".join([listed if name in TRAINED else unlisted, *weights[-1]["note"]])
    family = one.family.note if one.family else "from official.legacy"
    built = f"experiment {one.family.experiment}" if one.family else f"{one.legacy}"
    note = f"built by {package()} {built}" + (f"; {family}" if family else "")
    return {"name": public, "package": package(), "weights": weights, "note": note}


def graph(public: str, one: Classifier, size: int, folder: Path, first: bool) -> dict[str, Any]:
    """Write the skeleton for one size and return what a record says of it; `note` is a list of remarks."""
    model = build(one, size)
    found = _tensorflow.skeleton(traced(model, size), public)
    parameters = int(model.count_params())
    remarks = []
    if unread := parameters - found.parameters:
        remarks.append(f"{unread:,} of the parameters that Keras counts are never read by the network")
    if found.constants:
        remarks.append(f"beside the parameters the graph has constants of {found.constants:,} elements")
    classes = int(found.model.graph.output[0].type.tensor_type.shape.dim[-1].dim_value)
    return {
        "graph": _tensorflow.write(found, folder / (f"{public}.onnx" if first else f"{public}-{size}.onnx")),
        "input_shape": [1, size, size, 3],
        "classes": classes,
        "params": parameters,
        "preprocessing": legacy_preprocessing(one, size) if one.family is None else preprocessing(one.family, size),
        "note": remarks,
    }


def package() -> str:
    """The released package."""
    return f"{DISTRIBUTION}=={version(DISTRIBUTION)}"


def preprocessing(family: Family, size: int) -> dict[str, Any]:
    """How the experiment's evaluation turns an image into the network's input."""
    from official.vision.dataloaders import classification_input
    from official.vision.ops import preprocess_ops

    data = experiment(family).task.validation_data
    return {
        "layout": "NHWC",
        "channel_order": "RGB",
        "crop_fraction": data.center_crop_fraction,
        "resize": [size, size],
        "interpolation": data.tf_resize_method,
        "antialias": False,
        "half_pixel": True,
        "scale": [0, 1],
        "mean": list(preprocess_ops.MEAN_NORM),
        "std": list(preprocess_ops.STDDEV_NORM),
        "label_offset": 1,
        "source": source(classification_input.Parser._parse_eval_image),
        "crop_square": True,
        "note": "the crop is a square of this fraction of the shorter side",
    }


def legacy_preprocessing(one: Classifier, size: int) -> dict[str, Any]:
    """How the legacy collection's evaluation turns an image into the network's input."""
    module = importlib.import_module(f"{LEGACY}.preprocessing")
    configs = importlib.import_module(f"{LEGACY}.configs.configs")
    model = one.legacy.rpartition(".")[2]
    data = configs.get_config(model=model, dataset="imagenet").validation_dataset
    mean, std = [value / 255 for value in module.MEAN_RGB], [value / 255 for value in module.STDDEV_RGB]
    outside = {"scale": [0, 1], "mean": mean, "std": std}
    inside = {"scale": [0, 255], "in_graph": f"(x - mean) / std with mean {module.MEAN_RGB}, std {module.STDDEV_RGB}"}
    return {
        "layout": "NHWC",
        "channel_order": "RGB",
        "crop_fraction": size / (size + module.CROP_PADDING),
        "resize": [size, size],
        "interpolation": "bilinear",
        "antialias": False,
        "half_pixel": False,
        **(outside if data.mean_subtract and data.standardize else inside),
        "source": source(module.preprocess_for_eval),
        "crop_square": True,
        "note": "the crop is a square of this fraction of the shorter side",
    }


def source(function: Any) -> dict[str, Any]:
    """Where a function stands: package, file in the wheel, line."""
    return {
        "repository": package(),
        "path": f"{function.__module__.replace('.', '/')}.py",
        "line": inspect.getsourcelines(function)[1],
    }
