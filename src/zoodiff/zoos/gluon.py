# /// script
# requires-python = ">=3.11,<3.12"
# dependencies = [
#   "mxnet==1.9.1",
#   "numpy==1.23.5",
#   "onnx==1.14.1",
#   "gluoncv==0.10.5.post0",
#   "onnxruntime==1.16.3",
#   "portalocker",
#   "pillow",
#   "scipy<1.16",
#   "tqdm",
# ]
# [tool.zoodiff]
# version-of = "mxnet"
# without-dependencies = ["gluoncv", "onnxruntime"]
# from-source = []
# ///
"""Gluon: the ImageNet classifiers of MXNet and of GluonCV.

Which ones: every model of `mxnet.gluon.model_zoo` that has published weights, and every entry of GluonCV's registry
that answers a picture with 1000 numbers and has published weights. Some entries ask for the parameter file of another
one, whose network is not theirs (`resnet50_v1e` for that of `resnet50_v1d`, with half as many channels in its stem):
those have no weights. A name that both ship is one model; its weights are MXNet's (the default) and GluonCV's, where
they are not the same file. Weights are identified as in Gluon itself: by the
first 8 digits of the parameter file's sha1.

MXNet ends with numpy 1.23 (it uses `numpy.bool`), whose wheels end with Python 3.11. What GluonCV asks for beyond the
packages named here serves detection and training; onnxruntime asks for a newer numpy than it needs.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from zoodiff.zoos import _skeleton

BATCH = 10

SIZES = (224, 299)
"""heights and widths, the first that a network accepts is its input: GluonCV's documentation has 299 for Inception v3
and no other size but 224"""

CLASSES = 1000

OPSET = 13
"""the newest operators that MXNet's exporter is written for; it would declare the newest that onnx knows"""

GLUONCV = {
    "repository": "dmlc/gluon-cv",
    "path": "scripts/classification/imagenet/verify_pretrained.py",
    "commit": "567775619f3b97d47e7c360748912a4fd883ff52",
    "line": 168,
}

TUTORIAL = (
    "MXNet states no resize and no crop, but a height and width of at least 224; its tutorial pretrained_models.md "
    "(apache/mxnet@53089dc1c9de) resizes the shorter side to 224 and crops 224"
)


class FetchError(Exception):
    """Raised where a builder wants a parameter file; it says which."""


def prove() -> None:
    """Raise unless both packages can be imported and a network's BatchNormalization comes out of the exporter."""
    net, size = build("gluoncv", "resnet18_v1b")
    operators = {node.op_type for node in export(net, size).graph.node}
    if not operators >= {"Conv", "BatchNormalization", "Gemm"}:
        raise RuntimeError(f"the exporter made {sorted(operators)} of a residual network")


def names() -> list[str]:
    """Every model that MXNet ships weights for, then GluonCV's other ImageNet classifiers."""
    own = registered("mxnet")
    return own + [name for name in registered("gluoncv") if name not in own and classifies(name)]


def gather(name: str, folder: Path) -> dict[str, Any]:
    """Write the model's skeletons into `folder` and return its record: the weights of each package that ships it.

    Weights share a skeleton if theirs are the same bytes. An export that fails leaves a record without a graph.
    """
    shipping = [package for package in STORES if name in registered(package)]
    record: dict[str, Any] = {"name": name, "package": shipping[0], "weights": []}
    graphs: dict[bytes, str] = {}
    for package in shipping:
        weights = {**stored(package, name), "default": not record["weights"], "note": f"in {release(package)}"}
        same = next((one for one in record["weights"] if one["id"] == weights["id"]), None)
        if same is not None:
            same["note"] += f"; {release(package)} has the same file"
            continue
        record["weights"].append(weights)
        try:
            net, size = build(package, name)
            weights |= {"input_shape": [1, 3, size, size], "classes": CLASSES, "params": count(net)}
            weights["preprocessing"] = preprocessing(package, size)
            graph = skeleton(net, size)
        except Exception as fault:  # whatever the exporter cannot do, the rest stands
            reason = f"{release(package)}: {type(fault).__name__}: {str(fault).strip().splitlines()[0]}"
            record["graph_missing"] = {"type": "Unmeasured", "reason": reason}
            continue
        suffix = f"-{weights['id']}" if graphs else ""
        weights["graph"] = graphs.setdefault(graph, f"{name}{suffix}.onnx")
        (folder / weights["graph"]).write_bytes(graph)
    return record


