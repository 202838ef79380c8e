"""Chains of units: a block that came in is left alone as a whole, and its neighbours go with their like."""

from __future__ import annotations

import pytest

from networks import network
from zoodiff.alignment import chains
from zoodiff.alignment.chains import pair_chains
from zoodiff.alignment.matching import Matching
from zoodiff.reading.reference import find
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build

PADDED = 'Conv<auto_pad = "SAME_UPPER">'


def residual(*kernels: int) -> Net:
    """A residual network: per block the size of its kernel."""
    text = " ".join(
        f"c{at} = {PADDED}(h{at}, w{at}) r{at} = Relu(c{at}) d{at} = Conv(r{at}, v) h{at + 1} = Add(h{at}, d{at})"
        for at in range(len(kernels))
    )
    weights = {f"w{at}": (4, 4, size, size) for at, size in enumerate(kernels)}
    whole = f"net (float[1,4,8,8] h0) => (float[] h{len(kernels)}) {{ {text} }}"
    return build(find(network(whole, v=(4, 4, 1, 1), **weights)).graph())


def alone(matching: Matching) -> list[int]:
    """The right network's units that have no partner, each of whose steps then has none."""
    found = []
    for number, unit in enumerate(matching.b.units):
        without = [matching.b.mate[at] < 0 for at in unit]
        assert len(set(without)) == 1
        found += [number] * without[0]
    return found


@pytest.mark.parametrize("place", range(5))
def test_a_block_that_came_in_is_alone_as_a_whole(place: int) -> None:
    sizes = [1, 3, 5, 7]
    matching = Matching(residual(*sizes), residual(*sizes[:place], 9, *sizes[place:]))
    pair_chains(matching)
    assert min(matching.a.mate) >= 0
    assert alone(matching) == [place]
    assert all(matching.a.settled)
    assert [at for at, mate in enumerate(matching.b.mate) if mate < 0] == matching.b.units[place]


def test_of_blocks_that_are_alike_one_is_alone() -> None:
    matching = Matching(residual(3, 3, 3), residual(3, 3, 3, 3))
    pair_chains(matching)
    assert min(matching.a.mate) >= 0
    assert len(alone(matching)) == 1


def test_a_block_with_another_kernel_keeps_its_place() -> None:
    """More than half of it is the same: the two are one unit that was changed."""
    matching = Matching(residual(1, 3, 5), residual(1, 7, 5))
    pair_chains(matching)
    for unit, twin in zip(matching.a.units, matching.b.units, strict=True):
        assert {matching.a.mate[at] for at in unit} <= {-1, *twin}
        assert matching.a.mate[unit[-1]] == twin[-1]


@pytest.mark.parametrize("place", [0, 1])
def test_of_blocks_of_the_same_steps_the_one_of_the_same_wiring_is_taken(place: int) -> None:
    """One block has its Sin after its first convolution, the other after its second."""
    wirings = [
        f"a~ = {PADDED}(h~, w) b~ = Sin(a~) c~ = {PADDED}(b~, v) n~ = Add(h~, c~)",
        f"a~ = {PADDED}(h~, w) b~ = {PADDED}(a~, v) c~ = Sin(b~) n~ = Add(h~, c~)",
    ]

    def net(blocks: list[str]) -> Net:
        text = " ".join(block.replace("n~", f"h{at + 1}").replace("~", str(at)) for at, block in enumerate(blocks))
        text = f"net (float[1,4,8,8] x) => (float[] h{len(blocks)}) {{ h0 = Sigmoid(x) {text} }}"
        return build(find(network(text, w=(4, 4, 1, 1), v=(4, 4, 3, 3))).graph())

    matching = Matching(net(wirings[place : place + 1]), net(wirings))
    pair_chains(matching)
    assert alone(matching) == [2 - place]  # the unit before the blocks is the Sigmoid


def test_too_large_a_table_is_left_to_the_later_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "CELLS", 0)
    matching = Matching(residual(1, 3), residual(3, 1))
    pair_chains(matching)
    assert set(matching.a.mate) == {-1}
