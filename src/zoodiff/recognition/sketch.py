"""Know a network again by what it is built of: an exact hash of its structure, and a sketch for how alike two are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from itertools import chain
from typing import Final

import msgspec

from zoodiff.alignment.labels import label
from zoodiff.reducing.net import COMMUTATIVE, Net, Step, added_on

BYTES: Final = 4
"""of a feature's hash: of the few thousand features of all zoos, hardly two fall together by chance"""


class Sketch(msgspec.Struct, frozen=True):
    """What of a network is kept to know it again; a few kilobytes."""

    exact: str
    """hash of the structure: see `structure`"""
    folded: str
    """the same, as it is with every normalization gone that can be folded into the layer before it"""
    norms: int
    """how many of these there are"""
    layers: dict[str, int]
    """hashes of the layers that have weights, with their widths, and how often each occurs"""
    places: dict[str, int]
    """hashes of every step's kind with those that it reads, without widths, and how often each occurs"""


def sketch(net: Net) -> Sketch:
    """Hash a network and its neighbourhoods; independent of the process, the machine and the order of steps."""
    classifier, foldable = _classifier(net), _foldable(net)
    return Sketch(
        exact=structure(net),
        folded=_structure(net, classifier, foldable, biases=False),
        norms=sum(foldable),
        layers=_layers(net, classifier),
        places=_places(net, foldable),
    )


def structure(net: Net) -> str:
    """An exact hash of a network's structure: equal hashes are the same operators, attributes, widths and wiring.

    It knows no names, order (nor that of additions), layout, weights or size of the input; nor the number of classes
    (the channels from the last weighted operators on), a bias before a normalization, and epsilon. Padding is told by
    where the first window starts and by how many windows there are against one per stride, which ResNet-like networks
    have alike at any size; TensorFlow's `SAME`, where the first window starts at another place in odd maps, has other
    hashes at other sizes.
    """
    return _structure(net, _classifier(net), [False] * len(net.steps), biases=True)


def similarity(one: Sketch, other: Sketch) -> float:
    """How alike two networks are, from 0 to 1: the mean of two weighted Jaccard indices.

    One is of the layers that have weights: kind, kernel, strides, groups and channels on either side (the classes left
    out), so that widths and depths count. The other is of the neighbourhoods: what kind each step is, with its kernel,
    and what those are that it reads, whatever their widths. Neither looks at padding, biases and which activation it
    is, since these differ most between ports of one network; normalization that can be folded into the layer before it
    is looked through. The index of two multisets is the sum of the smaller counts by that of the larger ones (Ruzicka
    1958); it is computed in full, without sampling.
    """
    return (_jaccard(one.layers, other.layers) + _jaccard(one.places, other.places)) / 2


def _jaccard(one: dict[str, int], other: dict[str, int]) -> float:
    shared = sum(min(count, other.get(key, 0)) for key, count in one.items())
    whole = sum(one.values()) + sum(other.values()) - shared
    return shared / whole if whole else 1.0


def _structure(net: Net, classifier: Sequence[bool], skipped: Sequence[bool], *, biases: bool) -> str:
    hashes: list[str] = []
    terms: dict[int, list[tuple[str, int]]] = {}  # of sums that more is added to
    for step in net.steps:
        if skipped[step.index]:
            hashes.append(hashes[step.inputs[0][0]])
            continue
        inputs = _terms(net, step, hashes, terms)
        if added_on(net, step):
            terms[step.index] = inputs
            hashes.append("")
            continue
        if step.op in COMMUTATIVE:
            inputs.sort()
        channels = None if classifier[step.index] else step.channels
        bias = biases and bool(step.attributes.get("bias")) and not _normalized(net, step)
        padded = step.attributes.get("count_include_pad")
        hashes.append(_hash(label(step, 2), channels, bias, padded, _windows(step), inputs))
    outputs = sorted((hashes[at] if at >= 0 else _input(net, at), port) for at, port in net.outputs)
    kept = [found for at, found in enumerate(hashes) if found and not skipped[at]]
    return _hash(outputs, sorted(kept))


def _terms(net: Net, step: Step, hashes: list[str], terms: dict[int, list[tuple[str, int]]]) -> list[tuple[str, int]]:
    """What a step reads; of sums that it goes on with, which have no hash, their terms: the longest list grows."""
    *others, found = sorted([terms.pop(at) for at, _ in step.inputs if at in terms], key=len) or [[]]
    found += chain.from_iterable(others)
    found += [(hashes[at] if at >= 0 else _input(net, at), port) for at, port in step.inputs if at < 0 or hashes[at]]
    return found


def _layers(net: Net, classifier: Sequence[bool]) -> dict[str, int]:
    return _counted(
        _hash(*_layer(step), step.channels_in, None if classifier[step.index] else step.channels, size=BYTES)
        for step in net.steps
        if step.weighted
    )


def _layer(step: Step) -> tuple[object, ...]:
    """What a layer is; a convolution of 1x1 windows is dense."""
    kernel, strides, group = (step.attributes.get(name) for name in ("kernel_shape", "strides", "group"))
    if step.kind == "dense" or (kernel and math.prod(kernel) == 1 == group and max(strides or (1,)) == 1):
        return ("dense",)
    return step.kind, kernel, strides, group


def _places(net: Net, skipped: Sequence[bool]) -> dict[str, int]:
    seen = list(range(len(net.steps)))
    found = []
    for step in net.steps:
        if skipped[step.index]:
            seen[step.index] = seen[step.inputs[0][0]]
            continue
        near = sorted(_kind(net.steps[seen[at]]) if at >= 0 else "" for at, _ in step.inputs)
        found.append(_hash(_kind(step), near, size=BYTES))
    return _counted(found)


def _kind(step: Step) -> str:
    return repr((step.kind, step.depthwise, step.attributes.get("kernel_shape")))


def _counted(hashes: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(hashes).items()))


def _classifier(net: Net) -> list[bool]:
    """Per step, whether its channels are classes: nothing that reads it, however far, has weights."""
    below = [False] * len(net.steps)
    for step in reversed(net.steps):
        below[step.index] = any(net.steps[at].weighted or below[at] for at, _ in step.readers)
    return [not found for found in below]


def _foldable(net: Net) -> list[bool]:
    """Per step, whether it is a normalization that can be folded into the weights of the one step that it reads."""
    return [
        step.op == "BatchNormalization"
        and (at := step.inputs[0][0]) >= 0
        and net.steps[at].weighted
        and len(net.steps[at].readers) == 1
        and at not in {output for output, _ in net.outputs}
        for step in net.steps
    ]


def _normalized(net: Net, step: Step) -> bool:
    return bool(step.readers) and all(net.steps[at].kind == "normalization" for at, _ in step.readers)


def _windows(step: Step) -> tuple[int, ...]:
    """Where a window operator's first windows start, and how many it has more or less than one per stride."""
    strides, before, after = step.attributes.get("strides"), step.shape_in, step.shape_out
    if not strides or before is None or after is None or len(before) != len(strides) + 2 != len(after):
        return ()
    pads = step.attributes.get("pads", ())
    extra = (new - -(-old // stride) for old, new, stride in zip(before[2:], after[2:], strides, strict=True))
    return (*pads[: len(strides)], *extra)


def _input(net: Net, at: int) -> str:
    """An input of the graph: by its channels, where it is an image."""
    shape = net.inputs[-1 - at][1]
    return f"input {shape[1]}" if len(shape) == 4 else "input"


def _hash(*parts: object, size: int = 16) -> str:
    return blake2b(repr(parts).encode(), digest_size=size).hexdigest()
