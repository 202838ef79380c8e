"""What of an operator is compared: its kind, ONNX's defaults, and attributes as they take effect at a size."""

from __future__ import annotations

import pytest

from networks import network
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.net import Step
from zoodiff.reducing.reduce import build


def step(operator: str, size: int = 8, **shapes: tuple[int, ...]) -> Step:
    """The operator as the only step between an image and `y`."""
    text = f"net (float[1,3,{size},{size}] x) => (float[] y) {{ a = Tanh (x) y = {operator} }}"
    return build(from_proto(network(text, **shapes), "net")).steps[-1]


@pytest.mark.parametrize(
    ("operator", "shapes", "kind"),
    [
        ("Conv (a, w)", {"w": (4, 3, 3, 3)}, "convolution"),
        ("GlobalAveragePool (a)", {}, "pooling"),
        ("Elu (a)", {}, "activation"),
        ("LRN <size = 3> (a)", {}, "normalization"),
        ("MatMul (a, w)", {"w": (8, 4)}, "dense"),
        ("MatMul (a, x)", {}, "product"),
        ("Mul (a, w)", {"w": (3, 1, 1)}, "Mul constant"),
        ("Mul (a, x)", {}, "Mul"),
        ("DepthToSpace <blocksize = 1> (a)", {}, "DepthToSpace"),
    ],
)
def test_an_operator_is_of_a_kind(operator: str, shapes: dict[str, tuple[int, ...]], kind: str) -> None:
    assert step(operator, **shapes).kind == kind


@pytest.mark.parametrize(
    ("operator", "shapes", "defaults"),
    [
        (
            "Conv (a, w)",
            {"w": (4, 3, 3, 3)},
            {"kernel_shape": (3, 3), "strides": (1, 1), "dilations": (1, 1), "pads": (0, 0, 0, 0), "group": 1},
        ),
        ("LeakyRelu (a)", {}, {"alpha": 0.01}),
        ("LRN <size = 5> (a)", {}, {"size": 5, "alpha": 1e-4, "beta": 0.75, "bias": 1.0}),
        ("BatchNormalization (a, s, s, s, s)", {"s": (3,)}, {"epsilon": 1e-5}),
    ],
)
def test_what_is_not_written_is_the_default(
    operator: str, shapes: dict[str, tuple[int, ...]], defaults: dict[str, object]
) -> None:
    """ONNX's own, of each operator's page (https://onnx.ai/onnx/operators/)."""
    found = step(operator, **shapes)
    assert found.stated == defaults
    assert {name: found.attributes[name] for name in defaults} == defaults


def test_a_bias_is_compared_and_a_group_by_what_it_does() -> None:
    assert step("Conv (a, w, b)", w=(4, 3, 3, 3), b=(4,)).attributes["bias"] is True
    assert step("Conv (a, w)", w=(4, 3, 3, 3)).attributes["bias"] is False
    assert step("Conv <group = 3> (a, w)", w=(3, 1, 3, 3)).attributes["group"] == "depthwise"


@pytest.mark.parametrize(("size", "rounds"), [(8, 1), (9, 0)])
def test_rounding_up_is_compared_where_it_makes_another_size(size: int, rounds: int) -> None:
    """Windows of 3 with stride 2 fit 9 pixels exactly, and leave one of 8 over."""
    pool = step("MaxPool <kernel_shape = [3,3], strides = [2,2], ceil_mode = 1> (a)", size)
    assert (pool.stated["ceil_mode"], pool.attributes["ceil_mode"]) == (1, rounds)


def test_floats_are_compared_as_they_were_meant() -> None:
    """Of 0.1 float32 holds 0.10000000149."""
    assert step("Elu <alpha = 0.1> (a)").stated == {"alpha": 0.1}
    assert step("Elu <alpha = 0.1000001> (a)").attributes == step("Elu <alpha = 0.1> (a)").attributes


def test_a_constant_operand_is_a_number_or_a_weight() -> None:
    assert step("Mul (a, w)", w=(1,)).attributes["operand"] == "number"
    assert step("Mul (a, w)", w=(3, 1, 1)).attributes["operand"] == "weight"
