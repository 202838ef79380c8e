"""Run a network in onnxruntime, in a process of its own with limits on memory and time."""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from google.protobuf.message import EncodeError

from zoodiff import child
from zoodiff.fault import Refusal

if TYPE_CHECKING:
    import onnx

Array = np.ndarray[Any, Any]

MEMORY: Final = 12 << 30
"""Bytes of address space that the process may take: the largest image classifiers have 3 GB, which it holds twice."""
SECONDS: Final = 900
INSIDE: Final = 1 << 30
"""Bytes of weights that are written into the model's own file, which can have 2 GiB; more lie beside it."""
_MODEL, _FEEDS, _RESULTS = "model.onnx", "feeds.npz", "results.npz"


def require() -> None:
    """Raise Refusal unless onnxruntime is installed."""
    if importlib.util.find_spec("onnxruntime") is None:
        raise Refusal("networks are run in onnxruntime, which is not installed", "pip install 'zoodiff[prove]'")


def execute(model: onnx.ModelProto, feeds: Sequence[Mapping[str, Array]]) -> list[list[Array]]:
    """A model's outputs for each of some inputs (by name), without any optimisation of onnxruntime's own.

    A large model (see `INSIDE`) is used up: its weights are moved out of it. Raises Refusal where onnxruntime is
    absent, refuses the model, or needs more memory or time than it may have.
    """
    require()
    with tempfile.TemporaryDirectory(prefix="zoodiff-") as work:
        folder, log = Path(work), Path(work) / "log"
        _write(model, folder / _MODEL)
        names = [value.name for value in model.graph.input]
        np.savez(folder / _FEEDS, *[one[name] for one in feeds for name in names])
        environment = {**child.guest_environment(folder), "PYTHONPATH": str(Path(__file__).parents[2])}
        command: list[str | Path] = [sys.executable, "-P", "-m", "zoodiff.proof.execute", folder]
        code = child.run(command, environment, folder, log, SECONDS)
        if code != 0:
            raise Refusal(f"onnxruntime does not run it: {child.why(code, log)}")
        with np.load(folder / _RESULTS) as kept:
            arrays = [kept[f"arr_{at}"] for at in range(len(kept.files))]
    each = len(model.graph.output)
    return [arrays[at : at + each] for at in range(0, len(arrays), each)]


def _write(model: onnx.ModelProto, path: Path) -> None:
    import onnx

    try:
        outside = sum(tensor.ByteSize() for tensor in model.graph.initializer) > INSIDE
        onnx.save_model(model, path, save_as_external_data=outside)
    except EncodeError:
        raise Refusal("one of its weights is larger than ONNX can hold (2 GiB)") from None


def main(folder: Path) -> None:
    """The half that runs in the process of its own: reads the model and its inputs, writes the outputs."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1  # sums in one order: the same error every time
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(str(folder / _MODEL), options, providers=["CPUExecutionProvider"])
    names = [value.name for value in session.get_inputs()]
    results: list[Array] = []
    with np.load(folder / _FEEDS) as kept:
        arrays = [kept[f"arr_{at}"] for at in range(len(kept.files))]
    for at in range(0, len(arrays), len(names)):
        results += session.run(None, dict(zip(names, arrays[at : at + len(names)], strict=True)))
    np.savez(folder / _RESULTS, *results)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
