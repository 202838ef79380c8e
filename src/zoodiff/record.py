"""What is known of a model, in a form that knows no file format and no framework.

Two halves: the *graph* (typed operators in ONNX's vocabulary, shapes, no weights) and the *zoo's record* (weights,
preprocessing, claims, provenance). Both are plain values; nothing here reads files, counts or decides.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from zoodiff import kind

if TYPE_CHECKING:
    import numpy as np

Shape = tuple[int | None, ...]
"""Dimensions, outermost first; None is a dimension that is not known."""


class Unmeasured(msgspec.Struct, frozen=True, tag=True):
    """A value that could not be had, with the reason: shown wherever the value would stand, never 0, never silence."""

    reason: str


# ---------------------------------------------------------------- the graph


class Value(msgspec.Struct, frozen=True, gc=False):
    """A tensor that flows between operators. `shape` is None where even the rank is unknown."""

    name: str
    dtype: str
    shape: Shape | None


class Raw(msgspec.Struct, frozen=True, gc=False):
    """Values as a file has them, in order and little-endian: most are never looked at."""

    format: str
    """as numpy writes it: `<f4`"""
    bytes: bytes


class Constant(msgspec.Struct, frozen=True, gc=False):
    """A tensor that is part of the model: a weight (shape only) or a small constant whose data matter to shapes."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    values: np.ndarray[Any, Any] | Raw | None = None

    @property
    def data(self) -> np.ndarray[Any, Any] | None:
        """Its values, where they are known."""
        if not isinstance(self.values, Raw):
            return self.values
        import numpy as np  # as late as that: its import takes as long as counting a network

        return np.frombuffer(self.values.bytes, self.values.format).reshape(self.shape)

    @property
    def stored(self) -> bytes | None:
        """Its values as bytes, where they are known."""
        return None if self.values is None else _bytes(self.values)


class Node(msgspec.Struct, frozen=True, gc=False):
    """One operator. An absent optional input or output is the empty string."""

    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: dict[str, Any] = {}
    """int, float, str, tuples of them, Constant, or Graph (a subgraph); only what the file states, no defaults"""
    domain: str = ""
    """empty for ONNX's own operators"""
    scope: str = ""
    """where the exporter says that the operator comes from (a module or layer path); for display, never for matching"""

    @property
    def subgraphs(self) -> tuple[Graph, ...]:
        """What it runs inside, of `HOSTS` and of operators that are not ONNX's; empty for most."""
        if self.op not in HOSTS and not self.domain:
            return ()
        parts = [part for value in self.attributes.values() for part in (value if type(value) is tuple else (value,))]
        return tuple([part for part in parts if isinstance(part, Graph)])


HOSTS = frozenset({"If", "Loop", "Scan", "SequenceMap"})
"""ONNX's operators that have subgraphs."""


