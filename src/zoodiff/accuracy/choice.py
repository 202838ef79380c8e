"""Which of several claims a table uses for one number of one model, and what contradicts it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from zoodiff.accuracy.claim import Dated, Standing, dated, day, last_day, standing, step
from zoodiff.record import Claim, Unmeasured

_ORDER: tuple[Standing, ...] = ("zoo", "page", "former", "fork")
_WORDS: dict[Standing, str] = {
    "zoo": "the zoo's own statement about all its models",
    "page": "documentation of one family of models",
    "former": "a predecessor that the zoo has given up",
    "fork": "a fork",
}


class Chosen(msgspec.Struct, frozen=True):
    """The claim that tables use for one number of one model, and how far to trust the choice."""

    claim: Claim
    why: str
    """what decided, in words"""
    dated: Dated
    """whether its day is known, only bounds on it, or nothing"""
    contradicted_by: tuple[Claim, ...] = ()
    """claims in force at the time that say another number of the same thing, beyond rounding"""


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
    return claim.last_seen is None or (moment is not None and last_day(claim.last_seen) >= moment)


def _elsewhere(claim: Claim, size: int | None) -> bool:
    return size is not None and claim.input_size not in (None, size)


def _recency(claim: Claim) -> int:
    if start := claim.date or claim.not_before:
        return day(start).toordinal()
    return last_day(claim.not_after).toordinal() if claim.not_after else 0


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
