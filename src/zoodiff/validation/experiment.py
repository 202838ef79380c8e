"""Put a claim to the test by running the model on labelled images, and say what a miss may come from."""

from __future__ import annotations

import hashlib
import re
import sys
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec

from zoodiff.accuracy import mismatch
from zoodiff.accuracy.sequential import Sequential
from zoodiff.accuracy.statistics import binomial_interval
from zoodiff.fault import Refusal
from zoodiff.reading import reference
from zoodiff.reading.reference import Network
from zoodiff.record import Claim, Preprocessing, Unmeasured
from zoodiff.survey.verify import Verification, claim_to_test, verify
from zoodiff.survey.verify import document as verified
from zoodiff.validation import running
from zoodiff.validation.dataset import Indices
from zoodiff.validation.download import download
from zoodiff.validation.running import Run, Subject, Tell
from zoodiff.validation.search import Search, Tried, search

SEED: Final = 0


@dataclass(frozen=True)
class Experiment:
    """A verification by running: the verdict, the run that it rests on, and what the search for other ways found."""

    verification: Verification
    run: Run
    reservation: str
    """why the value is no estimate of validation accuracy; empty where the data are the validation set"""
    searched: Search | None = None
    stated: Run | None = None
    """the run as the record states it, where the verdict rests on the variant that the search found"""


def experiment(
    model: str | Path,
    data: Path | str,
    *,
    weights: Path | None = None,
    fetching: bool = False,
    like: str | None = None,
    metric: str = "acc@1",
    claim: Claim | Decimal | str | None = None,
    as_of: str | None = None,
    margin: Decimal | str = Decimal(0),
    budget: int | None = None,
    whole: bool = False,
    seed: int = SEED,
    log: Path | None = None,
    broken: int | None = None,
    searching: bool | None = None,
    tell: Tell | None = None,
) -> Experiment:
    """Run a model on labelled images and test what its zoo claims.

    `model` is a file, whose record is that of `like` (or of the published model that has its hash or name), or a
    reference, whose weights are in the file `weights`, or are downloaded by the zoo's own code (`fetching`). On
    ImageNet's validation set images come in a random order and the run stops when the claim is decided, unless all are
    asked for (`whole`). On other data all images are seen as they are listed, or a random `budget` of them.
    `searching`: whether to look for a preprocessing that explains the model (default: where a claim is missed). Raises
    Refusal as `running.load`, `running.run` and `verify` do.
    """
    if fetching and weights is None:
        weights = download(reference.find(model), lambda words: print(words, file=sys.stderr))
    file, network = subject(model, weights, like)
    chosen, _ = claim_to_test(network.ref, network, metric, claim, as_of)
    stated = network.weights.preprocessing if network.weights else Unmeasured("no zoo has a record of it")
    name = f"{network.name}/{network.weights.id}" if network.weights else network.name
    with running.load(file, data, stated, zoo=network.zoo or "", name=name) as loaded:
        reservation = loaded.reservation
        early = not reservation and not whole
        order = _order(loaded, budget, seed if early or budget is not None else None)
        test = Sequential(chosen, margin=Decimal(margin)) if early and metric == "acc@1" else None

        def run(tried: Subject, kept: Path | None) -> Run:
            stop = None if test is None else lambda right, seen: test.update(right, seen) is not None
            return running.run(tried, order=order, log=kept, broken=broken, stop=stop, tell=tell)

        def tested(ran: Run) -> Verification:
            grounds = established(ran, network, reservation)
            options: dict[str, Any] = {"metric": metric, "as_of": as_of, "margin": margin, "stopped": early}
            return verify(network, ran.predictions, claim=chosen, established=grounds, **options)

        ran = run(loaded, log)
        doubt = _at_chance(ran, chosen)
        found = None if doubt else tested(ran)
        if searching is None:
            searching = found is None or (found.trial.missed and found.trial.value < chosen.value)
        races = search(loaded, seed=seed, tell=tell) if searching else None
        if found is not None:
            return Experiment(found, ran, reservation, races)
        if races is None or not races.found:
            raise _unexplained(doubt, races)
        explained = run(_as_found(loaded, races), None)
        return Experiment(tested(explained), explained, reservation, races, ran)


def subject(model: str | Path, weights: Path | None, like: str | None) -> tuple[Path, Network]:
    """The file to run, and the published model whose record and claims count for it.

    Raises Refusal where there is no file of a published model, or a file that no record is known of.
    """
    named = reference.find(model)
    if named.path is None:
        if weights is None:
            raise Refusal(
                f"the weights of {named.ref} are in no file here",
                "Give them: --weights-file F; or have the zoo's own code fetch them: --download. "
                "Or give the file itself: zoodiff verify F --like ZOO:MODEL --data D",
            )
        return weights, reference.find(like) if like else named
    if weights is not None:
        raise Refusal(f"{str(model)!r} is a file itself", "--weights-file is for models of a zoo.")
    if not named.path.is_file():
        raise Refusal(f"there is no file {str(named.path)!r}", "Give the model's file, or ZOO:MODEL --weights-file F.")
    if like is not None:
        return named.path, reference.find(like)
    return named.path, _known(named.path)


