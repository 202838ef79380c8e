"""What the zoos claim about their models, on which day, and which of several claims a table uses.

The claims are data: one CSV per zoo in `claims/`, its columns the fields of `record.Claim` and `record.Source`, and
`claims/sources.toml`, which says what each source is. Contradicting claims are all kept.
"""

from __future__ import annotations

import calendar
import csv
import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from zoodiff.fault import Refusal
from zoodiff.record import Claim, Model, Source, Unmeasured

Standing = Literal["zoo", "page", "former", "fork"]
Dated = Literal["day", "bounds", "unknown"]

_ORDER: tuple[Standing, ...] = ("zoo", "page", "former", "fork")
_WORDS: dict[Standing, str] = {
    "zoo": "the zoo's own statement about all its models",
    "page": "documentation of one family of models",
    "former": "a predecessor that the zoo has given up",
    "fork": "a fork",
}
_FOLDER = files("zoodiff") / "claims"
_SCALE = {"": 0, "k": 3, "m": 6, "b": 9, "g": 9}


class Chosen(msgspec.Struct, frozen=True):
    """The claim that tables use for one number of one model, and how far to trust the choice."""

    claim: Claim
    why: str
    """what decided, in words"""
    dated: Dated
    """whether its day is known, only bounds on it, or nothing"""
    contradicted_by: tuple[Claim, ...] = ()
    """claims in force at the time that say another number of the same thing, beyond rounding"""


class _Known(msgspec.Struct, frozen=True):
    """One entry of sources.toml."""

    repository: str
    standing: Standing
    path: str = ""
    not_before: str | None = None
    not_after: str | None = None
    why: str = ""


def zoos() -> tuple[str, ...]:
    """Every zoo with bundled claims, sorted."""
    return tuple(sorted(f.name.removesuffix(".csv") for f in _FOLDER.iterdir() if f.name.endswith(".csv")))


@cache
def claims(zoo: str) -> tuple[Claim, ...]:
    """Every bundled claim of a zoo, in the order of its file; none where the zoo has no file."""
    file = _FOLDER / f"{zoo}.csv"
    if not file.is_file():
        return ()
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return tuple(_bounded(_claim(row)) for row in rows)


def of(model: Model, zoo: str) -> tuple[Claim, ...]:
    """All claims about a model: those that the zoo's release carries, then the bundled ones; none twice."""
    own = (_bounded(claim) for claim in model.claims)
    return tuple(dict.fromkeys([*own, *_by_model(zoo).get(model.name, ())]))


def unmapped(zoo: str, models: Iterable[str]) -> tuple[str, ...]:
    """Names that bundled claims bear and no model of the zoo has: models given up, variants, unknown spellings."""
    known = set(models)
    return tuple(name for name in _by_model(zoo) if name not in known)


def standing(claim: Claim) -> Standing:
    """What kind of source a claim has: the zoo's own statement, a page about one family, a former one or a fork."""
    known = _known(claim.source)
    if known:
        return known.standing
    return "zoo" if "==" in claim.source.repository else "page"


def dated(claim: Claim) -> Dated:
    """Whether the day of a claim is known, bounds on it, or nothing at all."""
    if claim.date:
        return "day"
    return "bounds" if claim.not_before or claim.not_after else "unknown"


def when(claim: Claim) -> str:
    """When a claim was made, as far as it is known."""
    if claim.date:
        return claim.date + (f" to {claim.last_seen}" if claim.last_seen else "")
    if claim.not_before or claim.not_after:
        return f"{claim.not_before or '?'} .. {claim.not_after or '?'}"
    return "unknown"


def day(text: str) -> date:
    """A date as users write it: YYYY-MM-DD, or YYYY-MM, which means the month's first day. Else a Refusal."""
    try:
        return date.fromisoformat(text if len(text) > 7 else f"{text}-01")
    except ValueError:
        raise Refusal(f"{text!r} is no date", "Write it as 2022-05-01, or 2022-05 for the first of May.") from None


def choose(
    claims: Iterable[Claim], metric: str, weights: str | None = None, as_of: str | None = None, size: int | None = None
) -> Chosen | Unmeasured:
    """The claim about one model that tables use, by one rule; Unmeasured with the reason where there is none.

    Among the claims of the metric that are about the asked weights or name none (all, where no weights are asked), that
    are not from a fork and, with `as_of`, that may have been in force on that day (first published by then, not known
    to have been withdrawn before), the first in this order:

    1. about the asked weights, before silent about weights;
    2. stated at the asked input size or at none, before another size;
    3. in force, before withdrawn (without `as_of`: a withdrawn claim is better than none, and the result says so);
    4. with `as_of`: dated or bounded, before nothing known of the date;
    5. the zoo's statement about all its models (metadata of its release, the table it keeps), before a page or
       docstring about one family, before a predecessor that the zoo has given up;
    6. newest first: by the day it was first seen, else the earliest day it can be from, else the latest;
    7. first listed in the record, then in the zoo's file.

    What contradicts it is looked for at the asked input size (else its own), where a claim states one.
    """
    found = [claim for claim in claims if claim.metric == metric]
    moment = day(as_of) if as_of else None
    usable = [claim for claim in found if _about(claim, weights) and _possible(claim, moment)]
    candidates = [claim for claim in usable if standing(claim) != "fork"]
    if not candidates:
        return Unmeasured(_reason(metric, weights, as_of, found, usable))

    def order(claim: Claim) -> tuple[bool, bool, bool, bool, int, int]:
        return (
            weights is not None and claim.weights is None,
            _elsewhere(claim, size),
            moment is None and claim.last_seen is not None,
            moment is not None and dated(claim) == "unknown",
            _ORDER.index(standing(claim)),
            -_recency(claim),
        )

    best = min(candidates, key=order)
    at = size or best.input_size
    against = tuple(
        other
        for other in candidates
        if _in_force(other, moment) and other.input_size in (None, at) and contradicts(best, other)
    )
    return Chosen(best, _why(best, size), dated(best), against)


