"""Torch modules for guests: built without weight memory, exported without weights, and run with random ones."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx_ir as ir
import torch
from onnx_ir.passes import common as passes
from onnxscript.optimizer._constant_folding import FoldConstantsPass

from zoodiff.zoos import _check

SCOPE = "pkg.torch.onnx.name_scopes"
"""node metadata that says from which module an operator comes"""
FOLD_INPUT, FOLD_OUTPUT = 8192, 256
"""elements; a constant of up to 256 floats is at most the 1,024 bytes that a skeleton should hold"""


@contextlib.contextmanager
def weightless() -> Iterator[None]:
    """Modules built inside keep their parameters on the meta device: shapes only, whatever their size.

    Building all under `torch.device("meta")` instead would lose the values that builders compute and put in buffers.
    """
    register = torch.nn.Module.register_parameter

    def on_meta(module: Any, name: str, parameter: Any) -> None:
        register(module, name, parameter)
        if parameter is not None:
            module._parameters[name] = torch.nn.Parameter(parameter.detach().to("meta"), parameter.requires_grad)

    torch.nn.Module.register_parameter = on_meta
    try:
        yield
    finally:
        torch.nn.Module.register_parameter = register


def skeleton(module: Any, shape: tuple[int, ...]) -> bytes:
    """Export a module, weightless or not, in evaluation mode, for an input of `shape`: the skeleton's bytes.

    Initializers without data are weights (parameters, and the statistics of normalizations) under their names in the
    module's state; those with data are constants of the network. ValueError: a tensor that is neither.
    """
    module.eval()
    device = "meta" if any(parameter.is_meta for parameter in module.parameters()) else "cpu"
    fixed = {name: tensor for name, tensor in module.named_buffers() if not _learned(name)}
    learned = {name for name, _ in module.named_parameters(remove_duplicate=False)}
    learned |= {name for name, _ in module.named_buffers() if _learned(name)}
    with torch.device(device):
        program = torch.onnx.export(
            module.to(device),
            (torch.empty(shape),),
            dynamo=True,
            optimize=False,  # the default folds BatchNormalization into Conv, and there is no other switch
            verbose=False,
            input_names=["input"],
            output_names=["logits"],
        )
    model = program.model
    shapes = _detach(model, fixed, learned)
    _simplify(model, learned)
    _strip(model)
    for name, value in model.graph.initializers.items():
        if name in shapes:
            dtype, dims = shapes[name]
            value.const_value = ir.ExternalTensor("", 0, 0, dtype, shape=dims, name=name)
    proto = ir.to_proto(model)
    proto.graph.ClearField("value_info")  # readers infer shapes, for any input size
    for tensor in proto.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            tensor.CopyFrom(onnx.TensorProto(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims))
    return bytes(proto.SerializeToString(deterministic=True))


def unused(module: Any, graph: bytes) -> dict[str, int]:
    """Parameters that evaluation does not use, so no skeleton holds them: elements by part of the module."""
    held = {tensor.name for tensor in onnx.load_from_string(graph).graph.initializer}
    parts: dict[str, int] = {}
    for name, parameter in module.named_parameters():
        if name not in held:
            part = name.partition(".")[0]
            parts[part] = parts.get(part, 0) + parameter.numel()
    return parts


def _learned(buffer: str) -> bool:
    """Whether a buffer is a statistic that training finds; the others are computed by the module's constructor."""
    return buffer.endswith(("running_mean", "running_var"))


def _detach(model: Any, fixed: dict[str, Any], learned: set[str]) -> dict[str, tuple[Any, Any]]:
    """Take weights out (no pass may read them), put constants in; return the weights' types and shapes by name."""
    shapes = {}
    for name, value in model.graph.initializers.items():
        if name in learned:
            shapes[name] = (value.const_value.dtype, ir.Shape(value.const_value.shape))
            value.const_value = None
        elif name in fixed:
            value.const_value = ir.tensor(fixed[name].numpy(), name=name)
        elif getattr(getattr(value.const_value, "raw", None), "is_meta", False):
            raise ValueError(f"{name!r} is neither a weight nor a buffer, and its value is not known")
    return shapes


def _simplify(model: Any, learned: set[str]) -> None:
    """Resolve what the exporter leaves to an optimiser: its functions, constant expressions, biases of zeros."""
    fold = FoldConstantsPass(
        shape_inference=True,
        input_size_limit=FOLD_INPUT,
        output_size_limit=FOLD_OUTPUT,
        # A number repeated is no tensor of weights, and must not look like one.
        should_fold=lambda node: False if node.op_type == "Expand" else None,
    )
    lift = passes.LiftConstantsToInitializersPass(lift_all_constants=True, size_limit=0)
    for step in (passes.InlinePass(), fold, lift):
        step(model)
    for node in model.graph:
        if node.op_type in ("Conv", "ConvTranspose") and len(node.inputs) == 3 and _is_zero(node.inputs[2], learned):
            node.resize_inputs(2)  # the exporter gives every convolution a bias
    for step in (passes.RemoveUnusedNodesPass(), passes.RemoveUnusedOpsetsPass(), passes.RemoveUnusedFunctionsPass()):
        step(model)
    for name in [name for name, value in model.graph.initializers.items() if not value.uses()]:
        del model.graph.initializers[name]


def _is_zero(value: Any, learned: set[str]) -> bool:
    """Whether a tensor is a constant of zeros, written out or expanded."""
    node = value.producer()
    if node is not None and node.op_type == "Expand":
        return _is_zero(node.inputs[0], learned)
    known = value.name not in learned and value.const_value is not None
    return known and not np.any(value.const_value.numpy())


def _strip(model: Any) -> None:
    """Drop what depends on the machine or can be inferred: the same release gives the same bytes on every build."""
    model.producer_version = (model.producer_version or "").partition("+")[0]
    model.metadata_props.clear()
    model.graph.metadata_props.clear()
    for node in ir.traversal.RecursiveGraphIterator(model.graph):
        node.doc_string = None
        scope = node.metadata_props.get(SCOPE)
        node.metadata_props.clear()
        if scope is not None:
            node.metadata_props[SCOPE] = scope
        for output in node.outputs:
            output.metadata_props.clear()
    for value in [*model.graph.inputs, *model.graph.outputs, *model.graph.initializers.values()]:
        value.metadata_props.clear()


def check(module: Any, shape: tuple[int, ...], gain: float, scale: float, path: Path) -> None:
    """Give a module random weights, run it on two pictures of this shape, and write all of it for a check."""
    randomise(module.eval(), gain)
    pictures = _check.pictures(shape, 1, scale)
    with torch.no_grad():
        answers = [module(torch.from_numpy(picture)).numpy() for picture in pictures]
    state = {name: tensor.detach().numpy() for name, tensor in module.state_dict(keep_vars=True).items()}
    _check.write(path, state, pictures, answers)


def randomise(module: Any, gain: float) -> None:
    """Draw every parameter and statistic anew (see `_check.weight`)."""
    statistics = [(name, buffer) for name, buffer in module.named_buffers() if _learned(name)]
    for name, tensor in [*module.named_parameters(), *statistics]:
        inputs = math.prod(tensor.shape[1:])
        tensor.data = torch.from_numpy(_check.weight(name, tensor.detach().numpy(), inputs, gain))