def check(name: str, weights: str, gain: float, scale: float, path: Path) -> None:
    """Write the network of these weights with random ones, two pictures, and what MXNet answers to them."""
    import mxnet

    from zoodiff.zoos import _check

    package = next(one for one in STORES if name in registered(one) and stored(one, name)["id"] == weights)
    net, size = build(package, name)
    parameters = net.collect_params()
    for parameter in parameters.values():
        value, inputs = parameter.data().asnumpy(), math.prod(parameter.shape[1:])
        parameter.set_data(mxnet.nd.array(_check.weight(parameter.name, value, inputs, gain)))
    pictures = _check.pictures((1, 3, size, size), 1, scale)
    answers = [net(mxnet.nd.array(picture)).asnumpy() for picture in pictures]
    _check.write(path, {key: parameter.data().asnumpy() for key, parameter in parameters.items()}, pictures, answers)


# ---------------------------------------------------------------- the two packages

STORES = {"mxnet": "mxnet.gluon.model_zoo.model_store", "gluoncv": "gluoncv.model_zoo.model_store"}
"""the module of each package that knows the published weights"""

OTHER_DATA = {
    "voc",
    "coco",
    "ade",
    "citys",
    "mhpv1",
    "kitti",
    "otb15",
    "ucf101",
    "hmdb51",
    "sthsthv2",
    "cifar",
    "custom",
}
"""what GluonCV puts into the names of models of other data sets than ImageNet, beside kinetics400 and kinetics700"""

BUILDERS = {"mxnet": "mxnet.gluon.model_zoo.vision", "gluoncv": "gluoncv.model_zoo.model_zoo"}
"""the module of each package that builds a network by its name"""


def release(package: str) -> str:
    """The package with its version."""
    return f"{package}=={version(package)}"


def registered(package: str) -> list[str]:
    """The names that a package can build. MXNet keeps no list but that of the weights, which are all of its models."""
    if package == "mxnet":
        return list(import_module(STORES[package])._model_sha1)
    return list(import_module(BUILDERS[package]).get_model_list())


def stored(package: str, name: str) -> dict[str, Any]:
    """The published weights that a package would load for a model; LookupError where there are none."""
    store = import_module(STORES[package])
    try:
        with _offline():
            import_module(BUILDERS[package]).get_model(name, pretrained=True)
    except FetchError as wanted:
        sha1 = store._model_sha1[str(wanted)]
        stem = f"{wanted}-{sha1[:8]}"
        url = store._url_format.format(repo_url=store.apache_repo_url, file_name=stem)
        return {"id": sha1[:8], "file": f"{stem}.params", "url": url}
    except Exception as fault:  # builders refuse in many ways
        raise LookupError(f"{name} loads no weights") from fault
    raise LookupError(f"{name} loads no weights")


def classifies(name: str) -> bool:
    """Whether an entry of GluonCV answers a picture with 1000 numbers and has published weights.

    Names that say another data set are not built at all: hundreds of networks. One that fetches another network's
    weights to be built stands on a classifier and is none.
    """
    words = set(name.split("_"))
    if words & OTHER_DATA or any(word.startswith("kinetics") for word in words):
        return False
    try:
        file = stored("gluoncv", name)["file"]
        _untouched("gluoncv", name)
    except (FetchError, LookupError):
        return False
    return _takes(name, file.rpartition("-")[0])


def _takes(name: str, other: str) -> bool:
    """Whether an entry of GluonCV can load the weights published for another: all names and shapes are the same.

    A network that is recorded as a symbol (the quantised ones) loads from the one that it was made of.
    """
    import mxnet

    if other == name or other not in registered("gluoncv"):
        return True
    net = build("gluoncv", name)[0]
    return isinstance(net, mxnet.gluon.SymbolBlock) or _shapes(net) == _shapes(build("gluoncv", other)[0])


def _shapes(net: Any) -> dict[str, tuple[int, ...]]:
    """The shapes of a network's parameters, by their names in a parameter file."""
    return {name: parameter.shape for name, parameter in net._collect_params_with_prefix().items()}