class Graph(msgspec.Struct, frozen=True, dict=True):
    """A network: operators in an order in which they can run, with the shape of every tensor that is known."""

    name: str
    inputs: tuple[Value, ...]
    """what a user feeds; weights listed among a file's inputs are not here"""
    outputs: tuple[Value, ...]
    constants: dict[str, Constant]
    nodes: tuple[Node, ...]
    values: dict[str, Value]
    """every tensor that is an input or an operator's output, by name"""
    opset: int = 0
    unknown: tuple[str, ...] = ()
    """tensors whose shape could not be found although the inputs' shapes are known"""

    @cached_property
    def kinds(self) -> tuple[int, ...]:
        """Per operator, a number: operators of one kind agree in all but names, so that what holds of one holds of all.

        They have the same operator of the same opset, the same attributes (one object: readers share what is written
        alike), and the same types, shapes and known values of what they read and make. Networks repeat themselves and
        each other: a kind is looked at once, and has its number in every graph.
        """
        number, new = kind.types.opened().setdefault, kind.new
        types = {"": -1}  # of what is absent; -2 parts inputs from outputs
        made = [(value.dtype, value.shape) for value in self.values.values()]
        fixed = [(c.dtype, c.shape, None if c.values is None else _short(c.values)) for c in self.constants.values()]
        types.update(zip(self.values, map(number, made, kind.numbers), strict=True))
        types.update(zip(self.constants, map(number, fixed, kind.numbers), strict=True))
        known, of, opset = kind.kinds.opened(), types.get, self.opset
        kinds = []
        for node in self.nodes:
            op, domain, attributes = node.op, node.domain, node.attributes
            if op in HOSTS or (domain and node.subgraphs):
                kinds.append(new())
                continue
            like = (opset, op, domain, id(attributes), *map(of, node.inputs), -2, *map(of, node.outputs))
            found = known.get(like)
            if found is None:
                found = known.setdefault(like, (new(), attributes))
            kinds.append(found[0])
        return tuple(kinds)

    @cached_property
    def alike(self) -> tuple[tuple[int, Node, int], ...]:
        """The kinds that occur, each with its first operator and how many there are of it."""
        first = dict(zip(reversed(self.kinds), reversed(self.nodes), strict=True))
        return tuple([(kind, first[kind], number) for kind, number in Counter(self.kinds).items()])

    def shape(self, name: str) -> Shape | None:
        """The shape of any tensor, constant or not; None where it is not known at all."""
        tensor = self.constants.get(name) or self.values.get(name)
        return tensor.shape if tensor else None

    def dtype(self, name: str) -> str:
        """The element type of any tensor (`float32`, `int8`, ...); empty where it is not known."""
        tensor = self.constants.get(name) or self.values.get(name)
        return tensor.dtype if tensor else ""


def _short(values: np.ndarray[Any, Any] | Raw) -> bytes:
    """Values as bytes, or a digest that stands for them."""
    data = _bytes(values)
    return data if len(data) <= sha256().digest_size else sha256(data).digest()


def _bytes(values: np.ndarray[Any, Any] | Raw) -> bytes:
    return values.bytes if isinstance(values, Raw) else values.tobytes()


# ---------------------------------------------------------------- the zoo's record