def _known(path: Path) -> Network:
    """The published model that a file is: that of its hash, else the only one that has the file's name."""
    published = [
        reference.published(reference.snapshot(zoo), model, weights)
        for zoo in reference.zoos()
        for model in reference.snapshot(zoo)
        for weights in model.weights
    ]
    sha256 = reference.hash_file(path)
    same = [network for network in published if network.sha256 == sha256]
    named = same or [network for network in published if network.name == path.stem]
    if len({(network.zoo, network.name) for network in named}) != 1:
        hint = f"It may be {', '.join(network.ref for network in named[:4])}. " if named else ""
        raise Refusal(
            f"no zoo is known to publish {str(path)!r}, so nothing says how images are prepared for it",
            f"{hint}Name the published model that it should be: --like ZOO:MODEL[/WEIGHTS]",
        )
    return next((network for network in named if network.weights and network.weights.default), named[0])


def established(ran: Run, network: Network, reservation: str) -> tuple[str, ...]:
    """Which of `verdict.GROUNDS` the run itself shows.

    Weights: the file is the published one, by its hash. Preprocessing: all of it is stated, and none was changed.
    Images: the data are the validation set, and none of those taken was broken.
    """
    stated = network.weights.preprocessing if network.weights else None
    as_stated = isinstance(stated, Preprocessing) and not ran.subject.assumed
    shown = {
        "weights": network.sha256 == ran.subject.sha256
        or _named_by_hash(network, ran.subject.sha256)
        or _md5_stated(network, ran.subject.runner.path),
        "preprocessing": as_stated and ran.subject.as_stated,
        "images": not reservation and not ran.broken,
    }
    return tuple(name for name, is_so in shown.items() if is_so)


def _named_by_hash(network: Network, sha256: str) -> bool:
    """Whether the published file's name ends with the beginning of this hash, as torch.hub writes it."""
    url = network.weights.url if network.weights else None
    told = re.search(r"-([0-9a-f]{8,})\.\w+$", url or "")
    return told is not None and sha256.startswith(told[1])


def _md5_stated(network: Network, path: Path) -> bool:
    """Whether the record states the MD5 sum of this file: what Keras states of most of its weights."""
    told = re.search(r"\bmd5 ([0-9a-f]{32})\b", network.weights.note if network.weights else "")
    if told is None:
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "md5").hexdigest() == told[1]


def _order(loaded: Subject, budget: int | None, seed: int | None) -> Indices:
    if budget is not None and budget < 1:
        raise Refusal(f"--budget {budget} is no number of images", "Write it as 5000")
    return loaded.found.order(seed)[:budget]


def _at_chance(ran: Run, claim: Claim) -> Refusal | None:
    """Why predictions and labels do not belong together; None where they do."""
    try:
        mismatch.check(ran.predictions, float(claim.value) / 100)
    except Refusal as refusal:
        return refusal
    return None


def _unexplained(doubt: Refusal | None, races: Search | None) -> Refusal:
    """What is said of answers that are right as by chance, and that no variant explains."""
    assert doubt is not None
    if races is None:
        return Refusal(doubt.message, f"{doubt.hint} Or does the model take other colours or ranges? --search tells.")
    return Refusal(doubt.message, f"{doubt.hint} None of {races.variants} ways of preparing images explains it either.")


def _as_found(loaded: Subject, races: Search) -> Subject:
    """The same model and data with the variant that the search found."""
    offset = loaded.targets.offset + races.best.offset
    targets = replace(loaded.targets, offset=offset)
    return replace(loaded, pipeline=races.best.variant.pipeline, targets=targets, as_stated=False)


# ---------------------------------------------------------------- the document


def document(found: Experiment) -> dict[str, Any]:
    """The verification's document, with how the model was run and what the search found."""
    ran, loaded = found.run, found.run.subject
    return verified(found.verification) | {
        "run": {
            **loaded.about,
            "assumed": list(loaded.assumed),
            "labels": loaded.targets.words,
            "first_class": loaded.targets.offset,
            "reservation": found.reservation or None,
            "broken": [{"image": name, "why": why} for name, why in ran.broken],
            "log": str(ran.log),
            "seconds": round(ran.seconds, 3),
            "answered_now": ran.fresh,
        },
        "search": None if found.searched is None else _searched(found.searched),
    }


def _searched(races: Search) -> dict[str, Any]:
    return {
        "found": races.found,
        "images": races.images,
        "variants": races.variants,
        "start": _tried(races.start.tried)
        | {"right": int(races.start.tried.stated.sum()), "p_value": races.start.p_value},
        "best": _tried(races.best),
        "others": [_tried(r.tried) | {"p_value": r.p_value, "alike": r.alike} for r in races.rivals],
    }


def _tried(tried: Tried) -> dict[str, Any]:
    low, high = binomial_interval(tried.right, len(tried.hits))
    return {
        "changed": list(tried.changed),
        "preprocessing": msgspec.to_builtins(tried.variant.pipeline),
        "right": tried.right,
        "images": len(tried.hits),
        "ci": [f"{low:.3f}", f"{high:.3f}"],
    }
