"""Sketches: equal hashes for equal structure and for nothing else, and likeness as computed by hand."""

from __future__ import annotations

from random import Random

import onnx
import pytest

from networks import network
from planted.drawing import disguise
from zoodiff.reading import entries, store
from zoodiff.reading.reference import find
from zoodiff.recognition.sketch import Sketch, similarity, sketch
from zoodiff.reducing.reduce import build

TEXT = """net (float[1,3,SIZE,SIZE] x) => (float[1,CLASSES] y) {
  c = Conv<pads=[1,1,1,1], strides=[2,2]>(x, w BIAS)  n = BatchNormalization<epsilon=EPSILON>(c, s, s, s, s)
  r = ACTIVATION(n)  m = Conv(r, v)  p = GlobalAveragePool(m)  f = Flatten(p)  y = Gemm<transB=1>(f, u) }"""


def drawn(
    *,
    size: int = 32,
    classes: int = 10,
    width: int = 8,
    kernel: int = 1,
    bias: str = "",
    epsilon: str = "1e-5",
    activation: str = "Relu",
    pads: str = "1,1,1,1",
) -> onnx.ModelProto:
    """A small network with one thing changed."""
    text = TEXT.replace("SIZE", str(size)).replace("CLASSES", str(classes)).replace("BIAS", bias)
    text = text.replace("EPSILON", epsilon).replace("ACTIVATION", activation).replace("1,1,1,1", pads)
    weights = {"w": (width, 3, 3, 3), "s": (width,), "v": (16, width, kernel, kernel), "u": (classes, 16)}
    return network(text, **weights, **({"b": (width,)} if bias else {}))


def sketched(model: onnx.ModelProto) -> Sketch:
    return sketch(build(find(model).graph()))


@pytest.mark.parametrize("change", [{"size": 48}, {"size": 33}, {"classes": 11}, {"bias": ", b"}, {"epsilon": "1e-3"}])
def test_the_hash_knows_no_size_classes_bias_before_normalization_or_epsilon(change: dict[str, object]) -> None:
    assert sketched(drawn(**change)).exact == sketched(drawn()).exact  # type: ignore[arg-type]


@pytest.mark.parametrize("change", [{"width": 12}, {"kernel": 3}, {"activation": "Elu"}, {"pads": "0,0,1,1"}])
def test_the_hash_knows_width_kernel_activation_and_padding(change: dict[str, object]) -> None:
    assert sketched(drawn(**change)).exact != sketched(drawn()).exact  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(4))
def test_a_disguise_changes_no_hash(seed: int) -> None:
    model = onnx.load_from_string(store.skeleton("torchvision", None, "resnet18.onnx", entries.BUNDLED))
    disguised, names, _ = disguise(model, Random(seed))
    assert names
    assert sketched(disguised) == sketched(model)


def test_another_input_is_the_same_network() -> None:
    """Published at 224; 225 is odd, 160 halves five times."""
    published = find("torchvision:resnet50")
    hashes = {sketch(build(published.graph({"": (1, 3, n, n)}))).exact for n in (160, 224, 225)}
    assert len(hashes) == 1


def test_a_folded_normalization_is_looked_through() -> None:
    folded = network(
        """net (float[1,3,32,32] x) => (float[1,10] y) { c = Conv<pads=[1,1,1,1], strides=[2,2]>(x, w, b)  r = Relu(c)
        m = Conv(r, v)  p = GlobalAveragePool(m)  f = Flatten(p)  y = Gemm<transB=1>(f, u) }""",
        w=(8, 3, 3, 3),
        b=(8,),
        v=(16, 8, 1, 1),
        u=(10, 16),
    )
    whole, mine = sketched(drawn()), sketched(folded)
    assert (whole.norms, mine.norms) == (1, 0)
    assert whole.exact != mine.exact
    assert whole.folded == mine.folded
    assert similarity(whole, mine) == 1


def test_likeness_is_the_share_of_layers_and_places_that_are_common() -> None:
    """A second convolution of 3x3: one of three layers differs (2 of 4), and two places of five (its own, and the
    pooling that reads it: 3 of 7)."""
    one, other = sketched(drawn()), sketched(drawn(kernel=3))
    assert similarity(one, one) == 1
    assert similarity(one, other) == similarity(other, one) == pytest.approx((2 / 4 + 3 / 7) / 2)
    assert similarity(one, sketched(drawn(width=12))) == pytest.approx((1 / 5 + 1) / 2)
    assert similarity(one, sketched(drawn(activation="Elu"))) == 1


def test_the_order_of_addition_is_free() -> None:
    """And what is added is not; nor where a sum is read before all is added to it."""
    text = """net (float[1,3,8,8] x) => (float[] y) {{
      a = Conv (x, w) b = Sigmoid (a) c = Tanh (a) d = Elu (a) {adds} y = Conv (s, u) }}"""
    orders = ["p = Add (b, c) s = Add (p, d)", "p = Add (d, b) s = Add (c, p)", "s = Sum (c, d, b)"]
    others = ["p = Add (b, c) s = Add (p, b)", "p = Add (b, c) q = Relu (p) t = Add (p, d) s = Add (t, q)"]
    exact = [
        sketched(network(text.format(adds=adds), w=(8, 3, 3, 3), u=(8, 8, 1, 1))).exact for adds in (*orders, *others)
    ]
    assert len(set(exact[:3])) == 1
    assert len(set(exact)) == 3
