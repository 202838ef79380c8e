"""What goes wrong with a file that breaks ONNX's rules is the file's fault, and all else stays ours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest

from networks import LIGHT, network
from zoodiff.fault import Refusal
from zoodiff.reading.reference import find
from zoodiff.reading.validity import excused, problem

PLAIN = "net (float[1,3,8,8] x) => (float[] y) { c = Conv<pads=[1,1,1,1]>(x, w) y = Relu(c) }"


def plain() -> onnx.ModelProto:
    return network(PLAIN, w=(4, 3, 3, 3))


@pytest.mark.parametrize("path", LIGHT, ids=lambda path: path.stem)
def test_real_networks_are_valid(path: Path) -> None:
    assert problem(onnx.load(path)) is None


def test_what_is_valid() -> None:
    assert problem(plain()) is None
    branches = "<then_branch = t () => (float[1] p) { p = Relu(x) }, else_branch = e () => (float[1] q) { q = Neg(x) }>"
    assert problem(network(f"net (float[1] x, bool c) => (float[] y) {{ y = If (c) {branches} }}")) is None
    assert problem(network("net (float[1] x) => (float[] y) { y = com.microsoft.Anything<odd=1>(x) }")) is None


def _short(node: onnx.NodeProto) -> None:
    del node.input[1:]


def _absent(node: onnx.NodeProto) -> None:
    node.input[0] = ""


def _odd(node: onnx.NodeProto) -> None:
    node.attribute[0].name = "odd"


def _mistyped(node: onnx.NodeProto) -> None:
    node.attribute[0].CopyFrom(onnx.helper.make_attribute("pads", "no"))


def _unknown(node: onnx.NodeProto) -> None:
    node.op_type = "Convolute"


def _required(node: onnx.NodeProto) -> None:
    node.op_type = "Cast"
    del node.input[1:], node.attribute[:]


def _unfit(node: onnx.NodeProto) -> None:
    node.attribute[0].CopyFrom(onnx.helper.make_attribute("kernel_shape", [5]))


WRONG: dict[Callable[[onnx.NodeProto], None], str] = {
    _short: "has 1 inputs, and must have 2 to 3",
    _absent: "lacks X",
    _odd: "has an attribute 'odd' that it cannot have",
    _mistyped: "'pads' of the wrong type",
    _unknown: "is no operator of its opset",
    _required: "lacks the attribute 'to'",
    _unfit: "Attribute kernel_shape has incorrect size",
}


@pytest.mark.parametrize("change", WRONG)
def test_the_first_rule_that_is_broken_is_told(change: Callable[[onnx.NodeProto], None]) -> None:
    model = plain()
    change(model.graph.node[0])
    said = problem(model)
    assert said is not None
    assert WRONG[change] in said
    with pytest.raises(Refusal, match="is not valid ONNX"), excused(find(model)):
        raise IndexError("ours")


def test_our_own_faults_stay_ours() -> None:
    with pytest.raises(IndexError), excused(find(plain())):
        raise IndexError("ours")
    with pytest.raises(OSError, match="ours"), excused(find(plain())):
        raise OSError("ours")
    with pytest.raises(Refusal, match="not enough memory"), excused(find(plain())):
        raise MemoryError
