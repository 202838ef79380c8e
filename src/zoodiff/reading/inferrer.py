"""The half of `inference` that runs in a process of its own: onnx's native code, and nothing else of onnx or of ours.

Only the standard library is imported: the process is ready in a few hundredths of a second.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import struct
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from types import ModuleType
from typing import Any, BinaryIO, Final

NATIVE: Final = "onnx_cpp2py_export"
REQUEST: Final = struct.Struct("<cdQ")
"""What is asked, the seconds that it may take, and the bytes of the model that follow."""
ANSWER: Final = struct.Struct("<?Q")
"""Whether it was done, and the bytes of the model, or of the words of an error, that follow."""
SHAPES, STRICT_SHAPES, INLINE = b"s", b"S", b"i"


def load(folder: str) -> ModuleType:
    """onnx's native module, without the package around it, whose import takes ten times as long."""
    spec = PathFinder.find_spec(NATIVE, [folder])
    if spec is None or spec.loader is None:
        raise ImportError(f"there is no {NATIVE} in {folder}")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answer(native: Any, what: bytes, model: bytes) -> bytes:
    """The model with what was asked: the shapes inferred (strictly or not), or the functions inlined."""
    if what == INLINE:
        inlined: bytes = native.inliner.inline_local_functions(model, False)
        return inlined
    # as onnx.shape_inference.infer_shapes calls it: check_type, strict_mode, data_prop
    inferred: bytes = native.shape_inference.infer_shapes(model, False, what == STRICT_SHAPES, True)
    return inferred


def serve(native: Any, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the other side has gone. What takes longer than it may ends the process by a signal."""
    while len(head := requests.read(REQUEST.size)) == REQUEST.size:
        what, seconds, size = REQUEST.unpack(head)
        model = requests.read(size)
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)  # nothing catches it: it ends native code too
            done, said = True, answer(native, what, model)
        except Exception as error:  # onnx raises its own InferenceError and, for odd files, several others
            done, said = False, (str(error).strip() or type(error).__name__).encode(errors="replace")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        answers.write(ANSWER.pack(done, len(said)))
        answers.write(said)
        answers.flush()


def main(folder: str, memory: str) -> None:
    """Serve on the standard streams, with so many bytes of memory; what native code prints goes nowhere."""
    with contextlib.suppress(OSError, ValueError):  # some systems know no such limit
        resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        serve(load(folder), sys.stdin.buffer, answers)


if __name__ == "__main__":
    main(*sys.argv[1:])
