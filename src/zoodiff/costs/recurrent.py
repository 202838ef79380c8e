"""Recurrent networks: RNN, GRU, LSTM.

Per direction, time step and image, each of g gates multiplies the input (I) and the state (H) by a matrix:
g H (I + H) multiply-accumulates. Sequences count at full length. Activations are the default ones; a sigmoid is 4
operations, tanh 1. Adding the two products is 1 per gate element, the two biases 1 each.
"""

from __future__ import annotations

import math

from zoodiff.costs._cost import Cost, CostFunction, Uncountable, dims, present
from zoodiff.costs.activation import SIGMOID
from zoodiff.record import Graph, Node

TANH = 1


def recurrent(gates: int, per_state: int, peepholes: int = 0) -> CostFunction:
    """The rule for `gates` gates and so many operations per state element beside products, sums and biases.

    Inputs: X (length, batch, input), W (directions, gates x state, input), R, B; at 7 the peepholes of an LSTM.
    """

    def rule(node: Node, graph: Graph) -> Cost:
        steps = math.prod(dims(graph, node.inputs[0])[:2])
        directions, rows, width = dims(graph, node.inputs[1])
        if rows % gates:
            raise Uncountable(f"shape of {node.inputs[1]!r} does not hold {gates} gates")
        state = rows // gates
        sums = gates * (3 if present(node.inputs, 3) else 1)
        peeps = peepholes if present(node.inputs, 7) else 0
        elements = steps * directions * state
        return Cost(elements * gates * (width + state), elements * (sums + per_state + peeps))

    return rule


OPERATORS = {
    "RNN": recurrent(1, TANH),
    # z and r are sigmoids, h is tanh of a product with r, then (1 - z) h + z H: 4
    "GRU": recurrent(3, 2 * SIGMOID + TANH + 1 + 4),
    # i, o, f are sigmoids, c is tanh; C = f C + i c: 3; H = o tanh(C): 2; a peephole is a product and a sum for i, o, f
    "LSTM": recurrent(4, 3 * SIGMOID + TANH + 3 + 2, peepholes=6),
}
