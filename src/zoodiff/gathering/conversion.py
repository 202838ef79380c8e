"""Check that a snapshot's graphs compute what the zoos' frameworks do: both run with the same random weights."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from math import ceil, floor, log10, prod
from pathlib import Path
from typing import Any, Final, NamedTuple
from zipfile import BadZipFile

import msgspec
import numpy as np
import onnx

from zoodiff import child, disk, places
from zoodiff.fault import Refusal
from zoodiff.gathering.guests import MODEL_SECONDS
from zoodiff.gathering.step import Progress, Step, lines
from zoodiff.isolate import declare, isolate
from zoodiff.isolate.guest import CHECK
from zoodiff.isolate.isolate import Environment
from zoodiff.proof.agreement import agreement, nudged_inputs, telling
from zoodiff.proof.execute import execute, require
from zoodiff.reading import entries, store
from zoodiff.record import Conversion, Model, Snapshot, Unmeasured, Weights
from zoodiff.reducing import emit
from zoodiff.zoos._check import SEED

Array = np.ndarray[Any, Any]


def check(
    zoo: str, only: Sequence[str] | None = None, progress: Progress = lines
) -> Iterator[tuple[str, Conversion | Unmeasured]]:
    """Run a zoo's graphs (or those of `only` these models) beside the framework's own models, one after the other.

    The graphs are the snapshot's own skeletons; weights, inputs and the expected outputs come from the zoo's own
    environment, by `check` in its file. Yields each graph's file name with the result, or why there is none.
    Raises Refusal where onnxruntime is absent, the environment cannot be built, or it is another one than the
    snapshot was gathered in.
    """
    require()
    chosen, snapshot = declare.zoo(zoo), store.load(zoo)
    graphs = dict(_graphs(snapshot, only))
    with child.interruptible(), isolate.environment(chosen, lambda words: progress(Step(words))) as environment:
        if hashlib.sha256(environment.lock.encode()).hexdigest() != snapshot.provenance.lock:
            raise Refusal(f"the snapshot of {zoo} was gathered in another environment than its lock gives")
        for number, (graph, (model, weights)) in enumerate(graphs.items()):
            progress(Step(f"running {graph}", number, len(graphs)))
            with disk.writing(places.caches()), tempfile.TemporaryDirectory(dir=places.caches()) as work:
                home = Path(work) / "home"
                home.mkdir()
                stage = _Stage(environment, isolate.stage(chosen, Path(work) / "run"), Path(work))
                skeleton = store.skeleton(zoo, snapshot.version, graph)
                yield graph, stage.checked(model.name, weights.id, skeleton)


def _graphs(snapshot: Snapshot, only: Sequence[str] | None) -> Iterator[tuple[str, tuple[Model, Weights]]]:
    """The graphs of some models, each with the first weights that have it."""
    seen = set()
    for model in snapshot:
        for weights in model.weights if only is None or model.name in only else ():
            if weights.graph is not None and weights.graph not in seen:
                seen.add(weights.graph)
                yield weights.graph, (model, weights)


class _Stage(NamedTuple):
    """Where a guest runs: its environment, the zoo's staged file, and the folder that it writes to."""

    environment: Environment
    file: Path
    work: Path

    def checked(self, name: str, weights: str, skeleton: bytes) -> Conversion | Unmeasured:
        """One graph beside the framework's model, with weights and pictures whose outputs prove something."""

        def attempt(gain: float, scale: float) -> Conversion:
            return compared(skeleton, self.answered(name, weights, gain, scale), gain, scale)

        try:
            return telling(attempt)
        except Refusal as refusal:
            return Unmeasured(refusal.message)

    def answered(self, name: str, weights: str, gain: float, scale: float) -> dict[str, Array]:
        """What the framework's model makes of random weights and inputs; it runs in a process of its own.

        Raises Refusal where it cannot be had.
        """
        log, home = self.work / "log", self.work / "home"
        command = isolate.guest(
            self.environment.python, self.file, self.work, "check", "--", name, weights, str(gain), str(scale)
        )
        code = child.run(command, child.guest_environment(home), self.work, log, MODEL_SECONDS)
        if reason := isolate.told(self.work).get("reason"):
            raise Refusal(reason)
        if code != 0:
            raise Refusal(f"its process did not finish: {child.ended(code)}: {child.tail(log, 1)}")
        try:
            with np.load(self.work / CHECK) as kept:
                return {key: kept[key] for key in kept.files}
        except (OSError, ValueError, EOFError, MemoryError, BadZipFile) as error:
            raise Refusal(f"what it answered cannot be read: {error}") from None


