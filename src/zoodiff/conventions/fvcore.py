"""What fvcore 0.1.5 says: one "flop" per multiply-accumulate, and something for normalization and global pooling.

Convolutions (transposed ones too), linear layers, matrix products, einsum: 1 per multiply-accumulate, biases left out.
Batch normalization: 2 per element. Layer, group and instance normalization: 5 per element, 4 without a scale. Adaptive
average pooling: 1 per input element. Upsampling: 1 per output element where nearest, 4 where bilinear, as is sampling on
a grid. All else is 0, and the tool warns of it: activations, additions, other pooling, attention as one operator,
deformable convolutions and recurrent operators. An einsum is rounded to four digits, since it is read from a text of
numpy's; not so the two most common equations.

So it is above `macs` by normalization, and below it where attention is one operator.

fvcore counts what torch runs, which a graph tells like this:
- Attention by torch's fused operator (`scaled_dot_product_attention`) counts as 0. torch.onnx writes it, and nothing
  else, as queries and keys both multiplied by the root of the scale, their product, Softmax and the product with the
  values; that is left out here, and so is ONNX's Attention. Products around a Softmax in any other form count. Where the
  scale was folded away, and the network is no export of torch's, the form does not say which it was: Unmeasured.
- A mean over height and width that keeps the dimensions is adaptive pooling, one that drops them is a plain mean (0);
  average pooling with a window of 1 is adaptive pooling to the size that the input has.
- Quantised operators are not torch's plain ones, and fvcore has no rule for them: Unmeasured.

Source: https://github.com/facebookresearch/fvcore, 0.1.5.post20221221 (fvcore/nn/flop_count.py, jit_handles.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from zoodiff.conventions._sum import (
    Rule,
    Unknown,
    convolution,
    dims,
    nothing,
    of_input,
    of_output,
    product,
    size,
    summed,
    transposed,
)
from zoodiff.count import Counts
from zoodiff.record import Graph, Node, Unmeasured

TORCH = ("main_graph", "torch_jit", "torch-jit-export")
"""what torch.onnx calls a graph"""
HANDED_ON = ("Add", "Mul", "Div", "Where", "Cast", "Reshape", "Identity")
"""between the product of queries and keys and its Softmax: scale, mask, position bias"""


def count(graph: Graph, counts: Counts) -> int | Unmeasured:
    """The sum of the tool's rules, products of fused attention left out."""
    fused: set[str] = set()
    for scores, values in attention(graph):
        if all(_scaled(graph, name) for name in scores.inputs):
            fused.update((scores.outputs[0], values.outputs[0]))
        elif graph.name not in TORCH:
            return Unmeasured("whether torch would run its attention as one operator (0) or as products is not said")

    def rule(node: Node, graph: Graph) -> int:
        return 0 if node.outputs[0] in fused else RULES.get(node.op, _other)(node, graph)

    return summed(graph, rule)


