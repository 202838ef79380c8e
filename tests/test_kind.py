"""Kinds are numbered the same from one network to the next, and never the same where anything differs."""

import gc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from zoodiff import kind
from zoodiff.measuring.count import count
from zoodiff.reading.reference import find
from zoodiff.record import Constant, Graph, Node, Value


def one_product(
    *, op: str = "Gemm", attributes: dict[str, int] | None = None, size: int = 4, opset: int = 17, data: bytes = b""
) -> Graph:
    """A network of a single operator, with names of its own."""
    values = {name: Value(name, "float32", (1, size)) for name in ("x", "y")}
    weight = Constant("w", "float32", (size, size), np.frombuffer(data, "<f4") if data else None)
    node = Node(op, ("x", "w"), ("y",), SHARED if attributes is None else attributes)
    return Graph("", (values["x"],), (values["y"],), {"w": weight}, (node,), values, opset)


SHARED = {"transB": 1}


def test_what_agrees_in_two_networks_has_one_number() -> None:
    assert one_product().kinds == one_product().kinds
    first, again = (find("torchvision:resnet18").graph() for _ in range(2))
    assert first is not again
    assert first.kinds == again.kinds


@pytest.mark.parametrize(
    "other", [{"op": "MatMul"}, {"attributes": {"transB": 1}}, {"size": 5}, {"opset": 13}, {"data": bytes(64)}]
)
def test_what_differs_has_another(other: dict[str, int]) -> None:
    assert one_product().kinds != one_product(**other).kinds  # type: ignore[arg-type]


def test_long_values_are_told_apart_by_all_of_them() -> None:
    data = bytes(4 * 1000)
    assert one_product(data=data).kinds == one_product(data=data).kinds
    assert one_product(data=data).kinds != one_product(data=data[:-1] + b"\1").kinds


def test_attributes_outlive_their_number() -> None:
    """Attributes are told by identity: another object in the freed one's place would be taken for it."""
    numbers = set()
    for _ in range(200):
        numbers.add(one_product(attributes={"transB": 1}).kinds)
        gc.collect(0)
    assert len(numbers) == 200


def test_a_network_with_a_body_has_numbers_of_its_own() -> None:
    body = one_product()
    node = Node("If", ("x",), ("y",), {"then_branch": body})
    graph = Graph("", body.inputs, body.outputs, {}, (node, node), body.values)
    assert len({*graph.kinds}) == 2


def test_it_forgets_before_it_grows_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind, "MOST", 8)
    before = one_product().kinds
    for size in range(100, 130):
        counts = count(one_product(size=size))
        assert counts.macs.value == size * size
        assert len(kind.kinds) <= 8 + 2
        assert len(kind.types) <= 8 + 4
    assert one_product().kinds != before  # forgotten, and its number is never given again


def test_threads_give_no_number_twice() -> None:
    with ThreadPoolExecutor(8) as threads:
        numbered = list(threads.map(lambda size: (size, one_product(size=size).kinds), [*range(500, 700)] * 4))
    known: dict[tuple[int, ...], int] = {}
    for size, kinds in numbered:
        assert known.setdefault(kinds, size) == size
