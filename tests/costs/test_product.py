from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoodiff.costs._cost import Uncountable, cost_of
from zoodiff.record import Graph, Node, Value


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((4, 5), (5, 6)),
        ((2, 3, 4, 5), (5, 6)),
        ((2, 1, 4, 5), (3, 5, 6)),  # both broadcast
        ((5,), (5,)),
        ((5,), (2, 5, 3)),
        ((2, 4, 5), (5,)),
        ((1, 5), (7, 5, 2)),
    ],
)
def test_matmul_is_the_number_of_products_that_run(cost, terms, a, b):
    y = np.matmul(np.ones(a), np.ones(b)).shape
    assert cost("MatMul", [a, b], [y]) == (terms("MatMul", [a, b]), 0)


@pytest.mark.parametrize(("a", "b"), [((0, 0), (0, 1)), ((1, 0), (1, 1))])
def test_gemm_is_the_number_of_products_that_run(cost, terms, a, b):
    (trans_a, trans_b) = a[0], b[1]
    x, w = (7, 3) if trans_a else (3, 7), (5, 7) if trans_b else (7, 5)
    got = cost("Gemm", [x, w], [(3, 5)], transA=trans_a, transB=trans_b)
    assert got == (terms("Gemm", [x, w], transA=trans_a, transB=trans_b), 0)


def test_gemm_counts_bias_alpha_and_beta_apart(cost):
    assert cost("Gemm", [(1, 2048), (1000, 2048), (1000,)], [(1, 1000)], transB=1) == (2_048_000, 1000)
    assert cost("Gemm", [(2, 3), (3, 5)], [(2, 5)], alpha=0.5) == (30, 10)
    assert cost("Gemm", [(2, 3), (3, 5), (5,)], [(2, 5)], beta=2.0) == (30, 10 + 5)


EQUATIONS = ["ij,jk->ik", "bij,bjk->bik", "i,i->", "i,j->ij", "iij,jk->ik", "ij,jk,kl->il", "bhqd,bhkd->bhqk", "ij,jk"]


@given(equation=st.sampled_from(EQUATIONS), lengths=st.lists(st.integers(1, 4), min_size=12, max_size=12))
def test_einsum_is_the_number_of_products_that_run(equation, lengths):
    sizes = dict(zip("bhijklqd", lengths, strict=False))
    check(equation, [tuple(sizes[label] for label in term) for term in equation.partition("->")[0].split(",")])


@pytest.mark.parametrize(
    ("equation", "shapes"),
    [
        ("...ij,...jk->...ik", [(2, 3, 4, 5), (2, 3, 5, 6)]),
        ("...ij,...jk->...ik", [(3, 4, 5), (2, 1, 5, 6)]),  # ellipses of different rank, broadcast
        ("a...,...b->ab...", [(2, 3, 4), (3, 4, 5)]),
        ("... i , i j -> ... j", [(2, 3, 4), (4, 5)]),
    ],
)
def test_einsum_reads_ellipses_spaces_and_broadcasting(equation, shapes):
    check(equation, shapes)


def test_einsum_broadcasts_a_label_of_size_one():
    assert einsum_cost("ij,jk->ik", [(2, 1), (3, 4)], (2, 4)) == (2 * 3 * 4, 0)


def check(equation, shapes):
    result = np.einsum(equation.replace(" ", ""), *[np.ones(shape) for shape in shapes])
    assert einsum_cost(equation, shapes, result.shape).macs == int(result.sum())


def einsum_cost(equation, shapes, result):
    values = {f"x{at}": Value(f"x{at}", "float32", shape) for at, shape in enumerate(shapes)}
    node = Node("Einsum", tuple(values), ("y",), {"equation": equation})
    values["y"] = Value("y", "float32", result)
    return cost_of(node, Graph("einsum", (), (), {}, (node,), values))


def test_einsum_of_one_operand_only_adds():
    assert einsum_cost("ij->i", [(3, 5)], (3,)) == (0, 3 * 4)
    assert einsum_cost("ij->ji", [(3, 5)], (5, 3)) == (0, 0)
    assert einsum_cost("ii->i", [(4, 4)], (4,)) == (0, 0)
    assert einsum_cost("...i->...", [(2, 3, 5)], (2, 3)) == (0, 6 * 4)


@pytest.mark.parametrize(
    ("equation", "shapes"), [("ij,jk->ik", [(2, 3), (4, 5)]), ("ij->i", [(2, 3, 4)]), ("ij", [(2, 3)] * 2)]
)
def test_an_equation_that_does_not_fit_is_uncountable(equation, shapes):
    with pytest.raises(Uncountable, match="equation"):
        einsum_cost(equation, shapes, (2,))
