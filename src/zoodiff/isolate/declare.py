"""Zoos and what they declare that they need, and the interpreters on this machine that can give them that."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from zoodiff import unit
from zoodiff.fault import Refusal

_BLOCK = re.compile(r"(?m)^# /// script$\s(?P<content>(^#(| .*)$\s)+)^# ///$")  # as the inline metadata standard has it


@dataclass(frozen=True)
class Needs:
    """The header of a zoo file: inline script metadata (PEP 723) and the table `tool.zoodiff` in it."""

    python: str
    requirements: tuple[str, ...]
    version_of: str | None = None
    """the distribution whose version is the zoo's"""
    version: str | None = None
    """the zoo's version, where it is no distribution's"""
    without_dependencies: frozenset[str] = field(default_factory=frozenset)
    from_source: frozenset[str] = field(default_factory=frozenset)
    disk_mb: int = 200
    """free space that the environment needs, in millions of bytes"""
    network: bool = False
    """whether the zoo's own code needs the network when its models are gathered; else it has none"""

    def at(self, version: str) -> Needs:
        """The same needs for another released version of the zoo; Refusal where it has no other versions."""
        if self.version_of is None:
            raise Refusal(
                f"this zoo is at version {self.version!r} only, not at {version!r}",
                "It is not a released package, so its other versions cannot be installed.",
            )
        changed = tuple(
            f"{self.version_of}=={version}" if name(line) == canonicalize_name(self.version_of) else line
            for line in self.requirements
        )
        return replace(self, requirements=changed)


def name(requirement: str) -> str:
    """The canonical name of the distribution that a requirement is for."""
    return canonicalize_name(Requirement(requirement).name)


def needs(path: Path) -> Needs:
    """Read the header of a zoo file; what is wrong with it is a Refusal."""
    try:
        blocks = list(_BLOCK.finditer(path.read_text(encoding="utf-8")))
        if len(blocks) != 1:
            raise ValueError(f"it has {len(blocks)} blocks `# /// script` where one is needed")
        lines = blocks[0]["content"].splitlines()
        return _needs(tomllib.loads("\n".join(line[2:] for line in lines)))
    except OSError as error:
        raise Refusal(f"cannot read the zoo file {path}: {error.strerror or error}") from error
    except (ValueError, InvalidRequirement, InvalidSpecifier) as error:
        raise Refusal(f"the header of {path} is not valid: {error}", "See zoodiff/zoos/__init__.py.") from error


def _needs(table: dict[str, object]) -> Needs:
    own = table.get("tool", {})
    own = own.get("zoodiff", {}) if isinstance(own, dict) else {}
    known = {"version-of", "version", "without-dependencies", "from-source", "disk-mb", "network"}
    if unknown := sorted(own.keys() - known):
        raise ValueError(f"tool.zoodiff knows no {', '.join(unknown)}")
    found = Needs(
        python=str(SpecifierSet(str(table["requires-python"]))) if "requires-python" in table else "",
        requirements=tuple(str(Requirement(line)) for line in _strings(table.get("dependencies", []))),
        version_of=own.get("version-of"),
        version=own.get("version"),
        without_dependencies=frozenset(map(name, _strings(own.get("without-dependencies", [])))),
        from_source=frozenset(map(name, _strings(own.get("from-source", [])))),
        disk_mb=int(own.get("disk-mb", Needs.disk_mb)),
        network=own.get("network") is True,
    )
    if (found.version_of is None) == (found.version is None):
        raise ValueError("tool.zoodiff needs either version-of or version")
    asked = {name(line) for line in found.requirements}
    listed = found.without_dependencies  # what is built from source may be a dependency's dependency
    if found.version_of is not None:
        listed |= {canonicalize_name(found.version_of)}
    if unknown := sorted(listed - asked):
        raise ValueError(f"{', '.join(unknown)} is not among the dependencies")
    return found


