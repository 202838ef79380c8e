"""Normalizations: written out."""

from __future__ import annotations

from random import Random

from planted.disguises import disguise
from planted.network import Net, attribute, make
from planted.opset import reduce_mean
from planted.places import some


@disguise
def layer_norm_forms(net: Net, random: Random) -> int:
    """LayerNormalization written out: mean, deviation, square, root, scale and shift."""
    changed = 0
    for node in some(net, random, "LayerNormalization"):
        rank = len(net.shape(node.input[0]))
        if attribute(node, "axis", -1) % rank != rank - 1 or len(node.input) < 3:
            continue
        x, scale, shift = node.input
        mean, deviation, square, variance, safe, root, unit, scaled = (net.fresh("norm") for _ in range(8))
        epsilon = net.constant(attribute(node, "epsilon", 1e-5))
        net.replace(
            node,
            reduce_mean(net, x, [-1], mean),
            make("Sub", [x, mean], deviation),
            make("Mul", [deviation, deviation], square),
            reduce_mean(net, square, [-1], variance),
            make("Add", [variance, epsilon], safe),
            make("Sqrt", [safe], root),
            make("Div", [deviation, root], unit),
            make("Mul", [unit, scale], scaled),
            make("Add", [scaled, shift], node.output[0]),
        )
        changed += 1
    return changed
