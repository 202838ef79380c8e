"""Work grows with a network, and not with its square, whatever its shape: a small file must not keep us for hours.

Counted are the calls that Python makes: they are the same in every run, on every machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest

from networks import network
from zoodiff import diff, measure
from zoodiff.passes import concatenation
from zoodiff.recognition.identify import identify

IMAGE, VECTOR = "float[1,4,8,8]", "float[1,8]"


def chain(kind: str, link: str, number: int, **weights: tuple[int, ...]) -> onnx.ModelProto:
    """So many links one after the other, each from `h~` to `n~`; its weights are `w~` and so on."""
    text = " ".join(link.replace("n~", f"h{at + 1}").replace("~", str(at)) for at in range(number))
    shapes = {name.replace("_", str(at)): shape for at in range(number) for name, shape in weights.items()}
    return network(f"net ({kind} h0) => (float[] h{number}) {{ {text} }}", **shapes)


def many(kind: str, branch: str, end: str, number: int, **weights: tuple[int, ...]) -> onnx.ModelProto:
    """So many branches side by side, each from `x` to `y~`, and what reads them all."""
    text = " ".join(branch.replace("~", str(at)) for at in range(number))
    shapes = {name.replace("_", str(at)): shape for at in range(number) for name, shape in weights.items()}
    together = end.replace("*", ", ".join(f"y{at}" for at in range(number)))
    return network(f"net ({kind} x) => (float[] z) {{ {text} {together} }}", **shapes)


def tree(number: int) -> onnx.ModelProto:
    text = " ".join(f"t{at} = Relu(t{(at - 1) // 2})" for at in range(1, number))
    leaves = ", ".join(f"t{at}" for at in range(number // 2, number))
    return network(f"net ({VECTOR} t0) => (float[] y) {{ {text} y = Sum({leaves}) }}")


def apart(number: int) -> onnx.ModelProto:
    """Branches that nothing reads together."""
    outputs = ", ".join(f"{VECTOR} y{at}" for at in range(number))
    text = " ".join(f"y{at} = Relu(x)" for at in range(number))
    return network(f"net ({VECTOR} x) => ({outputs}) {{ {text} }}")


def inputs(number: int) -> onnx.ModelProto:
    names = [f"x{at}" for at in range(number)]
    given = ", ".join(f"{VECTOR} {name}" for name in names)
    return network(f"net ({given}) => (float[] y) {{ y = Sum({', '.join(names)}) }}")


def growing(number: int) -> onnx.ModelProto:
    """A DenseNet: each layer reads what all before it have made."""
    text = " ".join(f"c{at} = Conv(h{at}, w{at}) h{at + 1} = Concat<axis = 1>(h{at}, c{at})" for at in range(number))
    weights = {f"w{at}": (1, 4 + at, 1, 1) for at in range(number)}
    return network(f"net ({IMAGE} h0) => (float[] h{number}) {{ {text} }}", **weights)


SHAPES: dict[str, Callable[[int], onnx.ModelProto]] = {
    "plain": lambda n: chain(VECTOR, "n~ = Relu(h~)", n),
    "convolutions": lambda n: chain(IMAGE, "c~ = Conv(h~, w~) n~ = Relu(c~)", n, w_=(4, 4, 1, 1)),
    "residual": lambda n: chain(IMAGE, "c~ = Conv(h~, w~) r~ = Relu(c~) n~ = Add(h~, r~)", n, w_=(4, 4, 1, 1)),
    "one weight": lambda n: chain(IMAGE, "n~ = Conv(h~, w)", n, w=(4, 4, 1, 1)),
    "sums": lambda n: chain(VECTOR, "n~ = Add(h~, h0)", n),
    "numbers": lambda n: chain(IMAGE, "m~ = Mul(h~, k~) n~ = Add(m~, l~)", n, k_=(4, 1, 1), l_=(4, 1, 1)),
    "gates": lambda n: chain(VECTOR, "s~ = Sigmoid(h~) n~ = Mul(h~, s~)", n),
    "shapes": lambda n: chain(VECTOR, "s~ = Shape(h~) n~ = Reshape(h~, s~)", n),
    "turns": lambda n: chain(IMAGE, "t~ = Transpose<perm = [0, 2, 3, 1]>(h~) n~ = Relu(t~)", n),
    "dense": growing,
    "branches": lambda n: many(IMAGE, "c~ = Conv(x, w~) y~ = Relu(c~)", "z = Sum(*)", n, w_=(4, 4, 1, 1)),
    "side by side": lambda n: many(VECTOR, "y~ = Relu(x)", "z = Concat<axis = 1>(*)", n),
    "apart": apart,
    "inputs": inputs,
    "tree": tree,
}


def calls(work: Callable[[], Any]) -> int:
    """How many functions are called for some work."""
    number = 0

    def count(_: Any, event: str, __: Any) -> None:
        nonlocal number
        number += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return number


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("work", ["measure", "diff", "diff with another", "identify"])
def test_a_network_twice_as_large_takes_about_twice_the_calls(
    shape: str, work: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(concatenation, "MOST", 1000)

    def done(number: int) -> int:
        model, other = SHAPES[shape](number), SHAPES["residual"](number)
        file = tmp_path / "model.onnx"
        onnx.save(model, file)
        does: dict[str, Callable[[], object]] = {
            "measure": lambda: measure(model),
            "diff": lambda: diff(model, model),
            "diff with another": lambda: diff(model, other),
            "identify": lambda: identify(str(file)),
        }
        return calls(does[work])

    done(30)  # what is done once
    small, large = done(120), done(240)
    assert large < 2.7 * small
