"""Measure one network: what it costs at an input size, with everything that could not be counted named."""

from __future__ import annotations

import gc
import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING, Any

import msgspec

from zoodiff.measuring.count import Counts, count
from zoodiff.measuring.fingerprint import fingerprint
from zoodiff.reading.reference import Inputs, Network, find, hash_file
from zoodiff.reading.validity import excused
from zoodiff.record import Shape, Unmeasured
from zoodiff.unit import units

if TYPE_CHECKING:
    from pathlib import Path

    import onnx

    from zoodiff.record import Graph

FORMAT = 1
PARTS = ("op", "layer", "block")


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """The static counts of one network at one input size; exact, or marked as a lower bound by `counts.complete`."""

    ref: str
    zoo: str | None
    version: str | None
    name: str
    architecture: str | None
    """canonical name; None where the published name matches none"""
    weights: str | None
    sha256: str | None
    """of the published file, or of the file on disk; None where the zoo states none"""
    input: dict[str, Shape]
    counts: Counts
    fingerprint: str | None
    """equal for graphs that agree in every weighted operator and pooling at this input; see `fingerprint`"""
    conventions: dict[str, int | Unmeasured]
    """what each counter of the room `conventions` would say; never to be compared with one another"""
    settings: int = 0
    """elements of constants that are single numbers or come before the first weight, where they prepare the image"""
    stand_in: str | None = None
    """reference of the network measured in this one's place, because its own file cannot be had"""
    stand_in_reason: str = ""


def measure(
    model: str | Path | Network | onnx.ModelProto, inputs: Inputs | None = None, *, parts: bool = False
) -> Measurement:
    """Count what a network costs, at its own input size or at another; with `parts`, also by layer and by block.

    `inputs` maps an input's name (the empty name: the only input) to its dimensions. Raises Refusal where there is no
    graph, or where the network cannot take that input.
    """
    network = find(model)
    with _uncollected(), excused(network):
        return _measured(network, inputs, parts)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection meanwhile: a graph is many objects and no circles, and all of them would be walked."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _measured(network: Network, inputs: Inputs | None, parts: bool) -> Measurement:
    if network.path is None or not network.path.is_file():
        return _counted(network, inputs, parts)
    with ThreadPoolExecutor(1) as beside:  # hashing leaves the interpreter free: large files cost little extra time
        given_up = Event()
        digest = beside.submit(hash_file, network.path, given_up)
        try:
            measured = _counted(network, inputs, parts)
        except BaseException:
            given_up.set()
            raise
        return msgspec.structs.replace(measured, sha256=digest.result())


def _counted(network: Network, inputs: Inputs | None, parts: bool) -> Measurement:
    graph = network.graph(inputs)
    counts = count(graph, parts=parts)
    return Measurement(
        **_named(network),
        input={value.name: value.shape or () for value in graph.inputs},
        counts=counts,
        fingerprint=fingerprint(graph, counts),
        conventions={name: convention.count(graph, counts) for name, convention in units("conventions").items()},
        settings=_settings(graph),
    )


def named(measurement: Measurement, network: Network) -> Measurement:
    """The same measurement as that of another network, which has the very same graph."""
    return msgspec.structs.replace(measurement, **_named(network))


def _named(network: Network) -> dict[str, Any]:
    """What a measurement says of a network besides its graph."""
    return {
        "ref": network.ref,
        "zoo": network.zoo,
        "version": network.version,
        "name": network.name,
        "architecture": network.architecture,
        "weights": network.weights.id if network.weights else None,
        "sha256": network.sha256,
        "stand_in": network.stand_in,
        "stand_in_reason": network.record.stand_in_reason if network.record and network.stand_in else "",
    }


def _settings(graph: Graph) -> int:
    """Elements of the settings that the graph holds: single numbers, and what comes before the first weight."""
    settings = {name for name, constant in graph.constants.items() if constant.shape and math.prod(constant.shape) == 1}
    for node in graph.nodes:
        constants = [name for name in node.inputs if name in graph.constants]
        if any(len(graph.constants[name].shape) > 1 and _large(graph, name) for name in constants):
            break
        settings.update(constants)
    return sum(math.prod(graph.constants[name].shape) for name in settings)


def _large(graph: Graph, name: str) -> bool:
    """Whether a constant is a weight: more than a few numbers a colour channel."""
    return math.prod(graph.constants[name].shape) > 16


def document(measurement: Measurement, by: str = "op") -> dict[str, Any]:
    """The measurement as the JSON document that `measure --json` prints."""
    counts = measurement.counts
    parts: dict[str, dict[str, Any]] = {
        "layer": {"by_layer": counts.by_layer},
        "block": {"by_block": counts.by_block},
    }
    plain: dict[str, Any] = {
        "format": FORMAT,
        "kind": "measurement",
        "model": {
            "ref": measurement.ref,
            "zoo": measurement.zoo,
            "version": measurement.version,
            "name": measurement.name,
            "architecture": measurement.architecture,
            "weights": measurement.weights,
            "sha256": measurement.sha256,
            "stand_in": measurement.stand_in,
            "fingerprint": measurement.fingerprint,
        },
        "input": measurement.input,
        "macs": counts.macs.value,
        "flops": counts.flops.value,
        "params": counts.params.value,
        "statistics": counts.statistics,
        "weight_bytes": counts.weight_bytes,
        "activations": counts.activations,
        "peak_activation_bytes": counts.peak_activation_bytes,
        "layers": counts.layers,
        "by_op": counts.by_op,
        **parts.get(by, {}),
        "conventions": measurement.conventions,
        "uncounted": counts.uncounted,
        "complete": counts.complete,
    }
    built: dict[str, Any] = msgspec.to_builtins(plain, str_keys=True)
    return built