def build(package: str, name: str) -> tuple[Any, int]:
    """A network with constant parameters, and its input's height and width."""
    import mxnet

    net, size = _untouched(package, name)
    net.initialize(mxnet.init.Constant(0.01))
    net(mxnet.nd.zeros((1, 3, size, size)))
    return net, size


def _untouched(package: str, name: str) -> tuple[Any, int]:
    """A network without parameters, and its input's height and width; LookupError if it is no classifier."""
    import mxnet

    with _offline(), mxnet.name.NameManager():  # so names do not depend on what was built before
        net = import_module(BUILDERS[package]).get_model(name)
    for size in SIZES:
        with contextlib.suppress(mxnet.MXNetError):
            if _answers(net, size) == [(1, CLASSES)]:
                return net, size
    raise LookupError(f"{name} answers no picture with {CLASSES} numbers")


def _answers(net: Any, size: int) -> Any:
    """The shapes of what a network answers to one picture; MXNetError where it does not take one of this size."""
    import mxnet

    try:
        answers = net(mxnet.sym.var("data"))
    except mxnet.MXNetError:  # not every network has a symbolic form
        net.initialize(mxnet.init.Constant(0.01))
        return [net(mxnet.nd.zeros((1, 3, size, size))).shape]
    return answers.infer_shape(data=(1, 3, size, size))[1] if isinstance(answers, mxnet.sym.Symbol) else []


def count(net: Any) -> int:
    """Elements of all parameters, BatchNormalization's running ones included, as MXNet's documentation counts."""
    return sum(math.prod(parameter.shape) for parameter in net.collect_params().values())


def preprocessing(package: str, size: int) -> dict[str, Any]:
    """What a package's documentation says of pictures for a network of this input size."""
    stated = {
        "type": "Preprocessing",
        "channel_order": "RGB",
        "layout": "NCHW",
        "scale": [0, 1],
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
    }
    if package == "mxnet":
        source = {"repository": release(package), "path": "mxnet/gluon/model_zoo/vision/__init__.py", "line": 55}
        return {**stated, "source": source, "note": TUTORIAL}
    resize = math.ceil(size / 0.875)
    return {**stated, "resize": [resize], "crop": [size, size], "interpolation": "bilinear", "source": GLUONCV}


@contextmanager
def _offline() -> Iterator[None]:
    """Fetch no parameters: a builder that wants a file raises FetchError with its name."""

    def refuse(name: str, *_: Any, **__: Any) -> None:
        raise FetchError(name)

    stores = [import_module(module) for module in STORES.values()]
    kept = [store.get_model_file for store in stores]
    for store in stores:
        store.get_model_file = refuse  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for store, function in zip(stores, kept, strict=True):
            store.get_model_file = function  # type: ignore[attr-defined]


# ---------------------------------------------------------------- to ONNX


def export(net: Any, size: int) -> Any:
    """The network with its parameters as an `onnx.ModelProto`, its one input named `data`."""
    import mxnet
    from mxnet.onnx.mx2onnx._export_onnx import MXNetGraph
    from onnx import TensorProto, helper

    _register_weights()
    parameters = {parameter.name: parameter.data() for parameter in net.collect_params().values()}
    graph = MXNetGraph().create_onnx_graph_proto(
        net(mxnet.sym.var("data")),
        parameters,
        [(1, 3, size, size)],
        [TensorProto.FLOAT],
        opset_version=OPSET,
        dynamic=False,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])


def _register_weights() -> None:
    """Give MXNet's exporter a way of storing a weight that makes no Python list of its numbers.

    Its own way takes 32 bytes and a minute for millions of them: 8 GB for VGG-19.
    """
    from mxnet.onnx.mx2onnx._export_onnx import MXNetGraph
    from onnx import helper, numpy_helper

    own = MXNetGraph.registry_[OPSET - 1]["null"]

    def weight(node: dict[str, Any], **context: Any) -> Any:
        if context["is_input"]:
            return own(node, **context)
        name = node["name"]
        values = context["weights"][name]
        tensor = numpy_helper.from_array(values, name)
        context["initializer"].append(tensor)
        return [helper.make_tensor_value_info(name, tensor.data_type, tensor.dims)], (values.dtype,)

    MXNetGraph.register("null", OPSET)(weight)


def skeleton(net: Any, size: int) -> bytes:
    """The network's skeleton: all of its parameters without data."""
    return _skeleton.strip(export(net, size), weights=net.collect_params().keys())
