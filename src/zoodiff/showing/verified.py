"""What `verify` shows of a claim: the verdict and its reasons, how the model was run, and where two models part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoodiff.accuracy import imagenet
from zoodiff.accuracy.claim import when
from zoodiff.showing.screen import console, table

if TYPE_CHECKING:
    from zoodiff.accuracy.paired import Paired
    from zoodiff.accuracy.statistics import Counts
    from zoodiff.accuracy.verdict import Trial
    from zoodiff.survey.verify import Verification
    from zoodiff.validation.experiment import Experiment
    from zoodiff.validation.search import Search


def show_verification(found: Verification) -> None:
    """Print a claim, what was measured, the verdict on the claim, and how far the measured value generalises."""
    out, trial, claim = console(), found.trial, found.claim
    low, high = trial.ci
    about = f" of {claim.weights}" if claim.weights else ""
    out.print(f"{found.network.ref}  {found.metric}", style="bold")
    rows = [
        ("claim", f"{claim.value} %{about}, {when(claim)}: {claim.source}"),
        ("true of", f"{_between(trial.claimed)} right answers of {trial.claimed.of:,}"),
        ("measured", f"{trial.value} %: {trial.correct:,} of {trial.images:,} in {found.source}"),
    ]
    if found.left_out:
        rows.append(("left out", f"{found.left_out:,} images without an acceptable class"))
    rows += [
        ("the claim", f"{found.verdict}: {found.why}"),
        *([("", _possible(trial))] if found.fit else []),
        ("other images", f"{low:.2f} to {high:.2f} % at a level of {trial.level:.0%}, were these a sample of many"),
    ]
    for label, value in rows:
        out.print(_indented(label, value))
    if found.attribution:
        miss = found.fit and trial.missed
        out.print("  what a miss may come from" if miss else "  why the claim is not decided", style="yellow")
    for reason in found.attribution:
        out.print(_indented("", f"{reason.what}: {reason.words}"))
    if found.against is not None:
        _show_paired(found.against)
    out.print()


def show_experiment(found: Experiment) -> None:
    """Print a verification by running: how the model was run, the verdict, and what the search found."""
    out, ran, loaded = console(), found.run, found.run.subject
    out.print(f"{loaded.runner.path.name} on {len(loaded.found):,} images of {loaded.found.path}", style="bold")
    rows = [
        ("run by", f"{loaded.runner.interface.runtime}: {ran.fresh:,} images now, {len(ran.answers):,} in all"),
        ("prepared", loaded.pipeline.words() + ("" if loaded.as_stated else " (found by the search, not stated)")),
        *[("assumed", words) for words in loaded.assumed],
        ("labels", f"{loaded.found.layout}: {loaded.targets.words}; the first class is output {loaded.targets.offset}"),
    ]
    rows += [("note", words) for words in (loaded.found.note, found.reservation) if words]
    rows += [("broken", f"{name}: {why}") for name, why in ran.broken]
    for label, value in [*rows, ("kept in", str(ran.log))]:
        out.print(_indented(label, value))
    show_verification(found.verification)
    if found.searched is not None:
        _show_search(found.searched)


def _show_search(races: Search) -> None:
    """Print which variant explains the model, and which cannot be told from it."""
    out, start = console(), races.start
    out.print(f"{races.variants} ways of preparing images, on {races.images} of them at most", style="bold")
    best = ", ".join(races.best.changed) or "as stated"
    if races.found:
        told = f"{races.best.right} right; as stated {int(start.tried.stated.sum())} (p = {start.p_value:.2g})"
        out.print(_indented("explained", f"{best}: {told}"))
    else:
        out.print(_indented("not found", "no variant is right more often than the one that is stated, beyond chance"))
    made = table(("right", "right"), ("of", "right"), ("p", "right"), ("otherwise than stated", "left"))
    made.add_row(str(races.best.right), str(races.images), "", f"{best}  (the best)")
    for rival in races.rivals[:_RIVALS]:
        words = ", ".join(rival.tried.changed) or "as stated"
        made.add_row(str(rival.tried.right), str(len(rival.tried.hits)), f"{rival.p_value:.2g}", words)
    out.print(made)
    if races.alike:
        out.print(f"  {len(races.alike)} of those that saw all cannot be told from the best: their p is above 0.05.")
    out.print()


_RIVALS = 12
"""rows of a search that are shown"""


def _indented(label: str, text: str) -> str:
    """A label and a text that wraps beside it."""
    import textwrap

    head, width = f"  {label:<12} ", console().width
    return textwrap.fill(text, width, initial_indent=head, subsequent_indent=" " * len(head), break_on_hyphens=False)


def _possible(trial: Trial) -> str:
    """What the images seen allow of the validation set."""
    if trial.whole:
        return "exact: all images of the validation set were seen, and nothing is left to chance"
    return f"p = {trial.p_value:.2g}; of the validation set {_between(trial.possible)} may be right"


def _between(counts: Counts) -> str:
    return f"{counts.least:,}" if counts.least == counts.most else f"{counts.least:,} to {counts.most:,}"


def _show_paired(pair: Paired) -> None:
    """Print where two networks part: on how many images, and on which classes most."""
    out = console()
    out.print(f"against {pair.source} (the second), image by image", style="bold")
    rows = [
        ("both right", f"{pair.both:,} of {pair.images:,}; neither {pair.neither:,}"),
        ("only one", f"{pair.first_only:,} only the first, {pair.second_only:,} only the second"),
        ("same answer", f"{pair.same_answer:,}, {100 * pair.same_answer / pair.images:.2f} %"),
        ("equally good", f"p = {pair.p_value:.2g} (McNemar, exact)"),
    ]
    if pair.unpaired:
        rows.append(("left out", f"{pair.unpaired:,} images that only one of them has"))
    for label, value in rows:
        out.print(_indented(label, value))
    gains, losses = [gap for gap in pair.classes if gap.gain > 0], [gap for gap in pair.classes if gap.gain < 0]
    made = table(
        ("class", "right"),
        ("called", "left"),
        ("images", "right"),
        ("first", "right"),
        ("second", "right"),
        ("gain", "right"),
    )
    for gap in [*gains[:_CLASSES], *losses[-_CLASSES:]]:
        called = imagenet.words(gap.number)
        made.add_row(str(gap.number), called, *map(str, (gap.images, gap.first, gap.second)), f"{gap.gain:+}")
    if pair.classes:
        out.print(f"  {len(gains)} classes gain and {len(losses)} lose; the most:")
        out.print(made)


_CLASSES = 5
"""how many of the classes that gain, and of those that lose, are shown"""
