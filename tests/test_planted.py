"""The planted pairs of bench/planted are what they say: changes are legal and true, disguises change nothing."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnx
import pytest
from networks import network
from onnx import numpy_helper
from planted import Change, Pair, Score, Truth, disguises, draw, score
from planted import __main__ as command
from planted.drawing import bases, evidence, finish, load
from planted.disguises import DISGUISES
from planted.mutations import MUTATIONS
from planted.network import Illegal, Net, alike, attribute, check
from planted.scoring import Tally

from zoodiff import measure

TOLERANCE = 1e-4
"""largest error allowed, as a share of the largest output: single precision in another order of summation"""

EVERYTHING = """net (float[1,3,32,32] x) => (float[1,10] y)
<float three = {3.0}, float zero = {0.0}, float six = {6.0}, int64[8] pads = {0,0,1,1,0,0,1,1}, int64[2] flat = {1,24}> {
  c1 = Conv<pads=[1,1,1,1], strides=[2,2]>(x, w1, b1)
  r1 = Relu(c1)
  m1 = MaxPool<kernel_shape=[3,3], strides=[2,2], pads=[1,1,1,1]>(r1)
  p1 = Pad(m1, pads)
  c2 = Conv(p1, w2)
  r2 = Clip(c2, zero, six)
  p2 = Pad(r1, pads)
  m2 = MaxPool<kernel_shape=[3,3], strides=[2,2]>(p2)
  a2 = AveragePool<kernel_shape=[3,3], pads=[1,1,1,1], count_include_pad=1>(m2)
  s2 = Add(a2, r2)
  g2 = Sigmoid(s2)
  sw = Mul(s2, g2)
  h1 = Add(sw, three)
  h2 = Clip(h1, zero, six)
  h3 = Mul(sw, h2)
  h4 = Div(h3, six)
  hs = HardSwish(h4)
  j1 = Concat<axis=1>(hs, r2)
  j2 = Concat<axis=1>(j1, m2)
  j3 = Concat<axis=1>(hs, r2, m2)
  j4 = Add(j2, j3)
  gp = GlobalAveragePool(j4)
  se = Conv(gp, w3, b3)
  sg = Sigmoid(se)
  ex = Mul(j4, sg)
  rm = ReduceMean<keepdims=1>(ex, axes)
  fl = Reshape(rm, flat)
  ln = LayerNormalization<axis=-1>(fl, scale, shift)
  d1 = MatMul(ln, w4)
  d2 = Add(d1, b4)
  ge = Gelu(d2)
  d3 = Gemm<transB=1>(ge, w5, b5)
  one = Constant<value = float {1.0}>()
  y = Mul(d3, one)
}"""


def everything(data: bool = False) -> onnx.ModelProto:
    """A small network in which every disguise has a place."""
    weights = {
        "w1": (8, 3, 3, 3), "b1": (8,), "w2": (8, 8, 3, 3), "w3": (24, 24, 1, 1), "b3": (24,), "scale": (24,),
        "shift": (24,), "w4": (24, 48), "b4": (48,), "w5": (10, 48), "b5": (10,),
    }  # fmt: skip
    model = network(EVERYTHING, opset=20, ir=9, data=data, **weights)
    model.graph.initializer.append(numpy_helper.from_array(np.array([2, 3]), "axes"))
    return model


def base(zoo: str, file: str) -> onnx.ModelProto:
    """One bundled skeleton."""
    return load(next(found for found in bases() if (found[0], found[2]) == (zoo, file)))


def filled(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same with random weights that keep activations at one size; what held data keeps it."""
    model, random = Net(model).model(), np.random.default_rng(0)
    for tensor in model.graph.initializer:
        if not any(len(getattr(tensor, field)) for field in ("raw_data", "float_data", "int64_data")):
            dims = tuple(tensor.dims)
            spread = math.sqrt(2 / max(1, math.prod(dims[1:])))
            values = random.normal(0, spread, dims) if len(dims) > 1 else random.uniform(0.5, 1.5, dims)
            tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float32), tensor.name))
    return model


def run(model: onnx.ModelProto) -> np.ndarray:
    """What a network with weights returns for a random picture."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    (picture,) = session.get_inputs()
    values = np.random.default_rng(1).standard_normal(picture.shape).astype(np.float32)
    return session.run(None, {picture.name: values})[0]


def counts(model: onnx.ModelProto) -> tuple[int, int]:
    found = measure(model).counts
    return int(found.macs.value), int(found.params.value)


# ---------------------------------------------------------------- disguises


@pytest.fixture(scope="module")
def grounds() -> list[tuple[onnx.ModelProto, np.ndarray]]:
    """Networks with weights, and what they return: one made up, two real."""
    whole = [everything(data=True), base("gluon", "squeezenet1.1.onnx"), base("torchvision", "mobilenet_v3_small.onnx")]
    models = [filled(model) for model in whole]
    return [(model, run(model)) for model in models]


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_changes_no_function_and_no_count(
    name: str, grounds: list[tuple[onnx.ModelProto, np.ndarray]]
) -> None:
    applied = 0
    for model, before in grounds:
        assert before.std() > 1e-3 * abs(before).max()  # otherwise nothing is proven
        for seed in range(2):
            try:
                disguised, _ = disguises.apply(name, Net(model), Random(seed))
            except Illegal:
                continue
            after = run(disguised)
            assert abs(after - before).max() <= TOLERANCE * abs(before).max()
            assert counts(disguised) == counts(model)
            assert disguised.SerializeToString() != model.SerializeToString()
            applied += 1
    assert applied


def test_disguises_on_top_of_each_other_change_no_function(
    grounds: list[tuple[onnx.ModelProto, np.ndarray]],
) -> None:
    for model, before in grounds:
        for seed in range(3):
            disguised = model
            for name in Random(seed).sample(sorted(DISGUISES), 8):
                try:
                    disguised, _ = disguises.apply(name, Net(disguised), Random(seed))
                except Illegal:
                    continue
            assert abs(run(disguised) - before).max() <= TOLERANCE * abs(before).max()


def test_zeros_are_not_taken_for_the_pads_of_a_pooling_of_negative_values() -> None:
    """Keras pads ResNet V2's first max-pool with zeros, before any ReLU: there Pad is no disguise."""
    text = """net (float[1,3,8,8] x) => (float[1,4,4,4] y) <int64[8] pads = {0,0,1,1,0,0,1,1}> {
      c = Conv(x, w)  p = Pad(c, pads)  y = MaxPool<kernel_shape=[3,3], strides=[2,2]>(p) }"""
    model = network(text, w=(4, 3, 1, 1))
    with pytest.raises(Illegal, match="does not apply"):
        disguises.apply("pads_inside", Net(model), Random(0))


# ---------------------------------------------------------------- mutations

GROUNDS = {
    "drop_lrn": ("torchvision", "alexnet.onnx"),
    "mlp_width": ("torchvision", "convnext_tiny.onnx"),
    "ln_epsilon": ("torchvision", "convnext_tiny.onnx"),
    "count_include_pad": ("gluon", "inceptionv3.onnx"),
    "ceil_mode": ("gluon", "squeezenet1.1.onnx"),
    "insert_conv": ("gluon", "squeezenet1.1.onnx"),
    "groups": ("gluon", "squeezenet1.1.onnx"),
}
"""where a kind of change has no place in the usual network"""
USUAL = ("torchvision", "resnet18.onnx")
