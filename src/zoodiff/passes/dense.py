"""Writes every dense layer as Gemm(x, W[in, out], bias), and a constant added to a convolution as its bias."""

from __future__ import annotations

import math

from zoodiff.passes._axes import Shape, groups, inverse, permuted
from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = ("defaults", "fold", "identity", "layout", "operands", "padding", "pooling", "reshape")


def run(draft: Draft) -> None:
    """Rewrite products with constant matrices, then take biases in."""
    draft.visit(_REWRITES)


def _gemm(draft: Draft, op: Op) -> None:
    """Fold alpha and beta of 1 and transposed weights; a Gemm that scales otherwise stays as it is."""
    said, inputs = op.attributes, list(op.inputs)
    if not said:
        _straight(draft, op)
        return
    if said.get("alpha", 1.0) != 1 or said.get("transA", 0) or len(draft.shape(inputs[1]) or ()) != 2:
        return
    if inputs[1] not in draft.constants:
        return
    if len(inputs) > 2 and said.get("beta", 1.0) == 0:
        del inputs[2:]
    weight = draft.transposed(inputs[1], (1, 0)) if said.get("transB", 0) else inputs[1]
    width = draft.constants[weight].shape[1]
    if len(inputs) > 2:
        bias = draft.constants.get(inputs[2])
        if bias is None or said.get("beta", 1.0) != 1 or math.prod(bias.shape) != width or bias.shape[-1:] != (width,):
            return
        inputs[2] = draft.reshaped(inputs[2], (width,))
    draft.rewrite(op, "Gemm", [inputs[0], weight, *inputs[2:]])


def _product(draft: Draft, op: Op) -> None:
    """MatMul with a constant matrix on its right."""
    weight, shape = draft.constants.get(op.inputs[1]), draft.shape(op.inputs[0])
    if weight is None or op.inputs[0] in draft.constants or shape is None or len(shape) < 2:
        return
    if len(weight.shape) < 2 or len(weight.shape) > len(shape) or math.prod(weight.shape[:-2]) != 1:
        return
    draft.rewrite(op, "Gemm", [op.inputs[0], draft.reshaped(weight.name, weight.shape[-2:])])


def _add(draft: Draft, op: Op) -> None:
    """A constant per output feature, added to a dense layer or convolution that has no bias, is its bias."""
    for at in (0, 1):
        layer, name = draft.maker(op.inputs[at]), op.inputs[1 - at]
        if layer is None or name not in draft.constants or layer.op not in ("Gemm", "Conv") or layer.domain:
            continue
        shape, alone = draft.whole(op.outputs[0]), draft.only_reader(op.inputs[at]) is op
        if shape is None or len(layer.inputs) > 2 or not alone or draft.whole(op.inputs[at]) != shape:
            continue
        axis = len(shape) - 1 if layer.op == "Gemm" else 1
        constant = draft.constants[name].shape
        wide = (1,) * (len(shape) - len(constant)) + constant
        if (layer.op == "Gemm" and layer.attributes) or len(wide) != len(shape):
            continue
        if all(size == (shape[axis] if place == axis else 1) for place, size in enumerate(wide)):
            bias = draft.reshaped(name, (shape[axis],))
            draft.rewrite(op, layer.op, [*layer.inputs, bias], layer.attributes, absorbed=[layer])
            return


def _conv(draft: Draft, op: Op) -> None:
    """A convolution whose kernel is as large as the map that it reads."""
    said, shape, after = op.attributes, draft.whole(op.inputs[0]), draft.whole(op.outputs[0])
    weight = draft.constants.get(op.inputs[1])
    if shape is None or after is None or weight is None or said.get("group") != 1 or any(said.get("pads", (1,))):
        return
    single = math.prod(said["dilations"]) == 1 or math.prod(said["kernel_shape"]) == 1
    if shape[2:] != weight.shape[2:] or not single or math.prod(after[2:]) != 1:
        return
    width, features = weight.shape[0], math.prod(weight.shape[1:])
    matrix = draft.transposed(draft.reshaped(weight.name, (width, features)), (1, 0))
    draft.rewrite(op, "Gemm", [op.inputs[0], matrix, *op.inputs[2:]])
    flat = (shape[0], features)
    draft.insert(op, 0, "Reshape", {"shape": flat}, flat)
    draft.append(op, "Reshape", {"shape": after}, (shape[0], width))


def _straight(draft: Draft, op: Op) -> None:
    """A map flattened in another order of axes is one flattened in its own, with the weight's rows in another order."""
    flat = draft.maker(op.inputs[0])
    turn = draft.maker(flat.inputs[0]) if flat is not None and flat.op == "Reshape" else None
    if flat is None or turn is None or turn.op != "Transpose" or op.inputs[1] not in draft.constants:
        return
    before, turned, after = (draft.whole(name) for name in (turn.inputs[0], turn.outputs[0], flat.outputs[0]))
    if before is None or turned is None or after is None or not turn.attributes or not _flattens(turned, after):
        return
    perm = tuple(turn.attributes.get("perm", ()))
    leading = sum(1 for axis in range(len(perm)) if perm[: axis + 1] == tuple(range(axis + 1)))
    lead = len(turned)
    while lead and math.prod(turned[lead:]) < after[-1]:
        lead -= 1
    if leading < lead:
        return
    rows = turned[lead:]
    columns = draft.constants[op.inputs[1]].shape[1]
    back = inverse(tuple(axis - lead for axis in perm[lead:]))
    cube = draft.transposed(draft.reshaped(op.inputs[1], (*rows, columns)), (*back, len(rows)))
    weight = draft.reshaped(cube, (math.prod(permuted(rows, back)), columns))
    draft.rewrite(flat, "Reshape", turn.inputs, {"shape": after}, absorbed=[turn])
    draft.rewrite(op, "Gemm", [op.inputs[0], weight, *op.inputs[2:]])


def _flattens(before: Shape, after: Shape) -> bool:
    """Whether a Reshape joins axes to the last one and leaves all others."""
    known = groups(before, after)
    return known is not None and all(len(group.after) == 1 for group in known)


_REWRITES = {"Gemm": _gemm, "MatMul": _product, "Add": _add, "Conv": _conv}