def compared(skeleton: bytes, arrays: Mapping[str, Array], gain: float, scale: float) -> Conversion:
    """A skeleton with weights put in, run in onnxruntime, against what the framework answered to the same inputs.

    `arrays` are those that `zoos/_check.py` writes. Raises Refusal where the weights are not those that the skeleton
    leaves out, and where it cannot be run; Untelling where its outputs prove nothing.
    """
    model = onnx.load_model_from_string(skeleton)
    weights = _left_out(model, arrays)
    pictures, expected = ([arrays[key] for key in sorted(arrays) if key.startswith(kind)] for kind in ("in", "out"))
    feeds = [{model.graph.input[0].name: picture} for picture in pictures]

    def nudged(part: float) -> list[list[Array]]:
        random = np.random.default_rng(SEED)
        other = {name: emit.nudged(value, part, random) for name, value in weights.items()}
        return execute(_filled(model, other), [nudged_inputs(feed, part) for feed in feeds])

    found = agreement(execute(_filled(model, weights), feeds), [[answer] for answer in expected], nudged)
    return Conversion(
        max_abs_error=_two_digits(found.error),
        tolerance=_two_digits(found.tolerance),
        inputs=len(pictures),
        seed=SEED,
        gain=gain,
        scale=scale,
        checked=datetime.now(UTC).date().isoformat(),
        runtime=f"onnxruntime=={version('onnxruntime')}",
    )


def _left_out(model: onnx.ModelProto, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """The weights that a skeleton leaves out, by name; of its shapes, or it is not the framework's model."""
    found = {}
    for tensor in model.graph.initializer:
        if prod(tensor.dims) and not any(getattr(tensor, name) for name in _DATA):
            value = arrays.get(f"weight {tensor.name}")
            if value is None or list(value.shape) != list(tensor.dims):
                here = "has none" if value is None else f"one of {list(value.shape)}"
                words = f"the graph has a weight {tensor.name!r} of {list(tensor.dims)}, the framework's model {here}"
                raise Refusal(words)
            found[tensor.name] = value
    return found


_DATA: Final = ("raw_data", "float_data", "double_data", "int32_data", "int64_data", "uint64_data")
"""Where a tensor may have its data."""


def _filled(skeleton: onnx.ModelProto, weights: Mapping[str, Array]) -> onnx.ModelProto:
    made = onnx.ModelProto()
    made.CopyFrom(skeleton)
    for tensor in made.graph.initializer:
        if tensor.name in weights:
            tensor.raw_data = weights[tensor.name].tobytes()
    return made


def _two_digits(number: float) -> float:
    """Rounded up to two significant digits: all that such a figure means, and it reads well in a record."""
    if number <= 0 or not np.isfinite(number):
        return number
    power = floor(log10(number)) - 1
    return float(f"{ceil(number / 10**power)}e{power}")


def save(zoo: str, found: Mapping[str, Conversion | Unmeasured], root: Path = entries.BUNDLED) -> None:
    """State results in the provenance of a zoo's snapshot under `root`, beside those that are there."""
    snapshot = store.load(zoo)
    conversions = {**snapshot.provenance.conversions, **found}
    provenance = msgspec.structs.replace(snapshot.provenance, conversions=conversions)
    path = root / zoo / snapshot.version / entries.RECORDS
    with disk.writing(path), disk.whole(path) as staging:
        staging.write_bytes(store.encode(msgspec.structs.replace(snapshot, provenance=provenance)))


def told(graph: str, result: Conversion | Unmeasured) -> str:
    """A result in one line."""
    if isinstance(result, Unmeasured):
        return f"{graph}: not checked: {result.reason}"
    words = "as the framework" if result.holds else "NOT as the framework"
    return f"{graph}: {words}: largest error {result.max_abs_error:.1e}, rounding explains {result.tolerance:.1e}"


def main(arguments: list[str]) -> int:
    """`python -m zoodiff.gathering.conversion ZOO [MODEL...]`: check all models or these; the snapshot then says so."""
    if not arguments:
        print("usage: python -m zoodiff.gathering.conversion ZOO [MODEL...]", file=sys.stderr)
        return 2
    zoo, *models = arguments
    wrong = 0
    try:
        for graph, result in check(zoo, models or None):
            save(zoo, {graph: result})
            print(told(graph, result), flush=True)
            wrong += isinstance(result, Conversion) and not result.holds
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
