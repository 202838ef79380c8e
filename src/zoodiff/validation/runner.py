"""Run a model on batches of pictures, in a process of its own with limits on memory and time."""

from __future__ import annotations

import json
import math
import os
import select
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Final

import msgspec
import numpy as np

from zoodiff import child, disk, unit
from zoodiff.fault import Refusal
from zoodiff.isolate import declare, isolate
from zoodiff.reading import read
from zoodiff.validation.serve import INPUTS, INTERFACE, OUTPUTS

Array = np.ndarray[Any, Any]

MEMORY: Final = 12 << 30
"""bytes of address space that the process may take"""
SECONDS: Final = 900.0
"""the most that loading the model or one batch may take"""
BATCH: Final = 8
"""images a batch, where the model leaves it free"""
SLOTS: Final = 4
"""batches that are being filled, run or read at a time: this bounds the memory of decoded images"""
LINE: Final = 4096
"""bytes of an answer: it is a number"""
CLASSES: Final = 100_000
"""the most scores for an image"""


class Interface(msgspec.Struct, frozen=True):
    """What a model takes and gives."""

    shape: tuple[int | None, ...]
    dtype: str
    quantisation: tuple[float, int] | None
    classes: int | None
    runtime: str


class Runner:
    """A model that is loaded elsewhere; use it as a context.

    Images are written into `inputs[slot, row]`; `ask(slot, count)` has a slot's images answered, `answered()` waits for
    the next one, in the order of asking, whose scores are then in `outputs[slot, row]`.
    """

    inputs: Array
    outputs: Array

    def __init__(self, path: Path, zoo: str = "", name: str = "", *, threads: int | None = None) -> None:
        self.path = path
        self.zoo, self.name = zoo, name
        self.threads = threads or os.cpu_count() or 1
        self.unit, self.module = of(path)

    def __enter__(self) -> Runner:
        require(self.module)
        with ExitStack() as stack:
            with disk.writing(Path(os.environ.get("TMPDIR", "/tmp"))):
                self._folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="zoodiff-")))
            command, root = self._host(stack)
            reading, writing = os.pipe()
            stack.callback(os.close, reading)
            self._answers, self._told, self._waiting = reading, b"", 0
            command += [
                "-m",
                "zoodiff.validation.serve",
                self.unit.replace("-", "_"),
                self.path.resolve(),
                self._folder,
            ]
            command += ["--answers", str(writing), "--threads", str(self.threads), "--memory", str(MEMORY)]
            environment = {**child.guest_environment(self._folder), "PYTHONPATH": str(root)}
            try:
                self._child = child.Child(
                    [*command, "--name", f"{self.zoo}:{self.name}"],
                    environment,
                    self._folder,
                    self._folder / "log",
                    (writing,),
                )
            finally:
                os.close(writing)
            stack.callback(self._child.kill)
            self._wait("does not load")
            self.interface = msgspec.json.decode((self._folder / INTERFACE).read_bytes(), type=Interface)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._stack.close()

    def _host(self, stack: ExitStack) -> tuple[list[str | Path], Path]:
        """The Python that runs the model, and the folder in which it finds zoodiff: ours, or a zoo's own."""
        zoos = getattr(self.module, "ZOOS", None)
        if zoos is None:
            return [sys.executable, "-P"], Path(__file__).parents[2]
        if self.zoo not in zoos:
            raise Refusal(
                f"{str(self.path)!r} holds weights without a network, which only a zoo's own code can build",
                f"Say whose model it is: --like ZOO:MODEL/WEIGHTS, of {', '.join(zoos)}. Or give an ONNX file.",
            )
        chosen = declare.zoo(self.zoo)
        environment = stack.enter_context(isolate.environment(chosen, lambda words: print(words, file=sys.stderr)))
        root = self._folder / "run"
        isolate.stage(chosen, root)
        here = Path(__file__).parents[1]
        (root / "zoodiff" / "validation").mkdir()
        shutil.copy(here / "validation" / "serve.py", root / "zoodiff" / "validation")
        shutil.copytree(here / "runners", root / "zoodiff" / "runners", ignore=shutil.ignore_patterns("__pycache__"))
        return [environment.python, "-s"], root

    def prepare(self, shape: tuple[int, ...], classes: int) -> None:
        """Lay out inputs of this shape (without the batch) and outputs for so many classes."""
        batch = self.interface.shape[0] or BATCH
        sizes = {"inputs": [SLOTS, batch, *shape], "outputs": [SLOTS, batch, classes]}
        self.inputs = self._mapped(INPUTS, self.interface.dtype, sizes["inputs"])
        self.outputs = self._mapped(OUTPUTS, "float32", sizes["outputs"])
        self._tell(json.dumps({"dtype": self.interface.dtype, **sizes}))

    def _mapped(self, name: str, dtype: str, shape: list[int]) -> Array:
        """An array in a file that has its place on the disk: else a full disk would end us with SIGBUS."""
        path = self._folder / name
        with disk.writing(path), path.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, np.dtype(dtype).itemsize * math.prod(shape))
        return np.memmap(path, dtype, "r+", shape=tuple(shape))

    def ask(self, slot: int, count: int) -> None:
        """Have the first images of a slot answered: all of them where the model's batch is fixed."""
        self._tell(f"{slot} {self.interface.shape[0] or count}")
        self._waiting += 1

    def answered(self) -> int:
        """Wait for the next slot. Raises Refusal where the model fails, or needs more memory or time than it may."""
        slot = self._wait("does not run")
        if not slot.isdecimal():
            raise self._failed("does not run", self._ended())
        self._waiting -= 1
        return int(slot)

    def settle(self) -> None:
        """Wait for what was asked and nobody has waited for: a run that was enough early leaves that behind."""
        while self._waiting:
            self.answered()

    def _tell(self, line: str) -> None:
        try:
            self._child.tell(line)
        except BrokenPipeError:
            raise self._failed("does not run", self._child.poll()) from None

    def _wait(self, what: str) -> str:
        end = time.monotonic() + SECONDS
        while b"\n" not in self._told:
            left = end - time.monotonic()
            if left <= 0:
                raise self._failed(what, None)
            self._child.poll()  # which keeps its log short
            if not select.select([self._answers], [], [], min(left, 1.0))[0]:
                continue
            more = os.read(self._answers, 4096)
            if not more or len(self._told) > LINE:
                raise self._failed(what, self._ended())
            self._told += more
        line, _, self._told = self._told.partition(b"\n")
        return line.decode(errors="replace")

    def _ended(self) -> int | None:
        """The exit code of a process whose answers have ended: it may take a moment to die."""
        self._child.kill()
        return self._child.poll()

    def _failed(self, what: str, code: int | None) -> Refusal:
        reason = child.why(code, self._folder / "log")
        return Refusal(f"{str(self.path)!r} {what}: {reason}", "Is it a classifier of pictures?")


def of(path: Path) -> tuple[str, ModuleType]:
    """The runner of a model file, by its first bytes. Raises Refusal on a file that is missing or that none knows."""
    head = read.head(path)
    for name, module in unit.units("runners").items():
        if module.sniff(head, path):
            return name, module
    runners = "See: zoodiff list runners"
    if foreign := read.named(head):
        raise Refusal(f"{str(path)!r} is {foreign[0]}, no model that can be run", f"{foreign[1]} {runners}")
    raise Refusal(f"{str(path)!r} is no model that can be run", runners)


def require(module: ModuleType) -> None:
    """Raise Refusal unless what a runner needs is installed."""
    needs = getattr(module, "NEEDS", None)
    if needs is not None and find_spec(needs) is None:
        package = needs.replace("_", "-")
        raise Refusal(f"{package} is not installed", f"pip install 'zoodiff[{module.EXTRA}]'")
