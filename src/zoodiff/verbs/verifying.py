"""The verb that puts a claim to the test: `verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zoodiff.fault import Refusal
from zoodiff.verb import (
    PATH,
    REFERENCE,
    argument,
    note,
    print_json,
    verb,
    with_json,
    with_quiet,
    with_strict,
)


@verb(epilog="Example: zoodiff verify torchvision:resnet50/IMAGENET1K_V1 --predictions top5.npz")
@argument("model", metavar="MODEL", about=REFERENCE)
@click.option("--predictions", type=PATH, metavar="F", help="Its top-5 classes and labels: npz, parquet, csv.")
@click.option("--data", type=PATH, metavar="D", help="Labelled images: run the model on them.")
@click.option("--weights-file", "weights", type=PATH, metavar="F", help="With --data: the file of a zoo's model.")
@click.option("--download", is_flag=True, help="With --data: have the zoo's own code fetch the weights.")
@click.option("--like", metavar="REF", help="With --data: the published model that a file is.")
@click.option("--metric", default="acc@1", help="The accuracy to test: acc@1 or acc@5.")
@click.option("--labels", type=PATH, metavar="F", help="Other labels, as ReaL's real.json.")
@click.option("--against", type=PATH, metavar="F", help="Another model's predictions on the same images.")
@click.option("--claim", help="Test this percentage, not the zoo's claim.")
@click.option("--as-of", help="The claim in force on that day (YYYY-MM-DD).")
@click.option(
    "--established", is_flag=True, help="Weights, preprocessing and images are the claim's: a miss refutes it."
)
@click.option("--margin", default="0", help="Percentage points off the claim at which it still holds.")
@click.option("--budget", type=int, help="With --data: at most so many images, drawn at random.")
@click.option("--all", "whole", is_flag=True, help="With --data: all images, also when the claim is decided.")
@click.option(
    "--search/--no-search", default=None, help="Look for a preprocessing that explains it (default: after a miss)."
)
@click.option("--broken", type=int, help="How many images may be broken (default: 0.1 %).")
@click.option("--log", type=PATH, help="Where answers are kept; the same command resumes.")
@with_json
@with_strict
@with_quiet
def verify(
    model: str,
    predictions: Path | None,
    data: Path | None,
    weights: Path | None,
    download: bool,
    like: str | None,
    metric: str,
    labels: Path | None,
    against: Path | None,
    claim: str | None,
    as_of: str | None,
    established: bool,
    margin: str,
    budget: int | None,
    whole: bool,
    search: bool | None,
    broken: int | None,
    log: Path | None,
    as_json: bool,
    strict: bool,
    quiet: bool,
) -> int:
    """Put a claimed accuracy to the test on labelled images: exact, with what a miss may come from."""
    if (predictions is None) == (data is None):
        what = "what the model answered (--predictions F) or images to run it on (--data D)"
        raise Refusal(f"verify needs {what}" + (", not both" if data else ""), "See: zoodiff verify --help")
    tested = {"metric": metric, "claim": claim, "as_of": as_of, "margin": margin}
    if predictions is not None:
        from zoodiff.accuracy.predictions import Predictions
        from zoodiff.accuracy.verdict import GROUNDS
        from zoodiff.showing.verified import show_verification
        from zoodiff.survey.verify import document
        from zoodiff.survey.verify import verify as verified

        _only_with(
            "--data",
            {
                "--weights-file": weights,
                "--download": download or None,
                "--like": like,
                "--budget": budget,
                "--log": log,
            },
        )
        found = verified(
            model,
            Predictions.read(predictions, labels),
            established=GROUNDS if established else (),
            against=None if against is None else Predictions.read(against, labels),
            **tested,  # type: ignore[arg-type]
        )
        if as_json:
            print_json(document(found))
        else:
            show_verification(found)
        return int(strict and found.verdict != "holds")
    _only_with("--predictions", {"--labels": labels, "--against": against, "--established": established or None})
    return _verify_by_running(
        model,
        {
            "data": data,
            "weights": weights,
            "fetching": download,
            "like": like,
            "budget": budget,
            "whole": whole,
            "searching": search,
            "broken": broken,
            "log": log,
            **tested,
        },
        as_json,
        strict,
        quiet,
    )


def _only_with(option: str, others: dict[str, Any]) -> None:
    given = [name for name, value in others.items() if value is not None]
    if given:
        raise Refusal(f"{', '.join(given)} can only be given with {option}", "See: zoodiff verify --help")


def _verify_by_running(model: str, options: dict[str, Any], as_json: bool, strict: bool, quiet: bool) -> int:
    from zoodiff.showing.progress import Counter
    from zoodiff.showing.verified import show_experiment
    from zoodiff.validation.experiment import document, experiment

    try:
        with Counter("images", quiet=quiet) as counter:
            found = experiment(model, tell=counter.tell, **options)
    except KeyboardInterrupt:
        note("What the model answered so far is kept: the same command goes on from there.", quiet=quiet)
        raise
    if as_json:
        print_json(document(found))
    else:
        show_experiment(found)
    return int(strict and found.verification.verdict != "holds")
