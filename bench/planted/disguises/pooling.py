"""Global pooling: in one of the operators that take the mean of a whole map."""

from __future__ import annotations

from random import Random

import numpy as np
import onnx

from planted.disguises import disguise
from planted.network import Net, Window, attribute, make
from planted.opset import reduce_mean


@disguise
def global_pool_forms(net: Net, random: Random) -> int:
    """The mean of the whole map: GlobalAveragePool, ReduceMean or AveragePool of full size."""
    changed = 0
    for node in [node for node in net.nodes if _is_global(net, node)]:
        x, output = node.input[0], node.output[0]
        size = net.shape(x)[2:]
        forms = [
            make("GlobalAveragePool", [x], output),
            make("AveragePool", [x], output, kernel_shape=size),
            reduce_mean(net, x, [2, 3], output),
        ]
        net.replace(node, random.choice([form for form in forms if form.op_type != node.op_type]))
        changed += 1
    return changed


def _is_global(net: Net, node: onnx.NodeProto) -> bool:
    shape = net.shape(node.input[0]) if node.input else ()
    if len(shape) != 4 or net.shape(node.output[0]) != (*shape[:2], 1, 1):
        return False
    if node.op_type == "AveragePool":
        window = Window(net, node)
        return tuple(window.kernel) == shape[2:] and not any(window.pads) and window.explicit
    if node.op_type == "ReduceMean":
        axes = net.data(node.input[1]) if len(node.input) > 1 else np.array(attribute(node, "axes", []))
        return axes is not None and {int(axis) % 4 for axis in axes} == {2, 3}
    return node.op_type == "GlobalAveragePool"
