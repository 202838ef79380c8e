"""Moves Transposes down through what does not care for the order of axes, until they meet their inverse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from zoodiff.passes._axes import Shape, groups, inverse, keeps_order, permuted
from zoodiff.passes._elementwise import BROADCASTING, UNARY
from zoodiff.passes._sink import sink
from zoodiff.reducing.draft import Draft, Op

AFTER: tuple[str, ...] = ("defaults", "fold", "identity", "operands", "reshape")

Perm = tuple[int, ...]


def run(draft: Draft) -> None:
    """Walk down once: every Transpose goes as far as it can, then cancels against its inverse."""
    draft.sort()
    for op in draft.ops:
        if op not in draft or op.domain or not op.inputs:
            continue
        if op.op == "Transpose":
            _compose(draft, op)
        elif op.op in BROADCASTING:
            _elementwise(draft, op)
        elif op.op == "Concat":
            _concat(draft, op)
        elif (found := _transposed(draft, op.inputs[0])) is not None:
            _sink(draft, op, *found)


def _transposed(draft: Draft, name: str) -> tuple[Op, Perm] | None:
    """The Transpose that makes a tensor; Transposes of axes of size 1 have become Reshapes."""
    maker = draft.maker(name)
    if maker is None or maker.op != "Transpose" or maker.domain or draft.whole(name) is None or not maker.attributes:
        return None
    return maker, tuple(maker.attributes.get("perm", ()))


def _compose(draft: Draft, op: Op) -> None:
    if "perm" not in op.attributes:  # its default depends on a rank that is not known
        return
    earlier = _transposed(draft, op.inputs[0])
    if earlier is not None:
        perm = permuted(earlier[1], op.attributes["perm"])
        draft.rewrite(op, "Transpose", earlier[0].inputs, {"perm": perm}, absorbed=[earlier[0]])
    elif (pad := draft.maker(op.inputs[0])) is not None and _paddable(draft, pad):
        _pad(draft, op, pad)
        return
    if tuple(op.attributes["perm"]) == tuple(range(len(op.attributes["perm"]))):
        draft.bypass(op)


def _paddable(draft: Draft, pad: Op) -> bool:
    whole = draft.whole(pad.inputs[0])
    return (
        pad.op == "Pad"
        and len(pad.inputs) == 1
        and whole is not None
        and len(pad.attributes.get("pads", ())) == 2 * len(whole)
        and "axes" not in pad.attributes
    )


def _pad(draft: Draft, op: Op, pad: Op) -> None:
    """Let a Pad pass below the Transpose that follows it: there it meets the operator that it is for."""
    perm, pads = op.attributes["perm"], pad.attributes["pads"]
    rank = len(perm)
    both = (*permuted(pads[:rank], perm), *permuted(pads[rank:], perm))
    before = draft.whole(pad.inputs[0])
    assert before is not None
    draft.rewrite(op, "Transpose", pad.inputs, {"perm": perm}, absorbed=[pad])
    draft.append(op, "Pad", {**pad.attributes, "pads": both}, permuted(before, perm))


# ---------------------------------------------------------------- operators on one tensor


def _sink(draft: Draft, op: Op, maker: Op, perm: Perm) -> None:
    before, inputs, attributes = draft.whole(maker.inputs[0]), [maker.inputs[0], *op.inputs[1:]], dict(op.attributes)
    outputs = [draft.whole(name) for name in op.outputs]
    if before is None or any(shape is None for shape in outputs):
        return
    inner = [permuted(shape, inverse(perm)) for shape in outputs if shape is not None and len(shape) == len(perm)]
    if op.op == "Reshape" and len(op.inputs) == 1:
        _reshape(draft, op, maker, perm)
        return
    if op.op.startswith("Reduce") and len(op.inputs) == 1:
        _reduce(draft, op, maker, perm)
        return
    if op.op in ("Softmax", "LogSoftmax", "Split"):
        if "coerced" in attributes or len(op.inputs) > 1:
            return
        attributes["axis"] = perm[attributes["axis"]]
    elif op.op == "Slice" and len(op.inputs) == 1:
        axes = attributes.get("axes", range(len(attributes["starts"])))
        attributes["axes"] = tuple(perm[axis % len(perm)] for axis in axes)
    elif op.op in ("Gemm", "LayerNormalization"):
        dense = op.op == "Gemm" and not attributes
        normal = op.op == "LayerNormalization" and attributes.get("axis") == -1
        if perm[-1] != len(perm) - 1 or not (dense or normal) or maker.inputs[0] in op.inputs[1:]:
            return
    elif op.op not in UNARY:
        return
    sink(draft, op, inputs, attributes, maker, inner, [maker])


def _reduce(draft: Draft, op: Op, maker: Op, perm: Perm) -> None:
    axes = op.attributes.get("axes", ())
    before = draft.whole(maker.inputs[0])
    if not axes or before is None or not op.attributes["keepdims"]:
        return
    turned = tuple(sorted(perm[axis] for axis in axes))
    inner = tuple(1 if axis in turned else size for axis, size in enumerate(before))
    sink(draft, op, maker.inputs, {**op.attributes, "axes": turned}, maker, [inner], [maker])


def _reshape(draft: Draft, op: Op, maker: Op, perm: Perm) -> None:
    """Below a Reshape whose groups of axes the Transpose moves as wholes."""
    before, turned, after = draft.whole(maker.inputs[0]), draft.whole(op.inputs[0]), draft.whole(op.outputs[0])
    known = groups(turned, after) if turned and after else None
    if before is None or known is None or after is None:
        return
    wholes = []
    for group in known:
        came = [perm[axis] for axis in group.before]
        wide = [axis for axis in range(came[0], came[-1] + 1) if before[axis] != 1]
        if came != wide:
            return
        wholes.append((came[0], group.after))
    order = sorted(wholes)
    axes = [axis for _, group in order for axis in group]
    if axes == sorted(axes):
        draft.rewrite(op, "Reshape", maker.inputs, {"shape": after}, absorbed=[maker])
        return
    places = iter(axes)
    source = [axis if after[axis] == 1 else next(places) for axis in range(len(after))]
    inner = permuted(after, source)
    draft.rewrite(op, "Reshape", maker.inputs, {"shape": inner}, absorbed=[maker])
    draft.append(op, "Transpose", {"perm": inverse(source)}, inner)


# ---------------------------------------------------------------- operators on several tensors


def _concat(draft: Draft, op: Op) -> None:
    found = [_transposed(draft, name) for name in op.inputs]
    perms = {made[1] for made in found if made is not None}
    if len(perms) != 1:
        return
    perm = perms.pop()
    sources = [_under(draft, name, perm) for name in op.inputs]
    if all(source is not None for source in sources):
        makers = _unique(found)
        attributes = {**op.attributes, "axis": perm[op.attributes["axis"]]}
        _sink_all(draft, op, perm, [source for source in sources if source is not None], attributes, makers)


def _elementwise(draft: Draft, op: Op) -> None:
    """Through an operator whose operands are all transposed alike, or could as well be."""
    rank = len(draft.whole(op.outputs[0]) or ())
    found = [made for name in op.inputs if (made := _transposed(draft, name)) and len(made[1]) == rank]
    perms = list(dict.fromkeys(perm for _, perm in found)) or _as_transposes(draft, op, rank)
    for perm in perms:
        sources = [_under(draft, name, perm) for name in op.inputs]
        if all(source is not None for source in sources):
            makers = _unique([draft.maker(name) for name in op.inputs])
            makers = [maker for maker in makers if maker.op in ("Transpose", "Reshape")]
            _sink_all(draft, op, perm, [s for s in sources if s is not None], op.attributes, makers)
            return


def _unique(found: Sequence[Any]) -> list[Op]:
    makers = [made[0] if isinstance(made, tuple) else made for made in found if made is not None]
    return list(dict.fromkeys(makers))


def _as_transposes(draft: Draft, op: Op, rank: int) -> list[Perm]:
    """A Reshape that moves axes of size 1 is a Transpose too: so said where a constant then widens those axes."""
    shapes = [draft.whole(name) for name in op.inputs]
    if len(shapes) != 2 or not rank or sum(name in draft.constants for name in op.inputs) != 1:
        return []
    at = 0 if op.inputs[1] in draft.constants else 1
    maker = draft.maker(op.inputs[at])
    before = draft.whole(maker.inputs[0]) if maker is not None and maker.op == "Reshape" else None
    after = shapes[at]
    if maker is None or before is None or after is None or len(before) != len(after) or len(after) != rank:
        return []
    known = groups(before, after)
    if known is None or any(len(group.before) != 1 or len(group.after) != 1 for group in known):
        return []
    if after == draft.whole(op.outputs[0]):
        return []
    source = {group.after[0]: group.before[0] for group in known}
    free = iter(axis for axis in range(rank) if axis not in source.values())
    return [tuple(source[axis] if axis in source else next(free) for axis in range(rank))]


def _under(draft: Draft, name: str, perm: Perm) -> tuple[str, Shape | None] | None:
    """The tensor that a Transpose would make this one of, and the shape to give it before; None where there is none."""
    shape = draft.whole(name)
    if shape is None or len(shape) > len(perm):
        return None
    wide = (1,) * (len(perm) - len(shape)) + shape
    back = inverse(perm)
    if name in draft.constants:
        if all(size == 1 for size in shape):
            return name, None
        return draft.transposed(draft.reshaped(name, wide), back), None
    maker = draft.maker(name)
    if maker is not None and len(maker.inputs) == 1:
        before = draft.whole(maker.inputs[0])
        if maker.op == "Transpose" and tuple(maker.attributes.get("perm", ())) == perm:
            return maker.inputs[0], None
        like = before is not None and len(before) == len(perm) and permuted(before, perm) == shape
        if maker.op == "Reshape" and before is not None and like and keeps_order(before, perm):
            return maker.inputs[0], None
    if keeps_order(wide, back):
        return name, permuted(wide, back)
    return None


def _sink_all(
    draft: Draft,
    op: Op,
    perm: Perm,
    sources: Sequence[tuple[str, Shape | None]],
    attributes: dict[str, Any],
    makers: Sequence[Op],
) -> None:
    outer = draft.whole(op.outputs[0])
    if outer is None:
        return
    draft.rewrite(op, op.op, [name for name, _ in sources], attributes, makers)
    for position, (_, shape) in enumerate(sources):
        if shape is not None:
            draft.insert(op, position, "Reshape", {"shape": shape}, shape)
    draft.append(op, "Transpose", {"perm": perm}, permuted(outer, inverse(perm)))
