'''Zoos: one file each. It says what it needs, and hands over its models; it runs in an environment of its own.

A zoo file is read on both sides. The core only imports it (so: nothing but the standard library at module level) and
reads its header; `isolate` builds the environment that the header declares, and `guest` calls the functions there.
The docstring's first line is the zoo's title.

Worked example::

    # /// script
    # requires-python = ">=3.11,<3.14"
    # dependencies = ["keras==3.15.1", "tensorflow==2.20.*"]
    # [tool.zoodiff]
    # version-of = "keras"              # the distribution whose version is the zoo's version
    # without-dependencies = []         # installed without what they ask for
    # from-source = []                  # the only ones that may be built from source
    # network = false                   # true where gathering its models needs the network; else there is none
    # ///
    """Keras Applications: the models inside the keras wheel."""
    from __future__ import annotations
    from pathlib import Path
    from typing import Any

    BATCH = 4                           # models per process (frameworks keep memory)

    def prove() -> None:
        """Raise unless the environment works; run once, right after it was built."""

    def names() -> list[str]:
        """Every model that the zoo ships, none left out."""

    def gather(name: str, folder: Path) -> dict[str, Any]:
        """Write the model's skeletons into `folder` and return its record."""
        return {"name": name, "weights": [{"id": "imagenet", "graph": f"{name}.onnx", "default": True}]}

    def check(name: str, weights: str, gain: float, scale: float, path: Path) -> None:
        """Write random weights, pictures and the framework's answers to `path`, with `_check.write`.

        Weights are named and shaped as the skeleton's; `gain` and `scale` say how large they and the pictures are.
        Raises where this cannot be done: the reason is the result.
        """

    def fetch(name: str, weights: str, folder: Path) -> Path:
        """Download the published file of weights into `folder`, checked against the hash that the zoo states.

        A zoo need not have it; `verify --download` then says so. It raises where the file cannot be had.
        """

    def network(name: str, weights: str) -> tuple[Any, tuple[int, ...]]:
        """The network that these weights are for, and its input's shape: for a runner of the zoo's weights."""

The record has the fields of `zoodiff.record.Model`, as JSON values (decimals as strings, nested records as dicts; an
absent value is left out). A skeleton is an ONNX file whose weights are dims-only initializers (name, data type, dims,
no data); tensors of at most 1,024 bytes and integer tensors that shapes need keep their data. Skeleton files are
deterministic: the same release gives the same bytes. What fails raises: the guest turns it into `graph_missing` with
the reason. `names()` may hold several entries for one model only if the zoo publishes it under several names.

Files that begin with an underscore are shared code for guests and no zoos: `from zoodiff.zoos import _tensorflow`.
'''
