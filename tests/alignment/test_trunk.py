"""The trunk: units end where one tensor carries everything, and side branches belong to none."""

from __future__ import annotations

from networks import network
from zoodiff.alignment.trunk import block_starts, units
from zoodiff.reading.reference import find
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build


def residual(outputs: str = "float[] z") -> Net:
    text = f"""net (float[1,3,8,8] x) => ({outputs}) {{
        a = Conv (x, v)
        b = Relu (a)
        c = Conv (b, w)
        d = Relu (c)
        e = Conv (d, w)
        f = Add (e, b)
        z = Relu (f)
        side = GlobalMaxPool (b)
    }}"""
    return build(find(network(text, v=(8, 3, 1, 1), w=(8, 8, 1, 1))).graph())


def test_a_residual_block_is_one_unit() -> None:
    net = residual()
    ops = [[net.steps[at].op for at in unit] for unit in units(net)]
    assert ops == [["Conv"], ["Relu"], ["Conv", "Relu", "Conv", "Add"], ["Relu"]]


def test_a_second_output_belongs_to_no_unit() -> None:
    net = residual("float[] z, float[] side")
    inside = {at for unit in units(net) for at in unit}
    assert [step.op for step in net.steps if step.index not in inside] == ["GlobalMaxPool"]
    assert len(units(net)) == 4


def test_a_block_starts_best_where_what_it_reads_forks() -> None:
    net = residual()
    starts = block_starts(net, units(net))
    first = next(step for step in net.steps if step.op == "Relu")
    fork = [starts[reader] for reader, _ in first.readers if net.steps[reader].op == "Conv"]
    assert fork == [2]
    assert starts[0] == 0