class Source(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Where a published fact was read: a file in a repository at a commit, or inside a released package."""

    repository: str
    """owner/name, or `NAME==VERSION` of a released package"""
    path: str = ""
    commit: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        commit = f"@{self.commit[:12]}" if self.commit else ""
        line = f":{self.line}" if self.line else ""
        return f"{self.repository}{commit} {self.path}{line}".strip()


class Claim(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A number that a zoo publishes about a model. Contradicting claims are all kept."""

    model: str
    """the model's name in its zoo"""
    metric: str
    """`acc@1`, `acc@5` (percentages), `params`, `macs`, `flops`, `bytes`"""
    value: Decimal
    """normalised: errors turned into accuracies, millions into units"""
    as_written: str
    """the figure exactly as the source prints it"""
    source: Source
    kind: str = "accuracy"
    """what the source says the figure is: `accuracy`, `error`, `count`, `size`"""
    weights: str | None = None
    """which weights, where the source says"""
    dataset: str = "ImageNet-1k validation"
    input_size: int | None = None
    """height and width at which the source says that it was measured; None where it does not say"""
    preprocessing: str | None = None
    """what the source says of the evaluation (crops, resize); None where it does not say"""
    date: str | None = None
    """first day on which the source is known to carry it (YYYY-MM-DD); None where not known"""
    not_before: str | None = None
    not_after: str | None = None
    """bounds (YYYY-MM or YYYY-MM-DD) on when it was first published, where the day is not known"""
    last_seen: str | None = None
    """last day on which the source is known to carry it, where it has been removed or changed since"""
    note: str = ""

    def __post_init__(self) -> None:
        if not self.value.is_finite():
            raise ValueError(f"a claim's value is {self.value}")


class Preprocessing(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag=True):
    """How a zoo says that an image becomes the network's input. None is a step that the zoo does not state."""

    resize: tuple[int, ...] | None = None
    """one number: the shorter side; two: height and width whatever the aspect ratio; None: not stated"""
    crop: tuple[int, int] | None = None
    """centre crop, height and width"""
    crop_fraction: float | None = None
    """central fraction cropped before resizing (TensorFlow slim's way)"""
    crop_square: bool = False
    """whether that is a square of this fraction of the shorter side, or this fraction of both sides"""
    interpolation: str | None = None
    antialias: bool | None = None
    half_pixel: bool | None = None
    """where it resizes without antialias: whether pixels are counted from their centres, or (TensorFlow 1) corners"""
    channel_order: str | None = None
    """`RGB` or `BGR`"""
    layout: str | None = None
    """`NCHW` or `NHWC`"""
    scale: tuple[float, float] | None = None
    """the range to which 0..255 is mapped before mean and std; (0, 255) leaves pixels alone"""
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    in_graph: str | None = None
    """what of this the network does itself"""
    label_offset: int = 0
    """1 where class 0 is `background` and ImageNet's classes start at 1"""
    source: Source | None = None
    note: str = ""


class Weights(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One set of published weights of a model, and the graph that it is for."""

    id: str
    graph: str | None = None
    """file name of the skeleton in the snapshot"""
    default: bool = False
    input_shape: tuple[int | None, ...] | None = None
    classes: int | None = None
    preprocessing: Preprocessing | Unmeasured = Unmeasured("the zoo does not state it")
    params: int | None = None
    """parameter count as the zoo or its framework states it"""
    bytes: int | None = None
    sha256: str | None = None
    url: str | None = None
    file: str | None = None
    note: str = ""


class Model(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One published network in one zoo: its name there, its weights, or the reason why there is no graph."""

    name: str
    weights: tuple[Weights, ...] = ()
    title: str = ""
    """the name that the zoo's documentation uses, where it is another"""
    stand_in: str | None = None
    """reference of the model whose graph is used because this one's own file cannot be had; findings say so"""
    stand_in_reason: str = ""
    graph_missing: Unmeasured | None = None
    """set where there is no graph: why"""
    claims: tuple[Claim, ...] = ()
    """claims that the zoo's own release carries"""
    package: str = ""
    """which of the zoo's packages or collections ships it, where there are several"""
    note: str = ""

    def chosen(self, weights: str | None = None) -> Weights | None:
        """The named weights, or the zoo's default ones; None where there are none."""
        if weights is not None:
            return next((w for w in self.weights if w.id == weights), None)
        return next((w for w in self.weights if w.default), self.weights[0] if self.weights else None)


class Conversion(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True, tag=True):
    """A graph was run beside its framework's own model, with the same random weights and inputs."""

    max_abs_error: float
    """largest difference of an output, as a part of that output's largest magnitude"""
    tolerance: float
    """how large rounding may make it (see `zoodiff.proof.agreement`)"""
    inputs: int
    """on how many random inputs"""
    seed: int
    """of weights and inputs"""
    gain: float
    """of the weights: kernels and matrices have the variance `gain` / (inputs of one output)"""
    scale: float
    """of the inputs"""
    checked: str
    """date (YYYY-MM-DD)"""
    runtime: str
    """what ran the graph: `onnxruntime==VERSION`; the framework's packages are the snapshot's own"""

    @property
    def holds(self) -> bool:
        """Whether the graph computes what the framework does."""
        return self.max_abs_error <= self.tolerance


class Provenance(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a snapshot was made: enough to make it again."""

    gathered: str
    """date (YYYY-MM-DD)"""
    python: str
    platform: str
    packages: dict[str, str]
    """every distribution installed in the zoo's environment, with its version"""
    lock: str
    """sha256 of the lock that the environment was built from"""
    tool: str
    """zoodiff's version"""
    notes: tuple[str, ...] = ()
    checked: str | None = None
    """date of the last complete live gather that gave the same records, with its result"""
    conversions: dict[str, Conversion | Unmeasured] = {}
    """for graphs that were run beside the framework's own models, by file name: the result, or why there is none"""


class Snapshot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All records of one zoo at one version and date."""

    format: int
    zoo: str
    version: str
    as_of: str
    models: tuple[Model, ...]
    provenance: Provenance

    def __iter__(self) -> Iterator[Model]:
        return iter(self.models)
