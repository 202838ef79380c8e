"""Records survive JSON exactly, and answer for their default weights."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import numpy as np

from made import graph
from zoodiff.record import Claim, Constant, Graph, Model, Source, Value, Weights


def test_a_claim_keeps_its_digits_through_json() -> None:
    claim = Claim("m", "acc@1", Decimal("76.130"), "76.130", Source("o/r", "p.md", "abc", 3))
    again = msgspec.json.decode(msgspec.json.encode(claim), type=Claim)
    assert again == claim
    assert str(again.value) == "76.130"


def test_the_default_weights_are_chosen_unless_others_are_named() -> None:
    model = Model("m", (Weights("a"), Weights("b", default=True)))
    assert [w.id for w in (model.chosen(), model.chosen("a")) if w] == ["b", "a"]
    assert model.chosen("c") is None
    assert Model("m", (Weights("a"),)).chosen() == Weights("a")
    assert Model("m").chosen() is None


def test_a_graph_knows_the_shape_of_any_tensor() -> None:
    graph = Graph("g", (), (), {"w": Constant("w", "float32", (3, 4))}, (), {"x": Value("x", "int8", (1, None))})
    assert (graph.shape("w"), graph.shape("x"), graph.shape("y")) == ((3, 4), (1, None), None)
    assert (graph.dtype("w"), graph.dtype("x"), graph.dtype("y")) == ("float32", "int8", "")


def test_a_source_reads_as_a_place() -> None:
    assert str(Source("owner/repo", "README.md", "0123456789abcdef", 7)) == "owner/repo@0123456789ab README.md:7"


def in_order(kinds: tuple[int, ...]) -> list[int]:
    """The same kinds, numbered in the order in which they occur."""
    return [[*dict.fromkeys(kinds)].index(kind) for kind in kinds]


def test_operators_of_one_kind_agree_in_all_but_names() -> None:
    stride: dict[str, object] = {"strides": (1, 1)}
    network = graph(
        [
            ("Conv", "x w", "a", stride),
            ("Conv", "a w2", "b", stride),
            ("Conv", "b w3", "c", stride),  # a wider kernel
            ("Conv", "c w", "d", {"strides": (2, 2)}),
            ("Relu", "d", "e", stride),
            ("Conv", "e w", "y", stride),  # another output
            ("Conv", "y w2 bias", "z", stride),
            ("Conv", "y w2 ", "u", stride),
        ],
        {**dict.fromkeys("xabcde", (1, 3, 4, 4)), **dict.fromkeys("yzu", (1, 3, 2, 2))},
        {"w": ("float32", (3, 3, 1, 1)), "w2": ("float32", (3, 3, 1, 1)), "w3": ("float32", (3, 3, 3, 3))}
        | {"bias": ("float32", (3,))},
    )
    assert in_order(network.kinds) == [0, 0, 1, 2, 3, 4, 5, 6]
    assert [(node.outputs[0], number) for _, node, number in network.alike][:2] == [("a", 2), ("c", 1)]


def test_constants_of_other_values_make_other_kinds() -> None:
    attributes: dict[str, object] = {}
    network = graph(
        [("Clip", f"x {low}", low + "y", attributes) for low in ("zero", "one", "nil")],
        dict.fromkeys(("x", "zeroy", "oney", "nily"), (2,)),
        outputs=("nily",),
    )
    for name, value in {"zero": 0, "one": 1, "nil": 0}.items():
        network.constants[name] = Constant(name, "float32", (), np.array(value, np.float32))
    assert in_order(network.kinds) == [0, 1, 0]
