"""Measure how long the alignment of large graphs takes, in CPU seconds, and how much memory.

Usage: python bench/alignment.py [STEPS ...]   Prints a table and writes bench/alignment-results.md. Each graph is a
residual network of that many steps with a stem, stages and a head; the other has one block less, a wider layer and
another stride.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import onnx
from onnx import TensorProto, helper

from zoodiff.alignment.align import align
from zoodiff.attribution.causes import roots
from zoodiff.reading.reference import find
from zoodiff.reducing.net import Net
from zoodiff.reducing.reduce import build

RESULTS = Path(__file__).parent / "alignment-results.md"
SIZES = (1_000, 10_000, 100_000)
STAGES = 4
BLOCK = 7
"""steps of a block: two convolutions with ReLU, their normalizations, the addition"""


def residual(blocks: list[tuple[int, int, int]]) -> onnx.ModelProto:
    """A residual network: per block its width, the width inside, and the stride (1: the shortcut is the identity)."""
    nodes, weights, value, width = [], {}, "x", 3

    def layer(op: str, inputs: list[str], *shapes: tuple[int, ...], **attributes: object) -> str:
        name = f"v{len(nodes)}"
        weights.update({f"{name}w{at}": shape for at, shape in enumerate(shapes)})
        given = [*inputs, *(f"{name}w{at}" for at in range(len(shapes)))]
        nodes.append(helper.make_node(op, given, [name], **attributes))
        return name

    def convolution(source: str, before: int, after: int, kernel: int, stride: int) -> str:
        pads = [kernel // 2] * 4
        shapes = ((after, before, kernel, kernel),)
        made = layer("Conv", [source], *shapes, strides=[stride] * 2, pads=pads, kernel_shape=[kernel] * 2)
        return layer("BatchNormalization", [made], *[(after,)] * 4)

    for after, inside, stride in blocks:
        shortcut = value if (stride, width) == (1, after) else convolution(value, width, after, 1, stride)
        first = layer("Relu", [convolution(value, width, inside, 3, stride)])
        second = convolution(first, inside, after, 3, 1)
        value, width = layer("Relu", [layer("Add", [second, shortcut])]), after
    image = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 64, 64])
    scores = helper.make_tensor_value_info(value, TensorProto.FLOAT, None)
    tensors = [TensorProto(name=name, data_type=TensorProto.FLOAT, dims=shape) for name, shape in weights.items()]
    graph = helper.make_graph(nodes, "residual", [image], [scores], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])


def pair(steps: int) -> tuple[Net, Net]:
    """Two networks of about so many steps that differ at three places."""
    each = max(2, steps // (STAGES * BLOCK))
    blocks = [(64 << stage, 64 << stage, 2 if block == 0 else 1) for stage in range(STAGES) for block in range(each)]
    other = list(blocks)
    del other[each + each // 2]
    width, inside, stride = other[2 * each + each // 2]
    other[2 * each + each // 2] = (width, inside // 2, stride)
    other[3 * each - 1] = (*other[3 * each - 1][:2], 1)
    left, right = (build(find(residual(chosen)).graph()) for chosen in (blocks, other))
    return left, right


def seconds(work: Callable[[], object], rounds: int) -> float:
    """The least CPU time of a few rounds."""
    taken = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return min(taken)


def main() -> None:
    """Measure each size, print the table and write it down."""
    lines = [
        "# Alignment\n",
        "Written by `python bench/alignment.py`: CPU seconds (least of 5, or of 1 from 10,000 steps on) of pairing",
        "two residual networks that differ in a block, a width and a stride; highest memory of the process so far.\n",
        "| steps | align, s | causes, s | causes found | memory, MB |",
        "|---:|---:|---:|---:|---:|",
    ]
    for size in [int(argument) for argument in sys.argv[1:]] or SIZES:
        left, right = pair(size)
        rounds, pairing = (5 if size < 10_000 else 1), align(left, right)
        spent = seconds(partial(align, left, right), rounds)
        found = roots(left, right, pairing)
        after = seconds(partial(roots, left, right, pairing), rounds)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        lines.append(f"| {len(left.steps):,} | {spent:.3f} | {after:.3f} | {len(found)} | {memory:,} |")
        print(lines[-1], flush=True)
    RESULTS.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
