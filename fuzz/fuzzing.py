"""Fuzz one target: `python fuzz/fuzzing.py TARGET [--inputs N] [--first N] [--coverage [--seconds N]]`.

Input number n is the same on every machine. Inputs run in a child process; where one crashes it, hangs for more than
10 s (100 s where it had the processor for less than half of them) or lets it grow beyond 1 GB, or raises what no user
should see, that is a finding: its number, why, and a file.
`--coverage` lets atheris (`pip install '.[fuzz]'`) choose the inputs instead, by the code that they reach.
"""

from __future__ import annotations

import argparse
import contextlib
import mmap
import os
import re
import resource
import signal
import struct
import sys
import time
import traceback
import warnings
from importlib import import_module
from pathlib import Path
from random import Random
from types import ModuleType

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
TARGETS = tuple(sorted(path.stem for path in (HERE / "targets").glob("[a-z]*.py")))
SECONDS = 10.0
MEGABYTES = 1000
RUNAWAY = 6 << 30
"""bytes of address space at which a child is stopped"""


def made(target: ModuleType, seeds: list[bytes], number: int) -> bytes:
    """Input number `number`."""
    random = Random(number)
    changed: bytes = target.change(random.choice(seeds), random, seeds)
    return changed


def peak() -> int:
    """Megabytes that this process has had at most, or a child that ended."""
    most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return most // 1024


class Findings:
    """What was found, each kind once, with one input for it."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name, self.seen = folder, name, dict[str, int]()

    def add(self, kind: str, number: int, data: bytes, words: str = "") -> None:
        """Count a finding; print it and keep its input where it is the first of its kind."""
        self.seen[kind] = self.seen.get(kind, 0) + 1
        if self.seen[kind] == 1:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / f"{self.name}-{number}"
            path.write_bytes(data)
            print(f"{self.name} {number}: {kind} [{path}]\n{words}", flush=True)


def where(error: BaseException) -> str:
    """What kind of error it is: its type, and the innermost place in the package."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "zoodiff" in frame.filename] or frames
    said = str(error)[-300:] if "targets" in own[-1].filename else ""
    return f"{type(error).__name__} at {Path(own[-1].filename).name}:{own[-1].lineno}: {said}"


def work(target: ModuleType, seeds: list[bytes], first: int, last: int, shared: mmap.mmap, found: Findings) -> None:
    """Run inputs one after the other, and say in `shared` which one runs."""
    resource.setrlimit(resource.RLIMIT_AS, (RUNAWAY, RUNAWAY))
    warned = 0
    for number in range(first, last):
        shared[:8] = struct.pack("<q", number)
        data = made(target, seeds, number)
        began = time.monotonic()
        try:
            target.run(data)
        except Exception as error:
            found.add(where(error), number, data, traceback.format_exc(limit=-6))
        took = time.monotonic() - began
        struct.pack_into("<d", shared, 8, max(took, struct.unpack_from("<d", shared, 8)[0]))
        if peak() > max(MEGABYTES, warned * 1.2):
            warned = peak()
            found.add(f"{warned} MB", number, data)
        struct.pack_into("<q", shared, 16, max(peak(), struct.unpack_from("<q", shared, 16)[0]))
    struct.pack_into("<q", shared, 0, last)
    print(f"findings: {found.seen}", flush=True)


def used(process: int) -> float:
    """Seconds of processor time that a process has had: on a busy machine, one that is slow need not be at fault."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def watch(child: int, shared: mmap.mmap) -> tuple[int, str]:
    """Wait for a child; returns the input that it was at, and what was wrong with that one, if anything."""
    at, since, spent = -1, time.monotonic(), 0.0
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        (now,) = struct.unpack_from("<q", shared, 0)
        if ended:
            return now, "" if status == 0 else f"ended by {os.waitstatus_to_exitcode(status)}"
        if now != at:
            at, since, spent = now, time.monotonic(), used(child)
        elif time.monotonic() - since > (SECONDS if used(child) - spent > SECONDS / 2 else 10 * SECONDS):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return now, f"more than {SECONDS:g} s"
        time.sleep(0.05)


def main() -> int:
    """Read the command line, run, and say what was found; exit code 1 where anything was."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--keep", type=Path, default=Path("fuzz-findings"), help="folder for the inputs found")
    parser.add_argument("--coverage", action="store_true", help="let atheris choose the inputs")
    parser.add_argument("--seconds", type=int, default=1 << 30, help="with --coverage: end after so many")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.coverage:
        return covered(given.target, given.inputs, given.seconds, given.keep)
    target = import_module(f"targets.{given.target}")
    seeds, found = target.seeds(), Findings(given.keep, given.target)
    shared = mmap.mmap(-1, 24)
    first, last, began, bad = given.first, given.first + given.inputs, time.monotonic(), 0
    while first < last:
        sys.stdout.flush()
        child = os.fork()
        if not child:
            work(target, seeds, first, last, shared, found)
            os._exit(bool(found.seen))
        number, wrong = watch(child, shared)
        if number < last:
            found.add(f"{wrong} ({number})", number, made(target, seeds, number))
        bad += bool(wrong)
        first = number + 1
    _, slowest, most = struct.unpack("<qdq", shared[:24])
    seconds = time.monotonic() - began
    print(f"{given.target}: {given.inputs:,} inputs in {seconds:,.0f} s; slowest {slowest:.1f} s, peak {most:,} MB")
    return int(bad > 0)


