"""What others measured of the very weights that a zoo publishes: the same kind of number as a claim, by somebody else.

The figures are data, made by `bench/evidence.py`: `evidence.csv`, and `paired.csv`, which says how two zoos' networks
of one name answered the same images. Each says why it is about the same weights; a figure of which that is not
established is not there.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from importlib.resources import files

import msgspec

from zoodiff.accuracy.statistics import score_interval
from zoodiff.record import Source

COLUMNS = (
    "zoo model weights metric value correct measured_by input_size preprocessing as_the_zoo_prepares "
    "same_weights_because repository path commit line date note"
).split()
_FILE = files("zoodiff") / "evidence.csv"
PAIRED = "one_zoo one_model one_weights other_zoo other_model other_weights one_only other_only images source".split()
_PAIRED = files("zoodiff") / "paired.csv"

Named = tuple[str, str, str]
"""zoo, model and weights"""


class Evidence(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One re-measurement on the ImageNet-1k validation set."""

    zoo: str
    model: str
    weights: str
    metric: str
    """`acc@1` or `acc@5`"""
    value: Decimal
    """a percentage, as printed"""
    measured_by: str
    same_weights_because: str
    """how it is known that the zoo's weights were measured"""
    source: Source
    correct: int | None = None
    """images answered rightly, of 50,000, where they were counted here from published predictions"""
    input_size: int | None = None
    preprocessing: str | None = None
    as_the_zoo_prepares: bool | None = None
    """whether images were resized and cropped as the zoo says; None where either does not say"""
    date: str | None = None
    note: str = ""

    @property
    def interval(self) -> tuple[float, float]:
        """Per cent between which it lies on other images of the kind, at level 0.95: 50,000 are a sample of them."""
        return score_interval(self.value)

    @property
    def step(self) -> Decimal:
        """One unit of the last digit printed."""
        exponent = self.value.as_tuple().exponent
        return Decimal(1).scaleb(exponent) if isinstance(exponent, int) else Decimal(0)


def of(zoo: str, model: str, weights: str | None, metric: str | None = None) -> tuple[Evidence, ...]:
    """What is known of these weights, of one metric or of both; none where no weights are named."""
    return tuple(one for one in _by_weights().get((zoo, model, weights or ""), ()) if metric in (None, one.metric))


class Answers(msgspec.Struct, frozen=True):
    """How two networks answered the same images."""

    first_only: int
    """images that only the first gets right"""
    second_only: int
    images: int
    source: str


def answers(first: Named, second: Named) -> Answers | None:
    """How two sets of weights answered the validation set, image by image; None where that is not known."""
    return _paired().get((first, second))


def comparable(several: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """Those of which it is not known that images were prepared otherwise than the zoo says."""
    return tuple(one for one in several if one.as_the_zoo_prepares is not False)


@cache
def everything() -> tuple[Evidence, ...]:
    """All figures, in the order of the file."""
    return tuple(_evidence(row) for row in csv.DictReader(_FILE.read_text(encoding="utf-8").splitlines()))


@cache
def _paired() -> dict[tuple[Named, Named], Answers]:
    """Both ways round."""
    found: dict[tuple[Named, Named], Answers] = {}
    for row in csv.DictReader(_PAIRED.read_text(encoding="utf-8").splitlines()):
        one = (row["one_zoo"], row["one_model"], row["one_weights"])
        other = (row["other_zoo"], row["other_model"], row["other_weights"])
        only = int(row["one_only"]), int(row["other_only"])
        found[one, other] = Answers(*only, int(row["images"]), row["source"])
        found[other, one] = Answers(*only[::-1], int(row["images"]), row["source"])
    return found


@cache
def _by_weights() -> dict[tuple[str, str, str], list[Evidence]]:
    found: dict[tuple[str, str, str], list[Evidence]] = {}
    for one in everything():
        found.setdefault((one.zoo, one.model, one.weights), []).append(one)
    return found


def _evidence(row: dict[str, str]) -> Evidence:
    """A figure from its row; an empty cell is a value that is not known."""
    given = {key: cell for key, cell in row.items() if cell}
    numbers = {key: int(given.pop(key)) for key in ("correct", "input_size", "line") if key in given}
    prepared = given.pop("as_the_zoo_prepares", None)
    source = Source(
        given.pop("repository"), given.pop("path", ""), given.pop("commit", None), numbers.pop("line", None)
    )
    return Evidence(
        value=Decimal(given.pop("value")),
        source=source,
        as_the_zoo_prepares=None if prepared is None else prepared == "yes",
        **numbers,  # type: ignore[arg-type]
        **given,  # type: ignore[arg-type]
    )