def contradicts(one: Claim, other: Claim) -> bool:
    """Whether two claims say different numbers of the same thing, beyond what rounding as written explains.

    The same thing: equal metric and data set, and neither names weights or an input size that the other denies.
    """
    if (one.metric, one.dataset) != (other.metric, other.dataset):
        return False
    if (one.weights or other.weights) != (other.weights or one.weights):
        return False
    if (one.input_size or other.input_size) != (other.input_size or one.input_size):
        return False
    return abs(one.value - other.value) > max(step(one), step(other)) / 2


def _claim(row: dict[str, str]) -> Claim:
    """A claim from its row of the CSV; an empty cell is a value that is not stated."""
    given = {key: cell for key, cell in row.items() if cell}
    source = Source(
        repository=given.pop("repository"),
        path=given.pop("path", ""),
        commit=given.pop("commit", None),
        line=_number(given.pop("line", "")),
    )
    value, size = Decimal(given.pop("value")), _number(given.pop("input_size", ""))
    return Claim(value=value, source=source, input_size=size, **{"dataset": "", **given})


def _number(cell: str) -> int | None:
    return int(cell) if cell else None


@cache
def _by_model(zoo: str) -> dict[str, tuple[Claim, ...]]:
    found: dict[str, list[Claim]] = {}
    for claim in claims(zoo):
        found.setdefault(claim.model, []).append(claim)
    return {name: tuple(several) for name, several in found.items()}


@cache
def _sources() -> tuple[_Known, ...]:
    """The entries of sources.toml, those of longer paths first."""
    entries = tomllib.loads((_FOLDER / "sources.toml").read_text(encoding="utf-8"))["source"]
    return tuple(sorted(msgspec.convert(entries, list[_Known]), key=lambda known: -len(known.path)))


@cache
def _known(source: Source) -> _Known | None:
    name = source.repository.partition("==")[0]
    return next((k for k in _sources() if k.repository == name and source.path.startswith(k.path)), None)


def _bounded(claim: Claim) -> Claim:
    """The claim with the bounds known for its source, where it has neither a date nor bounds of its own."""
    known = _known(claim.source)
    if known is None or dated(claim) != "unknown" or not (known.not_before or known.not_after):
        return claim
    return msgspec.structs.replace(claim, not_before=known.not_before, not_after=known.not_after)


def _last_day(text: str) -> date:
    first = day(text)
    return first if len(text) > 7 else first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _about(claim: Claim, weights: str | None) -> bool:
    return weights is None or claim.weights in (None, weights)


def _possible(claim: Claim, moment: date | None) -> bool:
    """Whether the claim may have been in force on that day; any claim may where no day is asked."""
    if moment is None:
        return True
    start = claim.date or claim.not_before
    return (start is None or day(start) <= moment) and _in_force(claim, moment)


def _in_force(claim: Claim, moment: date | None) -> bool:
    """Whether the claim is not known to have been withdrawn (before that day)."""
    return claim.last_seen is None or (moment is not None and _last_day(claim.last_seen) >= moment)


def _elsewhere(claim: Claim, size: int | None) -> bool:
    return size is not None and claim.input_size not in (None, size)


def _recency(claim: Claim) -> int:
    if start := claim.date or claim.not_before:
        return day(start).toordinal()
    return _last_day(claim.not_after).toordinal() if claim.not_after else 0


def step(claim: Claim) -> Decimal:
    """One unit of the last digit that the source prints, in the claim's own unit."""
    written = re.match(r"[\d,]*(?:\.(\d+))? ?([kmbg]?)", claim.as_written.lower())
    if claim.kind in ("count", "size") and written:
        return Decimal(1).scaleb(_SCALE[written[2]] - len(written[1] or ""))
    exponent = claim.value.as_tuple().exponent
    return Decimal(1).scaleb(exponent) if isinstance(exponent, int) else Decimal(0)


def _why(claim: Claim, size: int | None) -> str:
    return ", ".join(_grounds(claim, size))


def _grounds(claim: Claim, size: int | None) -> Iterator[str]:
    yield _WORDS[standing(claim)]
    match dated(claim):
        case "day":
            yield f"carried since {claim.date} or before"
        case "bounds":
            yield f"first published between {claim.not_before or '?'} and {claim.not_after or '?'}"
        case "unknown":
            yield "of unknown date"
    if claim.last_seen:
        yield f"no longer carried after {claim.last_seen}"
    if _elsewhere(claim, size):
        yield f"stated at input size {claim.input_size}, not {size}"


def _reason(metric: str, weights: str | None, as_of: str | None, found: list[Claim], usable: list[Claim]) -> str:
    if not found:
        return f"the zoo claims no {metric}"
    if usable:
        return f"only a fork of the zoo claims {metric}"
    about = [claim for claim in found if _about(claim, weights)]
    if not about:
        return f"the zoo's claims of {metric} are about other weights than {weights}"
    return f"the zoo is not known to have claimed {metric} as of {as_of}"
