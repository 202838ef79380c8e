"""What the zoos claim about their models, by what kind of source, and on which day.

The claims are data: one CSV per zoo in `claims/`, its columns the fields of `record.Claim` and `record.Source`, and
`claims/sources.toml`, which says what each source is. Contradicting claims are all kept.
"""

from __future__ import annotations

import calendar
import csv
import re
import tomllib
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec

from zoodiff.fault import Refusal
from zoodiff.record import Claim, Model, Source

Standing = Literal["zoo", "page", "former", "fork"]
Dated = Literal["day", "bounds", "unknown"]

_FOLDER = files("zoodiff") / "claims"
_SCALE = {"": 0, "k": 3, "m": 6, "b": 9, "g": 9}


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


def last_day(text: str) -> date:
    """A day, or the last day of a month given as YYYY-MM. Raises Refusal as `day` does."""
    first = day(text)
    return first if len(text) > 7 else first.replace(day=calendar.monthrange(first.year, first.month)[1])


def step(claim: Claim) -> Decimal:
    """One unit of the last digit that the source prints, in the claim's own unit."""
    written = re.match(r"[\d,]*(?:\.(\d+))? ?([kmbg]?)", claim.as_written.lower())
    if claim.kind in ("count", "size") and written:
        return Decimal(1).scaleb(_SCALE[written[2]] - len(written[1] or ""))
    exponent = claim.value.as_tuple().exponent
    return Decimal(1).scaleb(exponent) if isinstance(exponent, int) else Decimal(0)


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
