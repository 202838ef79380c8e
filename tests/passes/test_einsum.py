from __future__ import annotations

import pytest

from networks import network
from proof import kinds, proven


def einsum(equation: str, left: str, right: str):
    text = f'net (float[{left}] x, float[{right}] z) => (float[] y) {{ y = Einsum <equation = "{equation}"> (x, z) }}'
    return proven(network(text))


@pytest.mark.parametrize(
    ("equation", "left", "right"),
    [
        ("ij,jk->ik", "3,4", "4,5"),
        ("B G H I D, B G H J D -> B G H I J", "1,2,3,4,5", "1,2,3,6,5"),
        ("BTNH,BFNH->BNFT", "2,7,3,4", "2,5,3,4"),
        ("BNFT,BTNH->BFNH", "2,3,5,7", "2,7,3,4"),
        ("abc,cbd->da", "2,3,4", "4,3,5"),
        ("ij,kj->ki", "3,4", "5,4"),
        ("iab,jab->ij", "3,2,4", "5,2,4"),
    ],
)
def test_products_of_matrices_are_matmul(equation, left, right):
    assert set(kinds(einsum(equation, left, right))) - {"Transpose", "Reshape"} == {"MatMul"}


@pytest.mark.parametrize(
    ("equation", "left", "right"),
    [
        ("ij,ij->ij", "3,4", "3,4"),  # nothing is summed
        ("i,j->ij", "3", "4"),
        ("ijl,jk->ik", "3,4,2", "4,5"),  # l is summed in one operand alone
        ("iij,jk->ik", "3,3,4", "4,5"),  # a diagonal
        ("...ij,...jk->...ik", "2,3,4", "2,4,5"),
        ("bij,bjk->bik", "1,3,4", "2,4,5"),  # b is broadcast
        ("ij,jk", "3,4", "4,5"),
    ],
)
def test_other_einsums_stay(equation, left, right):
    assert "Einsum" in kinds(einsum(equation, left, right))


@pytest.mark.parametrize(
    ("term", "w"),
    [
        ('y = Einsum <equation = "abc,cde->abde"> (x, w)', (6, 2, 5)),
        ('y = Einsum <equation = "cde,abc->abde"> (w, x)', (6, 2, 5)),
        ('y = Einsum <equation = "abc,dec->aebd"> (x, w)', (2, 5, 6)),
    ],
)
def test_a_constant_operand_makes_a_dense_layer(term, w):
    draft = proven(network(f"net (float[1,7,6] x) => (float[] y) {{ {term} }}", w=w))
    assert set(kinds(draft)) - {"Transpose", "Reshape"} == {"Gemm"}


def test_a_tensor_with_itself():
    text = 'net (float[3,4] x) => (float[] y) { y = Einsum <equation = "ij,kj->ik"> (x, x) }'
    assert kinds(proven(network(text))) == ["Transpose", "MatMul"]
