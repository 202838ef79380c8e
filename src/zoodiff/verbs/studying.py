"""The verbs that study whole zoos: `audit`, `reproduce`."""

from __future__ import annotations

from pathlib import Path

import click

from zoodiff.verb import (
    PATH,
    Many,
    argument,
    note,
    print_json,
    verb,
    with_json,
    with_quiet,
    with_strict,
)


@verb(epilog="Example: zoodiff audit resnet50")
@argument("architectures", metavar="[ARCH...]", nargs=-1, about="Only these; one screen each.")
@click.option("--zoo", multiple=True, help="Only this zoo; may be repeated.")
@click.option("--as-of", help="Claims in force on that day (YYYY-MM-DD).")
@click.option("--latency", "times", type=PATH, metavar="F", help="Times of a saved bench, not those that come with it.")
@click.option("--out", type=PATH, help="Folder for the report; with --quiet nothing is printed.")
@with_json
@with_strict
@with_quiet
def audit(
    architectures: Many,
    zoo: Many,
    as_of: str | None,
    times: Path | None,
    out: Path | None,
    as_json: bool,
    strict: bool,
    quiet: bool,
) -> int:
    """Compare the models that bear one name: claims, cost, parameters, input, and which are the same network."""
    from zoodiff.showing import report
    from zoodiff.showing.progress import Counter
    from zoodiff.survey.compare import audit as audited
    from zoodiff.timing import latency

    bench = latency.load(times) if times else None
    with Counter("models measured", quiet=quiet) as counter:
        study = audited(architectures or (), zoo or (), as_of, counter.tell, times=bench)
    if as_json:
        print_json(report.document(study))
    elif not (quiet and out):
        report.show(study)
    if out is not None:
        with Counter("differences drawn", quiet=quiet) as counter:
            written = report.write(study, out, counter.tell)
        note(f"wrote {len(written)} files; the report begins at {out / 'index.html'}", quiet=quiet)
    return int(strict and report.found(study))


@verb(epilog="Example: zoodiff reproduce acc-max flop-squeeze")
@argument("statements", metavar="[STATEMENT...]", nargs=-1, about="Only these, with the evidence.")
@click.option("--as-of", help="Claims in force on that day (default: the study's).")
@click.option("--out", type=PATH, help="Folder for the page; with --quiet nothing is printed.")
@with_json
@with_strict
@with_quiet
def reproduce(statements: Many, as_of: str | None, out: Path | None, as_json: bool, strict: bool, quiet: bool) -> int:
    """Answer each statement of the 2022 study from the tool's own numbers: the same, or different and why."""
    from zoodiff.showing import report
    from zoodiff.showing.progress import Counter
    from zoodiff.survey.reproduce import document
    from zoodiff.survey.reproduce import reproduce as reproduced

    with Counter("models measured", quiet=quiet) as counter:
        found = reproduced(statements or (), as_of, progress=counter.tell)
    if as_json:
        print_json(document(found))
    elif not (quiet and out):
        report.show_reproduction(found, evidence=bool(statements))
    if out is not None:
        for path in report.publish(found, out):
            note(f"wrote {path}", quiet=quiet)
    return int(strict and any(one.status != "same" for one in found.statements))
