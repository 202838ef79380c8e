"""A claim was measured on images prepared otherwise than the zoo says for the model.

Why it matters: who prepares images as the zoo says gets another accuracy than was claimed, by up to 2.062 points (see
docs/noise.md), and a test of the claim misses it although nothing is wrong with the weights. Only what both state is
compared: shorter side, crop, squashing, interpolation, order of colours, and how many crops of an image were taken. The
confidence is medium where the one is told in words alone ("centre crop") and not in numbers.

What to do: look both sources up; measure with either (`zoodiff verify MODEL --data D --search` tells them apart).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from zoodiff.accuracy import noise
from zoodiff.accuracy.choice import Chosen
from zoodiff.record import Preprocessing
from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Entry, Study

SIDE, FRAMING, INTERPOLATION, COLOURS, CROPS = "shorter side", "framing", "interpolation", "colours", "crops"
SQUASHED, CENTRAL, CUT = "squashed whole", "squashed central part", "centre crop of an image that keeps its ratio"
_WORDS: Final = (
    (SIDE, r"shorter (?:side|edge)(?: to)? (\d+)", r"\1"),
    (INTERPOLATION, r"\b(nearest|bilinear|bicubic|lanczos)\b", r"\1"),
    (COLOURS, r"\b(RGB|BGR)\b", r"\1"),
    (FRAMING, r"\bsquash\w*|without (?:a )?crop", SQUASHED),
    (FRAMING, r"\b(?:inception preprocessing|central fraction)", CENTRAL),
    (FRAMING, r"\bcent(?:re|er)[- ]crop", CUT),
    (CROPS, r"\b(ten|twelve|multi|multiple|\d+)[- ]crops?\b", "several"),
)
"""what words say of a step: the step, how it is written, and what that means"""


def judge(study: Study) -> Iterator[Finding]:
    """Compare what each model's top-1 claim says of preprocessing with what the record of its weights says."""
    for entry in study.entries:
        own = entry.weights.preprocessing if entry.weights else None
        if not isinstance(entry.top1, Chosen) or not isinstance(own, Preprocessing) or entry.naming.quantised:
            continue
        told = entry.top1.claim
        if entry.weights is None or told.weights not in (None, entry.weights.id):
            continue
        said, recorded = steps(told.preprocessing or ""), recorded_steps(own)
        differ = {step: (said[step], recorded[step]) for step in said if not _alike(step, said, recorded)}
        if differ:
            yield _finding(entry, entry.top1, own, differ)


def steps(text: str) -> dict[str, str]:
    """The steps that words of a claim state; a single crop says nothing of how it was cut."""
    found: dict[str, str] = {}
    for step, pattern, means in _WORDS:
        if (match := re.search(pattern, text, re.IGNORECASE)) and step not in found:
            found[step] = match.expand(means)
    if found.get(CROPS) and re.search(r"\b1[- ]crops?\b", text):
        del found[CROPS]
    return {step: value.upper() if step == COLOURS else value.lower() for step, value in found.items()}


def recorded_steps(own: Preprocessing) -> dict[str, str]:
    """The steps that a record states, in the same terms."""
    found = {
        INTERPOLATION: own.interpolation and own.interpolation.lower(),
        COLOURS: own.channel_order,
        SIDE: str(own.resize[0]) if own.resize and len(own.resize) == 1 else None,
        CROPS: "one" if own.crop or own.crop_fraction or own.resize else None,
    }
    if own.crop_fraction is not None:
        found[FRAMING] = CENTRAL
    elif own.crop is not None and (own.resize is None or len(own.resize) == 1):
        found[FRAMING] = CUT
    elif own.crop is None and own.resize is not None and len(own.resize) == 2:
        found[FRAMING] = SQUASHED
    return {step: value for step, value in found.items() if value}


def _alike(step: str, said: dict[str, str], recorded: dict[str, str]) -> bool:
    """Whether both say the same, or the record nothing; a central part is a centre crop to some."""
    if step not in recorded or said[step] == recorded[step]:
        return True
    return step == FRAMING and (said[step], recorded[step]) == (CUT, CENTRAL)


def _finding(entry: Entry, chosen: Chosen, own: Preprocessing, differ: dict[str, tuple[str, str]]) -> Finding:
    told = chosen.claim
    words = "; ".join(f"{step}: {said}, not {recorded}" for step, (said, recorded) in differ.items())
    return Finding(
        id="claim-prepared-otherwise",
        title=f"{entry.ref}: the claim of {told.value} % top-1 is for images prepared otherwise than the zoo says "
        f"({words})",
        severity="medium",
        confidence="medium" if set(differ) == {FRAMING} else "high",
        architecture=entry.naming.architecture,
        models=(entry.ref,),
        evidence={
            "claim": {"value": str(told.value), "source": str(told.source), "preprocessing": told.preprocessing},
            "record": {"source": str(own.source) if own.source else None, "note": own.note},
            "differs": {step: {"claim": said, "record": recorded} for step, (said, recorded) in differ.items()},
            "points": str(noise.DIFFERENT),
        },
        disproof="one of the two sources misread, or about another evaluation",
        next_step=f"zoodiff claims {entry.ref}",
    )
