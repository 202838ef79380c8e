"""Keras weights (.weights.h5, .keras, .h5), in the zoo's own environment and on the network that the zoo itself builds.

Only numbers are read from the file: what it holds as configuration or code is not looked at, and a file that leads to
another one is refused. Every parameter must be there and of its shape, and none may be left over.
"""

from __future__ import annotations

import io
import os
import zipfile
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

ZOOS = ("keras",)
INSIDE = "model.weights.h5"
"""where a .keras archive has its weights"""


def sniff(head: bytes, path: Path) -> bool:
    """An HDF5 file, or the archive of Keras 3, under a name that Keras uses; it is not opened here."""
    kinds = {".h5": b"\x89HDF\r\n\x1a\n", ".hdf5": b"\x89HDF\r\n\x1a\n", ".keras": b"PK\x03\x04"}
    beginning = kinds.get(path.suffix.lower())
    return beginning is not None and head.startswith(beginning)


class Session:
    """A network in Keras, for inference, as one TensorFlow graph."""

    dtype = "float32"
    quantisation = None

    def __init__(self, path: Path, threads: int, name: str) -> None:
        # TensorFlow reads them when it is loaded; operators of one network mostly wait for each other
        os.environ.update({"TF_NUM_INTRAOP_THREADS": str(threads), "TF_NUM_INTEROP_THREADS": "1"})
        zoo, _, model = name.partition(":")
        made_by = import_module(f"zoodiff.zoos.{zoo}")
        network, size = made_by.network(*model.rsplit("/", 1))
        _fill(network, path)
        made_by.settle_normalization(network)
        import tensorflow as tf

        self.shape = (None, *size[1:])
        self._run = tf.function(
            lambda batch: network(batch, training=False), input_signature=[tf.TensorSpec(self.shape, tf.float32)]
        )
        self.classes = self.run(np.zeros(size, np.float32)).shape[1]
        package = type(network).__module__.partition(".")[0]
        self.runtime = f"{package}=={import_module(package).__version__}, tensorflow=={tf.__version__}"

    def run(self, batch: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        """Scores of a batch."""
        scores: np.ndarray[Any, Any] = self._run(batch).numpy()
        return scores


def load(path: Path, threads: int, name: str) -> Session:
    """The network `ZOO:MODEL/WEIGHTS` with the weights in a file."""
    return Session(path, threads, name)


def _fill(network: Any, path: Path) -> None:
    """Put a file's weights into a network. Raises ValueError, in one line, where they are not the network's."""
    with _opened(path) as file:
        held = _elements(file)
        ordered = "layer_names" in file.attrs or "model_weights" in file  # Keras 2's: loading compares every layer
    wanted = sum(int(np.prod(v.shape)) for v in network.weights if "float" in str(v.dtype))
    if held != wanted and not ordered:  # of Keras 3's what is left over is not told
        raise ValueError(f"it holds {held:,} numbers, and {network.name} has {wanted:,} weights")
    try:
        network.load_weights(str(path))
    except Exception as error:  # Keras raises whatever it comes across, over many lines
        words = " ".join(str(error).split())
        raise ValueError(f"its weights are not those of {network.name}: {words[:300]}") from None


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The HDF5 file, or that inside of an archive."""
    import h5py

    if path.suffix.lower() != ".keras":
        with h5py.File(path, "r") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive:
        if INSIDE not in archive.namelist():
            raise ValueError(f"the archive holds no {INSIDE}")
        data = io.BytesIO(archive.read(INSIDE))
    with h5py.File(data, "r") as file:
        yield file


def _elements(group: Any) -> int:
    """Numbers in a group and those below it, without an optimizer's. Raises ValueError where it leads outside."""
    import h5py

    count = 0
    for name in group:
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.ExternalLink):
            raise ValueError(f"{group.name}/{name} lies in another file, {link.filename!r}")
        if isinstance(link, h5py.SoftLink) or (group.name == "/" and name.startswith("optimizer")):
            continue
        item = group[name]
        if isinstance(item, h5py.Group):
            count += _elements(item)
        elif item.external or item.is_virtual:
            raise ValueError(f"{item.name} lies in another file")
        elif item.dtype.kind == "f":
            count += item.size
    return count
