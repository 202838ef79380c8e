"""Tiny packages, made here, so that environments are built in seconds and without a registry."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path


def wheel(folder: Path, name: str, version: str, requires: str = "", code: str = "") -> Path:
    """Write a pure-Python wheel of one module."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    need = f"Requires-Dist: {requires}\n" if requires else ""
    files = {
        f"{name}.py": code or f"version = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{need}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for member, text in files.items():
            archive.writestr(zipfile.ZipInfo(member), text)
        archive.writestr(zipfile.ZipInfo(f"{info}/RECORD"), "".join(f"{member},,\n" for member in [*files, info]))
    return path


def source(folder: Path, name: str, version: str) -> Path:
    """Write a source package whose setup.py makes a module."""
    folder.mkdir(parents=True, exist_ok=True)
    setup = (
        "from setuptools import setup\n"
        f"open('{name}.py', 'w').write('built = True')\n"
        f"setup(name='{name}', version='{version}', py_modules=['{name}'])\n"
    )
    files = {"setup.py": setup, "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"}
    path = folder / f"{name}-{version}.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        for member, text in files.items():
            info = tarfile.TarInfo(f"{name}-{version}/{member}")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
    return path


def sha256(path: Path) -> str:
    """The sum that a lock states."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
