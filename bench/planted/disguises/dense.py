"""Dense layers: Gemm, MatMul with Add, and 1x1 convolutions on one pixel."""

from __future__ import annotations

from random import Random

import numpy as np

from planted.disguises import disguise
from planted.network import Net, attribute, make
from planted.places import some


@disguise
def gemm_to_matmul(net: Net, random: Random) -> int:
    """Gemm as MatMul and Add, the matrix turned round where need be."""
    changed = 0
    for node in some(net, random, "Gemm"):
        plain = attribute(node, "alpha", 1.0) == 1 and attribute(node, "beta", 1.0) == 1
        if not plain or attribute(node, "transA", 0):
            continue
        matrix = node.input[1]
        if attribute(node, "transB", 0):
            if matrix not in net.weights:
                continue
            matrix = net.derived(matrix, net.shape(matrix)[::-1], np.transpose)
        output = node.output[0]
        if len(node.input) < 3:
            net.replace(node, make("MatMul", [node.input[0], matrix], output))
        else:
            product = net.fresh("product")
            net.replace(
                node, make("MatMul", [node.input[0], matrix], product), make("Add", [product, node.input[2]], output)
            )
        changed += 1
    return changed


@disguise
def matmul_to_gemm(net: Net, random: Random) -> int:
    """MatMul of two matrices, with an Add of a bias after it, as Gemm."""
    changed = 0
    for node in some(net, random, "MatMul"):
        matrix = node.input[1]
        if len(net.shape(node.input[0])) != 2 or matrix not in net.weights or len(net.shape(matrix)) != 2:
            continue
        inputs = [node.input[0], net.derived(matrix, net.shape(matrix)[::-1], np.transpose)]
        output, follower = node.output[0], net.only_consumer(node.output[0])
        if follower is not None and follower.op_type == "Add":
            bias = next(name for name in follower.input if name != output)
            if bias in net.weights and net.shape(bias) == net.shape(output)[1:]:
                inputs.append(bias)
                output = follower.output[0]
                net.nodes = [other for other in net.nodes if other is not follower]
        net.replace(node, make("Gemm", inputs, output, transB=1))
        changed += 1
    return changed


@disguise
def conv_to_gemm(net: Net, random: Random) -> int:
    """A 1x1 convolution on a map of one pixel as a dense layer."""
    changed = 0
    for node in some(net, random, "Conv"):
        shape, kernel = net.shape(node.input[0]), net.shape(node.input[1])
        plain = shape[2:] == (1, 1) and kernel[2:] == (1, 1) and attribute(node, "group", 1) == 1
        if not plain or node.input[1] not in net.weights or any(attribute(node, "pads", [0])):
            continue
        matrix = net.derived(node.input[1], kernel[:2], lambda data: data)
        flat, product, output = net.fresh("flat"), net.fresh("product"), node.output[0]
        target = net.constant([1, kernel[0], 1, 1], "int64")
        net.replace(
            node,
            make("Flatten", [node.input[0]], flat, axis=1),
            make("Gemm", [flat, matrix, *node.input[2:]], product, transB=1),
            make("Reshape", [product, target], output),
        )
        changed += shape[0] == 1
    return changed


@disguise
def gemm_to_conv(net: Net, random: Random) -> int:
    """A dense layer on a vector as a 1x1 convolution on one pixel."""
    changed = 0
    for node in some(net, random, "Gemm"):
        matrix, shape = node.input[1], net.shape(node.input[0])
        plain = attribute(node, "alpha", 1.0) == 1 and attribute(node, "beta", 1.0) == 1
        if matrix not in net.weights or not plain or attribute(node, "transA", 0) or shape[:1] != (1,):
            continue
        turned = bool(attribute(node, "transB", 0))
        out, channels = net.shape(matrix) if turned else net.shape(matrix)[::-1]
        if len(node.input) > 2 and net.shape(node.input[2]) != (out,):
            continue
        kernel = net.derived(matrix, (out, channels, 1, 1), lambda data, turned=turned: data if turned else data.T)
        pixel, product, output = net.fresh("pixel"), net.fresh("product"), node.output[0]
        net.replace(
            node,
            make("Reshape", [node.input[0], net.constant([1, channels, 1, 1], "int64")], pixel),
            make("Conv", [pixel, kernel, *node.input[2:]], product, kernel_shape=[1, 1]),
            make("Flatten", [product], output, axis=1),
        )
        changed += 1
    return changed
