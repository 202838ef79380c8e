"""What machine this is, as far as times depend on it: times of two machines are never compared."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import msgspec

_CPUINFO, _MEMINFO = Path("/proc/cpuinfo"), Path("/proc/meminfo")
_GOVERNOR = Path("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")


class Machine(msgspec.Struct, frozen=True):
    """A computer and the software that runs networks on it."""

    cpu: str
    """the model as the system names it, with its family, model and stepping where they are known"""
    cores: int
    """logical processors"""
    memory: int | None
    """bytes; None where the system does not say"""
    system: str
    """operating system and kind of processor"""
    governor: str | None
    """how the clock is chosen (`performance`, `powersave`, ...); None where the system does not say"""
    onnxruntime: str | None
    """version; None where it is not installed"""


def here() -> Machine:
    """This machine."""
    return Machine(
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        memory=_memory("MemTotal"),
        system=f"{platform.system()} {platform.machine()}",
        governor=_GOVERNOR.read_text().strip() if _GOVERNOR.is_file() else None,
        onnxruntime=_installed("onnxruntime"),
    )


def differences(one: Machine, other: Machine) -> list[str]:
    """In words, why times of two machines cannot be compared; empty where they can.

    A memory that differs by less than a per cent is the same: what the system keeps for itself varies.
    """
    return list(_differences(one, other))


def _differences(one: Machine, other: Machine) -> Iterator[str]:
    for field in one.__struct_fields__:
        first, second = getattr(one, field), getattr(other, field)
        near = field == "memory" and first and second and abs(first - second) < 0.01 * max(first, second)
        if first != second and not near:
            yield f"{field}: {_said(first)} against {_said(second)}"


def _said(value: object) -> str:
    return "not known" if value is None else str(value)


def available() -> int | None:
    """Bytes of memory that a new process can have without others being pushed out; None where not known."""
    return _memory("MemAvailable")


def load() -> float | None:
    """How many processes wait for a processor, averaged over the last minute; None where the system does not say."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def processors() -> tuple[int, ...]:
    """The processors that this process may run on, by number; empty where the system cannot pin."""
    return tuple(sorted(os.sched_getaffinity(0))) if hasattr(os, "sched_getaffinity") else ()


def _cpu() -> str:
    if _CPUINFO.is_file():
        first = _CPUINFO.read_text(errors="replace").partition("\n\n")[0]
        told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in first.splitlines())}
        parts = [f"{part} {told[key]}" for part, key in _PARTS.items() if key in told]
        if name := told.get("model name"):
            return ", ".join([name, *parts])
    if sys.platform == "darwin":
        with suppress(OSError, subprocess.SubprocessError):
            command = ["sysctl", "-n", "machdep.cpu.brand_string"]
            return subprocess.run(command, capture_output=True, text=True, timeout=10, check=True).stdout.strip()
    return platform.processor() or platform.machine() or "not known"


_PARTS = {"family": "cpu family", "model": "model", "stepping": "stepping"}


def _memory(field: str) -> int | None:
    """A line of Linux's table of memory, which counts in KiB; elsewhere the total alone is known."""
    if _MEMINFO.is_file():
        for line in _MEMINFO.read_text().splitlines():
            if line.startswith(f"{field}:"):
                return int(line.split()[1]) << 10
    if field == "MemTotal" and "SC_PHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _installed(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
