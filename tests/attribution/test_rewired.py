"""Wiring: pairs that read pairs of other steps, whatever the order of addition."""

from __future__ import annotations

from networks import network
from zoodiff.alignment.align import Pairing
from zoodiff.attribution.rewired import rewired
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build


def net(step: str) -> Net:
    """Three activations of one tensor, and a step `e`; all are read in the end."""
    middle = f"b = Sigmoid (a) c = Tanh (a) d = Elu (a) {step} y = Concat <axis = 1> (b, c, d, e)"
    text = f"net (float[1,3,8,8] x) => (float[] y) {{ a = Conv (x, w) {middle} }}"
    return build(from_proto(network(text, w=(8, 3, 3, 3), u=(8, 8, 1, 1)), "net"))


def told(left: Net, right: Net, alone: str = "") -> list[tuple[str, object, object]]:
    """What is found where steps of one name are pairs, but those that stand alone."""
    places = [{step.name: step.index for step in side.steps if step.name not in alone} for side in (left, right)]
    mates = [
        [other.get(step.name, -1) if step.name in own else -1 for step in side.steps]
        for side, own, other in ((left, *places), (right, *places[::-1]))
    ]
    return [(root.op, root.left, root.right) for root in rewired(left, right, Pairing(*mates))]


def test_what_reads_another_step_is_rewired() -> None:
    assert told(net("e = Conv (b, u)"), net("e = Conv (b, u)")) == []
    assert told(net("e = Conv (b, u)"), net("e = Conv (c, u)")) == [("Conv", ["b"], ["c"])]
    assert told(net("e = Add (b, c)"), net("e = Add (b, d)")) == [("Shortcut", ["b", "c"], ["b", "d"])]


def test_the_order_of_addition_is_free() -> None:
    assert told(net("p = Add (b, c) e = Add (p, d)"), net("p = Add (d, b) e = Add (p, c)")) == []


def test_reading_what_has_no_partner_is_told_elsewhere() -> None:
    assert told(net("e = Conv (b, u)"), net("e = Conv (c, u)"), alone="bc") == []
