"""A root cause in the making: what it is named by, and which share is its own."""

from __future__ import annotations

import pytest

from networks import network
from zoodiff.attribution.root import Root, input_root, named
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.net import Input
from zoodiff.reducing.reduce import build


@pytest.mark.parametrize(
    ("op", "name"),
    [
        ("Relu (x)", "Activation"),
        ("LRN <size = 5> (x)", "Normalization"),
        ("MaxPool <kernel_shape = [2,2]> (x)", "MaxPool"),
        ("Add (x, x)", "Add"),
    ],
)
def test_what_replaces_each_other_has_one_name(op: str, name: str) -> None:
    graph = from_proto(network(f"net (float[1,3,8,8] x) => (float[] y) {{ y = {op} }}"), "net")
    assert named(build(graph).steps[0]) == name


def test_a_share_is_its_own_or_a_consequence() -> None:
    """Of what reads it, by operator and what changed there; what costs no more is no consequence."""
    text = "net (float[1,3,8,8] x) => (float[] y) { a = Conv (x, v) y = Conv (a, w) }"
    first, second = build(from_proto(network(text, v=(8, 3, 3, 3), w=(8, 8, 3, 3)), "net")).steps
    root = Root("changed", "Conv", "out_channels")
    root.charge("out_channels", first, 5, 2, own=True)
    root.charge("out_channels", first, 1, 0, own=True)
    root.charge("in_channels", second, 7, 3, own=False)
    root.charge("in_channels", first, 0, 0, own=False)
    assert (root.macs, root.params) == (6, 2)
    assert root.effects == {("Conv", "in_channels"): [(second, 7, 3)]}


def test_an_input_is_told_as_the_file_states_it() -> None:
    root = input_root(Input("x", (1, 224, 224, 3), (1, 3, 224, 224)), Input("z", (1, 3, 299, 299), (1, 3, 299, 299)))
    assert (root.kind, root.left, root.right) == ("input", [1, 224, 224, 3], [1, 3, 299, 299])
    assert ([step.name for step in root.mine], [step.name for step in root.theirs]) == (["x"], ["z"])