def covered(name: str, inputs: int, seconds: int, keep: Path) -> int:
    """Let atheris choose the inputs by the code that they reach; it goes on after a finding, and after a crash."""
    import atheris

    with atheris.instrument_imports(include=["zoodiff"]):
        target = import_module(f"targets.{name}")
        seeds = target.seeds()
        for seed in seeds[:20]:  # what is imported where it is needed is watched too
            target.run(seed)
    found = Findings(keep, name)
    corpus, log = keep / f"{name}-corpus", keep / f"{name}.log"
    corpus.mkdir(parents=True, exist_ok=True)
    kept = [path.read_bytes() for path in (HERE / "corpus").glob(f"{name}-*")]
    for number, seed in enumerate([*kept, *seeds[:: max(1, len(seeds) // 2000)]]):
        (corpus / f"seed-{number}").write_bytes(seed)
    shared = mmap.mmap(-1, 32)
    began, bad, start = time.monotonic(), 0, 0
    while (done := struct.unpack_from("<q", shared)[0]) < inputs and (left := seconds - time.monotonic() + began) > 1:
        child = os.fork()
        if not child:
            descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | (os.O_APPEND if start else os.O_TRUNC))
            os.dup2(descriptor, 2)  # where libFuzzer says how far it is
            limits = [f"-runs={inputs - done}", f"-max_total_time={left:.0f}", f"-seed={start + 1}", "-max_len=65536"]
            # what watches makes the code slower
            limits += [f"-timeout={6 * SECONDS:.0f}", f"-rss_limit_mb={MEGABYTES}", f"-artifact_prefix={keep}/{name}-"]
            steered(target, seeds, [name, *limits, str(corpus)], shared, found)
        _, status = os.waitpid(child, 0)
        start += 1
        if os.waitstatus_to_exitcode(status):  # a crash, a hang or too much memory, whose input libFuzzer has kept
            bad += 1
            print(f"{name}: ended by {os.waitstatus_to_exitcode(status)}: see the end of {log}", flush=True)
    done, slowest, most, findings = struct.unpack("<qdqq", shared[:32])
    reached = re.findall(rb"cov: (\d+) ft: (\d+)", log.read_bytes()) or [(b"0", b"0")]
    edges = max(int(edges) for edges, _ in reached)
    print(
        f"{name}: {done:,} inputs in {time.monotonic() - began:,.0f} s; slowest {slowest:.1f} s, peak {most:,} MB; "
        f"{edges:,} edges, {len(list(corpus.iterdir())):,} inputs kept for them"
    )
    return int(bad + findings > 0)


def steered(target: ModuleType, seeds: list[bytes], limits: list[str], shared: mmap.mmap, found: Findings) -> None:
    """Run libFuzzer in this process, which it ends."""
    import atheris

    def mutator(data: bytes, most: int, seed: int) -> bytes:
        if seed % 4:
            with contextlib.suppress(Exception):  # what is no input of the target's form any more
                return bytes(target.change(data, Random(seed), seeds)[:most])
        return bytes(atheris.Mutate(data, most))

    def one(data: bytes) -> None:
        number = struct.unpack_from("<q", shared)[0]
        began = time.monotonic()
        try:
            target.run(data)
        except Exception as error:
            own = any("zoodiff" in Path(frame.filename).parts for frame in traceback.extract_tb(error.__traceback__))
            if own or isinstance(error, AssertionError):  # else it was no input of the target's form
                found.add(where(error), number, data, traceback.format_exc(limit=-6))
        slowest = max(time.monotonic() - began, struct.unpack_from("<d", shared, 8)[0])
        struct.pack_into("<qdqq", shared, 0, number + 1, slowest, peak(), len(found.seen))

    atheris.Setup(limits, one, custom_mutator=mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
