"""What only one network has: named for what it is, with all that comes or goes with it."""

from __future__ import annotations

from networks import network
from zoodiff.alignment.align import align
from zoodiff.attribution.root import Root
from zoodiff.attribution.unpaired import unpaired
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build

SHAPES = {"v": (8, 3, 3, 3), "w": (8, 8, 3, 3), "p": (8, 8, 1, 1), "u": (8, 8, 5, 5)}
FIRST, LAST = "a = Conv (x, v) b = Relu (a)", "y = Conv (n, u)"
BLOCK = "{0}c = Conv <pads = [1,1,1,1]> ({1}, w) {0}d = Relu ({0}c) {0}e = Conv <pads = [1,1,1,1]> ({0}d, w)"


def net(steps: str) -> Net:
    """A network from an image `x` to `y`."""
    return build(from_proto(network(f"net (float[1,3,16,16] x) => (float[] y) {{ {steps} }}", **SHAPES), "net"))


def found(left: Net, right: Net) -> list[Root]:
    return list(unpaired(left, right, align(left, right)))


def both(more: str, less: str) -> tuple[Root, Root]:
    """What is told where the left one has more, and where the right one has."""
    one, other = net(f"{FIRST} {more} {LAST}"), net(f"{FIRST} {less} {LAST}")
    [gone], [come] = found(one, other), found(other, one)
    return gone, come


def test_a_layer_that_only_one_has_is_missing_or_added() -> None:
    gone, come = both("n = MaxPool <kernel_shape = [2,2]> (b)", "n = Identity (b)")
    assert (gone.kind, gone.op, gone.left, gone.right) == ("missing", "MaxPool", "MaxPool", None)
    assert (come.kind, come.op, come.left, come.right) == ("added", "MaxPool", None, "MaxPool")
    assert ([step.name for step in gone.mine], gone.theirs) == (["n"], [])


def test_a_block_is_one_cause_with_all_its_steps() -> None:
    """Two residual units of a convolution, an activation, a convolution and the addition."""
    units = f"{BLOCK.format('p', 'b')} s = Add (pe, b) {BLOCK.format('q', 's')} n = Add (qe, s)"
    gone, come = both(units, "n = Identity (b)")
    assert (gone.op, gone.count, gone.left) == ("Block", 2, ["Conv", "Relu", "Conv", "Add"] * 2)
    assert (come.op, come.count, len(come.theirs)) == ("Block", 2, 8)


def test_a_projection_in_place_of_the_identity_is_another_shortcut() -> None:
    inside = BLOCK.format("p", "b")
    gone, come = both(f"{inside} q = Conv (b, p) n = Add (pe, q)", f"{inside} n = Add (pe, b)")
    assert (gone.kind, gone.op, gone.left, gone.right) == ("changed", "Shortcut", "Conv", "Identity")
    assert (come.kind, come.op, come.left, come.right) == ("changed", "Shortcut", "Identity", "Conv")
    assert [step.name for step in gone.theirs] == ["n"]


def test_a_shortcut_that_is_gone_takes_its_projection_along() -> None:
    inside = BLOCK.format("p", "b")
    gone, _ = both(f"{inside} q = Conv (b, p) n = Add (pe, q)", f"{inside} n = Identity (pe)")
    assert (gone.kind, gone.op, gone.left) == ("missing", "Shortcut", "Add")
    assert ([step.name for step in gone.mine], [step.name for step in gone.companions]) == (["n"], ["q"])


def test_what_stands_in_one_anothers_place_is_one_change() -> None:
    gone, come = both("n = MaxPool <kernel_shape = [2,2]> (b)", "n = Conv <strides = [2,2]> (b, p)")
    assert (gone.kind, gone.left, gone.right) == ("changed", "MaxPool", "Conv")
    assert (come.kind, come.left, come.right) == ("changed", "Conv", "MaxPool")
