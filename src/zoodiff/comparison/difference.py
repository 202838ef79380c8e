"""Hold what differs between two networks: root causes with their shares of the gap in cost, as one JSON document."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

import msgspec

from zoodiff import disk
from zoodiff.attribution.root import ARCHITECTURE
from zoodiff.comparison.aligned import Aligned
from zoodiff.comparison.words import Side, sentence, short
from zoodiff.fault import Refusal
from zoodiff.proof.parting import Parting
from zoodiff.proof.prove import Equivalence
from zoodiff.record import Unmeasured

FORMAT: Final = 1
_UNPROVEN: Final = "proof: "
"""How the document begins the reason why there is no proof, among what was not compared."""


class Consequence(msgspec.Struct, frozen=True):
    """What a root cause brings with it elsewhere, operators of one type together."""

    op: str
    what: str
    nodes: tuple[str, ...]
    macs_delta: int
    params_delta: int


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """One root cause; deltas are right minus left and leave its consequences out."""

    kind: str
    """`changed`, `missing` (on the right), `added`, `rewired` or `input`"""
    op: str
    what: str
    words: str
    left: Side | None
    right: Side | None
    count: int = 1
    """at how many places"""
    macs_delta: int = 0
    params_delta: int = 0
    consequences: tuple[Consequence, ...] = ()
    group: str = ARCHITECTURE
    """`architecture`, `interface` (classes, the last Softmax, preprocessing) or `detail` (a bias, an epsilon)"""

    @property
    def short(self) -> str:
        """What the right one has instead, in a few words."""
        return short(self.kind, self.op, self.what, self.left, self.right, self.count)

    @property
    def macs(self) -> int:
        """Its whole share of the gap in multiply-accumulates."""
        return self.macs_delta + sum(c.macs_delta for c in self.consequences)

    @property
    def params(self) -> int:
        """Its whole share of the gap in parameters."""
        return self.params_delta + sum(c.params_delta for c in self.consequences)

    def worded(self) -> Cause:
        """The same with the sentence that tells it."""
        told = sentence(self.kind, self.op, self.what, self.left, self.right, self.count)
        return msgspec.structs.replace(self, words=told)


class Gap(msgspec.Struct, frozen=True):
    """One cost of both networks, and right minus left."""

    left: int
    right: int
    delta: int
    at_least: tuple[str, ...] = ()
    """the sides (`left`, `right`) of which not all could be counted: they cost more, and `delta` is not the gap"""


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between two networks, root causes first; the causes' shares and the remainder add up to the gaps."""

    left: dict[str, Any]
    right: dict[str, Any]
    macs: Gap
    params: Gap
    differences: tuple[Cause, ...]
    remainder: dict[str, int]
    """the part of the gaps that no cause explains"""
    folded: tuple[str, ...] = ()
    """convolutions, by their first output, into which the other side's batch normalization was presumably folded"""
    not_compared: tuple[str, ...] = ()
    sized: tuple[str, ...] = ()
    """the side (`left`, `right`) that leaves its image's size open, where it was compared at the other one's"""
    proof: Equivalence | Parting | Unmeasured | None = None
    """what running both showed; None where it was not asked for"""
    aligned: Aligned | None
    """no part of the document; None where the difference was read back from one"""

    @property
    def alignment(self) -> Aligned:
        """What pictures are drawn from. Raises Refusal where the difference was read back."""
        if self.aligned is None:
            raise Refusal(
                "a difference that was read back has no picture", "Compare the two networks again: zoodiff diff"
            )
        return self.aligned

    @property
    def identical(self) -> bool:
        """Whether nothing at all differs."""
        return not self.differences and not self.not_compared and not any(self.remainder.values())


def document(difference: Difference) -> dict[str, Any]:
    """The difference as the JSON document that `diff --json` prints."""
    proof = difference.proof
    unproven = (f"{_UNPROVEN}{proof.reason}",) if isinstance(proof, Unmeasured) else ()
    built: dict[str, Any] = msgspec.to_builtins(
        {
            "format": FORMAT,
            "kind": "difference",
            "left": difference.left,
            "right": difference.right,
            "identical": difference.identical,
            "equivalent": proof if isinstance(proof, Equivalence) else None,
            "parting": proof if isinstance(proof, Parting) else None,
            "macs": difference.macs,
            "params": difference.params,
            "differences": difference.differences,
            "remainder": difference.remainder,
            "folded": difference.folded,
            "not_compared": (*difference.not_compared, *unproven),
            "sized": difference.sized,
        },
        str_keys=True,
        enc_hook=lambda array: array.tolist(),  # an attribute that is a tensor
    )
    built["differences"] = _written(built["differences"])
    return built


def load(path: Path) -> Difference:
    """A difference that `diff --json` printed, read back: all but the pictures can be had of it again.

    Raises Refusal on a file that is none, or of another format.
    """
    hint = "Make one with: zoodiff diff A B --json > F"
    try:
        saved = msgspec.json.decode(disk.bounded(path), type=_Saved)
    except OSError as error:
        raise Refusal(f"cannot read {str(path)!r}: {error.strerror}", hint) from None
    except (ValueError, RecursionError) as error:  # msgspec's errors are ValueErrors
        raise Refusal(f"{str(path)!r} holds no difference: {error}", hint) from None
    if (saved.kind, saved.format) != ("difference", FORMAT):
        raise Refusal(f"{str(path)!r} is of kind {saved.kind!r}, format {saved.format}; not difference, {FORMAT}", hint)
    reasons = [one.removeprefix(_UNPROVEN) for one in saved.not_compared if one.startswith(_UNPROVEN)]
    return Difference(
        left=saved.left,
        right=saved.right,
        macs=saved.macs,
        params=saved.params,
        differences=saved.differences,
        remainder=saved.remainder,
        folded=saved.folded,
        not_compared=tuple(one for one in saved.not_compared if not one.startswith(_UNPROVEN)),
        sized=saved.sized,
        proof=saved.equivalent or saved.parting or next((Unmeasured(reason) for reason in reasons), None),
        aligned=None,
    )


class _Saved(msgspec.Struct, kw_only=True):
    """A difference's document."""

    format: int
    kind: str
    left: dict[str, Any]
    right: dict[str, Any]
    equivalent: Equivalence | None
    parting: Parting | None
    macs: Gap
    params: Gap
    differences: tuple[Cause, ...]
    remainder: dict[str, int]
    folded: tuple[str, ...]
    not_compared: tuple[str, ...]
    sized: tuple[str, ...] = ()


def _written(value: Any) -> Any:
    """An attribute's value as JSON can have it: `nan`, `inf` and `-inf` are words there."""
    if isinstance(value, dict):
        return {key: _written(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_written(part) for part in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
