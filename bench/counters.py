"""Ask the tools that `zoodiff.conventions` re-creates what they say, for the tests to hold the re-creations against.

Usage: PYTHONPATH=src python bench/counters.py fvcore|onnx-opcounter|tf-profiler

Run in an environment that has the tool (fvcore: torch, torchvision, fvcore; onnx-opcounter: zoodiff, onnxruntime,
onnx_opcounter; tf-profiler: tensorflow, keras, tf_keras). Replaces that tool's part of tests/conventions/tools.json.
"""

from __future__ import annotations

import contextlib
import functools
import io
import json
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[1] / "tests" / "conventions" / "tools.json"

TORCHVISION = (
    "alexnet", "vgg16", "resnet50", "resnext50_32x4d", "squeezenet1_0", "squeezenet1_1", "densenet121", "googlenet",
    "mobilenet_v2", "mobilenet_v3_large", "shufflenet_v2_x1_0", "mnasnet1_0", "efficientnet_b0", "regnet_y_400mf",
    "convnext_tiny", "vit_b_16", "swin_t", "swin_v2_t", "maxvit_t",
)  # fmt: skip
SKELETONS = (
    *(f"torchvision:{name}" for name in TORCHVISION),
    "keras:ResNet50V2", "keras:MobileNetV2", "tfmg:inception_v1", "gluon:resnet50_v2",
    "onnx:bvlcalexnet-9", "onnx:densenet-9", "onnx:inception-v1-9", "onnx:resnet50-caffe2-v1-9", "onnx:shufflenet-9",
    "onnx:squeezenet1.0-9", "onnx:vgg19-caffe2-9",
)  # fmt: skip
KERAS = (
    "VGG16", "ResNet50", "ResNet50V2", "ResNet152V2", "InceptionV3", "Xception", "DenseNet121", "MobileNet",
    "MobileNetV2", "NASNetMobile", "EfficientNetV2B0",
)  # fmt: skip


def fvcore() -> Iterator[tuple[str, dict[str, int]]]:
    """Torchvision's networks as torch modules, on one image, by operator."""
    import torch
    from fvcore.nn import FlopCountAnalysis

    from zoodiff.zoos import torchvision as zoo

    for name in TORCHVISION:
        model, weights = zoo._models().get_model(name, weights=None).eval(), zoo._models().get_model_weights(name)
        said = FlopCountAnalysis(
            model, torch.zeros(zoo.input_shape(weights.DEFAULT))
        )  # without torch.no_grad, as its page shows it
        said.unsupported_ops_warnings(False).uncalled_modules_warnings(False)
        yield f"torchvision:{name}", {operator: int(count) for operator, count in said.by_operator().items()}


def onnx_opcounter() -> Iterator[tuple[str, dict[str, int]]]:
    """The files of the bundled snapshots, with zeros for weights: the tool runs what it cannot infer the shapes of."""
    from onnx_opcounter import calculate_macs

    for ref in SKELETONS:
        with contextlib.redirect_stdout(io.StringIO()):  # it names what it does not know
            yield ref, {"total": int(calculate_macs(filled(ref)))}


def filled(ref: str) -> Any:
    """A published network's skeleton as an ONNX model whose weights are zeros.

    The ONNX zoo's light files make their weights by ConstantOfShape, which the tool would count as an unknown operator:
    they become zeros too, and so do the few that other files make (Swin's, 1e-6 of the total).
    """
    import numpy as np
    import onnx

    from zoodiff.reading import reference, store

    network = reference.find(ref)
    model = onnx.load_from_string(store.skeleton(network.zoo, network.version, network.weights.graph))
    for tensor in model.graph.initializer:
        if tensor.external_data or empty(tensor):
            zeros = np.zeros(tuple(tensor.dims), onnx.helper.tensor_dtype_to_np_dtype(tensor.data_type))
            tensor.CopyFrom(onnx.numpy_helper.from_array(zeros, tensor.name))
    known = {tensor.name: onnx.numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    for node in [node for node in model.graph.node if node.op_type == "ConstantOfShape" and node.input[0] in known]:
        zeros = np.zeros(known[node.input[0]], np.float32)
        model.graph.initializer.append(onnx.numpy_helper.from_array(zeros, node.output[0]))
        model.graph.node.remove(node)
    model.ir_version = max(model.ir_version, 4)  # before, every initializer had to be an input
    return model


def empty(tensor: Any) -> bool:
    """Whether an initializer has dimensions and no data."""
    return not (tensor.raw_data or tensor.float_data or tensor.int32_data or tensor.int64_data or tensor.double_data)


def tf_profiler() -> Iterator[tuple[str, dict[str, int]]]:
    """Keras's networks, frozen: of tf_keras with fused batch normalization, of Keras 3 with the formula's operators."""
    import keras
    import tensorflow as tf
    import tf_keras
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    for package in (tf_keras, keras):
        for name in KERAS:
            package.backend.clear_session()
            model = getattr(package.applications, name)(weights=None)
            image = tf.TensorSpec((1, *model.input_shape[1:]), tf.float32)
            call = tf.function(functools.partial(model, training=False)).get_concrete_function(image)
            frozen = convert_variables_to_constants_v2(call)
            options = {**tf.compat.v1.profiler.ProfileOptionBuilder.float_operation(), "output": "none"}
            said = tf.compat.v1.profiler.profile(frozen.graph, options=options)
            yield f"{package.__name__}:{name}", {"total": int(said.total_float_ops)}


TOOLS: dict[str, tuple[Callable[[], Iterator[tuple[str, dict[str, int]]]], tuple[str, ...]]] = {
    "fvcore": (fvcore, ("fvcore", "torch", "torchvision")),
    "onnx-opcounter": (onnx_opcounter, ("onnx_opcounter", "onnx", "onnxruntime")),
    "tf-profiler": (tf_profiler, ("tensorflow", "keras", "tf_keras")),
}
"""By name: what asks the tool, and the distributions whose versions matter."""


def main(tool: str) -> None:
    """Ask one tool and write down what it says."""
    ask, distributions = TOOLS[tool]
    said: dict[str, Any] = {"versions": {name: version(name) for name in distributions}, "counts": {}}
    for ref, counts in ask():
        print(ref, sum(counts.values()), file=sys.stderr, flush=True)
        said["counts"][ref] = counts
    known = json.loads(FILE.read_text()) if FILE.exists() else {}
    FILE.write_text(json.dumps({**known, tool: said}, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
