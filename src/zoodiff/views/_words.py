"""Phrases that several views print: how images are prepared, what else a zoo offers, what names state."""

from __future__ import annotations

from zoodiff.accuracy.choice import Chosen, choose
from zoodiff.record import Preprocessing, Unmeasured
from zoodiff.survey.stated import ARCHITECTURE, BASED, VARIANT
from zoodiff.survey.study import Entry

STATES = {BASED: "what it is based on", VARIANT: "a variant", ARCHITECTURE: "the architecture"}
"""What a name states, in the columns of tables."""


def preprocessing(entry: Entry) -> str:
    """How the zoo says that an image becomes the input, in a few words; or that it does not say."""
    steps = entry.weights.preprocessing if entry.weights else Unmeasured("the zoo's record has no weights of it")
    if isinstance(steps, Unmeasured):
        return f"not known: {steps.reason}"
    return ", ".join(part for part in _steps(steps) if part) or "not stated"


def _steps(steps: Preprocessing) -> tuple[str | None, ...]:
    return (
        f"resize to {_size(steps.resize)}" if steps.resize else None,
        f"centre crop {_size(steps.crop)}" if steps.crop else None,
        f"central {steps.crop_fraction:g} of the image" if steps.crop_fraction else None,
        f"{steps.interpolation} interpolation" if steps.interpolation else None,
        steps.channel_order,
        steps.layout,
        f"pixels to {steps.scale[0]:g} … {steps.scale[1]:g}" if steps.scale else None,
        f"mean {_list(steps.mean)}" if steps.mean else None,
        f"std {_list(steps.std)}" if steps.std else None,
        f"in the graph: {steps.in_graph}" if steps.in_graph else None,
        "class 0 is background" if steps.label_offset else None,
        steps.note,
    )


def _size(size: tuple[int, ...]) -> str:
    return " x ".join(map(str, size)) if len(size) > 1 else f"{size[0]} (shorter side)"


def _list(values: tuple[float, ...]) -> str:
    return "/".join(f"{value:g}" for value in values)


def evidence(entry: Entry, metric: str = "acc@1") -> str:
    """What others measured of its weights, in a few words; empty where nothing is known."""
    found = entry.evidence(metric)
    if not found:
        return ""
    values = sorted(found, key=lambda one: one.value)
    span = f"{values[0].value}" if len(values) == 1 else f"{values[0].value} to {values[-1].value}"
    other = {one.measured_by for one in found if one.as_the_zoo_prepares is False}
    who = [
        f"{name}, other preprocessing" if name in other else name
        for name in dict.fromkeys(e.measured_by for e in found)
    ]
    return f"measured by others: {span} % ({'; '.join(who)})"


def others(entry: Entry) -> str:
    """The zoo's other weights of the model with the top-1 accuracy that it claims of each; empty without others."""
    ids = [weights.id for weights in entry.record.weights] + [told.weights for told in entry.claims if told.weights]
    own = entry.weights.id if entry.weights else None
    return ", ".join(_other(entry, name) for name in dict.fromkeys(ids) if name != own)


def _other(entry: Entry, weights: str) -> str:
    chosen = choose((told for told in entry.claims if told.weights == weights), "acc@1", weights)
    return f"{weights} {chosen.claim.value} %" if isinstance(chosen, Chosen) else f"{weights} (no top-1 claim)"