def _strings(value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
        raise ValueError(f"{value!r} is no list of texts")
    return value


@dataclass(frozen=True)
class Zoo:
    """A zoo file, and the version of the zoo that is asked for (None: the one that its header declares)."""

    id: str
    file: Path
    version: str | None = None

    @property
    def needs(self) -> Needs:
        """What its header asks for, at the version asked for."""
        found = needs(self.file)
        return found if self.version is None or self.version == found.version else found.at(self.version)

    def __str__(self) -> str:
        return self.id if self.version is None else f"{self.id}=={self.version}"


def zoo(reference: str | Path, version: str | None = None) -> Zoo:
    """The zoo of that id, or the one in a file of the user's own; Refusal where there is none."""
    if isinstance(reference, Path):
        return Zoo(reference.stem.replace("_", "-"), reference, version)
    import importlib.util

    known = unit.ids("zoos")
    if reference not in known:
        raise Refusal(f"no zoo {reference!r}", f"There are: {', '.join(known)}. See: zoodiff list zoos")
    found = importlib.util.find_spec(known[reference])  # found, not imported: the file is for another environment
    assert found is not None
    assert found.origin is not None
    return Zoo(reference, Path(found.origin), version)


# ---------------------------------------------------------------- interpreters


@dataclass(frozen=True)
class Interpreter:
    """A Python on this machine."""

    path: Path
    version: str
    target: str
    """what decides which wheels fit: implementation, minor version, system and machine"""
    pip: Path | None
    """the pip that comes with it, as one wheel; None where its parts for making environments are not installed"""


# the interpreter under a virtual environment, since that environment may go; and pip as `ensurepip` has it
_PROBE = """
import importlib.util, json, platform, sys, sysconfig
from pathlib import Path
kind = platform.python_implementation(), *sys.version_info[:2], platform.system(), platform.machine()
path = getattr(sys, "_base_executable", sys.executable)
pips = []
if all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip")):
    import ensurepip
    folders = sysconfig.get_config_var("WHEEL_PKG_DIR"), Path(ensurepip.__file__).parent / "_bundled"
    pips = [str(pip) for folder in folders if folder for pip in Path(folder).glob("pip-*.whl")]
print(json.dumps([path, platform.python_version(), "%s %d.%d on %s %s" % kind, pips[0] if pips else None]))
"""


@cache
def probe(path: Path) -> Interpreter | None:
    """Ask an interpreter what it is; None where it does not run (a shim for a version that is not installed)."""
    try:
        done = subprocess.run(
            [path, "-I", "-c", _PROBE], capture_output=True, text=True, timeout=60, check=True, stdin=subprocess.DEVNULL
        )
        found, version, target, pip = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Interpreter(Path(found), version, target, Path(pip) if pip else None)


def interpreters() -> Iterator[Interpreter]:
    """The Pythons on this machine: the running one, then those on PATH and of pyenv, the newest first."""
    seen: set[Path] = set()
    for path in (Path(sys.executable), *_candidates()):
        found = probe(path)
        if found is not None and found.path not in seen:
            seen.add(found.path)
            yield found


def _candidates() -> list[Path]:
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    folders = [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part]
    folders += sorted(pyenv.glob("*/bin")) if pyenv.is_dir() else []
    found = [path for folder in folders if folder.is_dir() for path in folder.glob("python3.*")]
    plain = re.compile(r"python3\.(\d+)")
    matched = [(int(match[1]), path) for path in found if (match := plain.fullmatch(path.name))]
    return [path for _, path in sorted(matched, key=lambda pair: -pair[0])]


def interpreter(wanted: str, preferred: str | None = None) -> Interpreter:
    """An interpreter whose version is in `wanted`; the first one whose target is `preferred`, where there is one.

    Raises Refusal that says what is needed, what there is, and how to get it.
    """
    specifier, fitting, others = SpecifierSet(wanted), [], []
    for found in interpreters():
        if not specifier.contains(found.version, prereleases=True) or found.pip is None:
            others.append(f"{found.version} ({found.path}{'' if found.pip else ', without venv or ensurepip'})")
        elif preferred is None or found.target == preferred:
            return found
        else:
            fitting.append(found)
    if fitting:
        return fitting[0]
    raise Refusal(
        f"this zoo needs Python {wanted}, which is not on this machine",
        f"Found: {', '.join(others)}. Install one that fits, for example with `uv python install`, `pyenv install` or "
        "your system's packages (with its venv part), so that it is on PATH as pythonX.Y.",
    )
