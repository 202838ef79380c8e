from __future__ import annotations

import pytest

from networks import network
from proof import kinds, proven


def shuffled(apart: str, perm: str, back: str = "2,12,3,3"):
    text = f"""s = Constant <value_ints = [{apart}]> () t = Constant <value_ints = [{back}]> ()
               a = Reshape(x, s) b = Transpose <perm = [{perm}]> (a) y = Reshape(b, t)"""
    return proven(network(f"net (float[2,12,3,3] x) => (float[] y) {{ {text} }}"))


@pytest.mark.parametrize("groups", [2, 3, 4])
def test_channels_read_in_groups_and_written_across(groups):
    draft = shuffled(f"2,{groups},{12 // groups},3,3", "0,2,1,3,4")
    assert kinds(draft) == ["ChannelShuffle"]
    assert draft.ops[0].attributes == {"group": groups}


@pytest.mark.parametrize(
    ("apart", "perm"), [("2,3,4,3,3", "0,1,2,4,3"), ("4,6,3,3", "0,1,3,2"), ("2,2,6,3,3", "0,2,1,4,3")]
)
def test_other_orders_stay(apart, perm):
    assert "ChannelShuffle" not in kinds(shuffled(apart, perm))
