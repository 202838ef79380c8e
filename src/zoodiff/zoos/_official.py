"""The tf-models-official half of the TensorFlow Model Garden: its image classifiers, as its own configurations build them.

Each family is an experiment configuration inside the package, with the family's table of variants; the package
publishes the code, the Model Garden's page the trained weights.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from zoodiff.zoos import _tensorflow

DISTRIBUTION = "tf-models-official"
PAGE = "tensorflow/models official/vision/MODEL_GARDEN.md"
GARDEN = "https://storage.googleapis.com/tf_model_garden/vision"
BACKBONES = "official.vision.modeling.backbones"
LEGACY = "official.legacy.image_classification"

EFFICIENTNET_SIZES = {"b0": 224, "b1": 240, "b2": 260, "b3": 300, "b4": 380, "b5": 456, "b6": 528, "b7": 600}
"""as in the package's own legacy.image_classification.efficientnet.efficientnet_model.MODEL_CONFIGS"""


@dataclass(frozen=True)
class Trained:
    """Weights on the Model Garden's page: their name here, the resolution, the file where there is one."""

    id: str
    size: int
    url: str = ""


def resnet_rs(depth: int, *sizes: int) -> list[Trained]:
    """ResNet-RS checkpoints, the largest resolution last on the page; the first one here is the default."""
    return [Trained(f"i{size}", size, f"{GARDEN}/resnet-rs/resnet-rs-{depth}-i{size}.tar.gz") for size in sizes]


def deit(name: str) -> list[Trained]:
    """A ViT checkpoint trained under the DeiT settings."""
    return [Trained("deit-imagenet", 224, f"{GARDEN}/vit/vit-deit-imagenet-{name}.tar.gz")]


TRAINED: dict[str, list[Trained]] = {
    "resnet_50": [Trained("200-epochs", 224), Trained("90-epochs", 224)],
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
"""what the Model Garden's page lists as trained on ImageNet"""


@dataclass(frozen=True)
class Family:
    """A backbone's variants, and the configuration that makes a classifier of them."""

    backbone: str
    table: str
    """module and name of the table whose keys are the variants"""
    experiment: str = ""
    """the experiment that classifies ImageNet with this backbone; without one, the general configuration is used"""
    key: str = "model_id"
    sizes: dict[str, int] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    """what the package's own configuration leaves off although the architecture has it"""
    only: tuple[str, ...] = ()
    """the variants that this family has of a shared table; all of them where empty"""


FAMILIES: dict[str, Family] = {
    "resnet_": Family("resnet", "resnet.RESNET_SPECS", "resnet_imagenet"),
    "resnet_rs_": Family(
        "resnet",
        "resnet.RESNET_SPECS",
        "resnet_rs_imagenet",
        sizes={"420": 320},
        only=("50", "101", "152", "200", "270", "350", "420"),
    ),
    "": Family("mobilenet", "mobilenet.SUPPORTED_SPECS_MAP", "mobilenet_imagenet"),
    "efficientnet_": Family(
        "efficientnet",
        "efficientnet.SCALING_MAP",
        sizes=EFFICIENTNET_SIZES,
        settings={"se_ratio": 0.25, "activation": "swish"},
    ),
    "revnet_": Family("revnet", "revnet.REVNET_SPECS", "revnet_imagenet"),
    "mobiledet_": Family("mobiledet", "mobiledet.SUPPORTED_SPECS_MAP"),
    "spinenet_": Family("spinenet", "spinenet.SCALING_MAP"),
    "vit_": Family("vit", "vit_specs.VIT_SPECS", "deit_imagenet_pretrain", key="model_name"),
}
"""by what stands before a variant's name"""
