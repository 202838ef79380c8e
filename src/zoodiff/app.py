"""The command line: each verb reads its arguments, asks the library, and hands the answer to a view."""

from __future__ import annotations

import errno
import json
import re
import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from zoodiff import __version__
from zoodiff.fault import Refusal, plain

LATER = ("history", "check")
"""Verbs whose names are taken; this version does not have them."""

Many = tuple[str, ...]
PATH = click.Path(path_type=Path)
POSITIVE = click.IntRange(min=1)
REFERENCE = "ZOO:MODEL[/WEIGHTS][@VERSION], or a file."


class Argument(click.Argument):
    """An argument that says in the help of its verb what it is about."""

    def __init__(self, *declarations: Any, about: str, **settings: Any) -> None:
        super().__init__(*declarations, **settings)
        self.about = about


class Verb(click.Command):
    """A command whose help explains its arguments above its options."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what is known of each."""
        with formatter.section("Arguments"):
            formatter.write_dl([(str(p.metavar), p.about) for p in self.params if isinstance(p, Argument)])
        super().format_options(ctx, formatter)


class Verbs(click.Group):
    """The verbs in the order in which they are defined, which is that in which one meets them; click sorts them."""

    command_class = Verb

    def list_commands(self, _: click.Context) -> list[str]:
        """Name all verbs, in that order."""
        return list(self.commands)


argument = partial(click.argument, cls=Argument)
with_input = click.option(
    "--input", "sizes", multiple=True, help="Another input, as [NAME=]1x3x224x224; may be repeated."
)
with_json = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON document on standard output, all else on error."
)
with_strict = click.option("--strict", is_flag=True, help="Exit 1 if something was skipped or found.")
with_quiet = click.option("--quiet", is_flag=True, help="No progress and no notes on standard error.")


@click.group(
    cls=Verbs,
    epilog="Start with: zoodiff audit resnet50",
    no_args_is_help=True,
    context_settings={"show_default": True},
)
@click.version_option(__version__, message="zoodiff %(version)s", help="Print the version.")
def app() -> None:
    """Same name, same network? Measures and compares pre-trained neural networks across model zoos."""


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; no error leaves as a traceback unless --debug is given."""
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    as_json = "--json" in arguments
    try:
        if arguments and arguments[0] in LATER:
            raise Refusal(f"{arguments[0]!r} is not in this version", "See: zoodiff --help")
        return _invoke(arguments)
    except click.exceptions.Exit as done:
        return done.exit_code
    except Refusal as refusal:
        if debug:
            import traceback

            traceback.print_exc()
        print(f"error: {refusal}", file=sys.stderr)
        if as_json:
            error = {"ref": _reference(arguments), "error": refusal.message, "hint": refusal.hint}
            _print_json({"format": 1, "kind": "error", **error})
        return 2
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except click.ClickException as error:  # a usage error, which knows how to show itself
        error.show()
        return error.exit_code
    except Exception as error:
        if debug or isinstance(error, BrokenPipeError):
            raise
        _confess(error, arguments)
        return 3


def _invoke(arguments: list[str]) -> int:
    try:
        # Not `app.main`: it has its own ways with Ctrl-C and a closed pipe.
        with app.make_context("zoodiff", arguments.copy()) as context:
            return app.invoke(context) or 0
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        hint = "Free some space, and run it again. Files for the time of a run are put where TMPDIR says."
        raise Refusal(f"the disk is full: {error}", hint) from error


def _reference(arguments: list[str]) -> str | None:
    """The first argument that is no option's value: what the command was about; None where there is none."""
    verb = app.commands.get(arguments[0])
    if verb is None:
        return None
    with verb.make_context(arguments[0], arguments[1:], resilient_parsing=True) as context:
        values = [context.params[p.name] for p in verb.params if p.param_type_name == "argument"]
    first = values[0] if values else None
    if isinstance(first, list | tuple):
        first = first[0] if first else None
    return None if first is None else str(first)


def _confess(error: Exception, arguments: list[str]) -> None:
    import os
    import platform
    import tempfile
    import traceback

    report = "\n".join(
        [
            f"zoodiff {__version__}, Python {platform.python_version()}, {platform.platform()}",
            f"arguments: {arguments}",
            "".join(traceback.format_exception(error)),
        ]
    )
    handle, path = tempfile.mkstemp(prefix="zoodiff-fault-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(report)
    print(f"error: this is a fault of zoodiff, not yours: {type(error).__name__}: {plain(str(error))}", file=sys.stderr)
    print(f"Its log is in {path}; please paste it into an issue. --debug shows it here.", file=sys.stderr)


def _print_json(document: Any) -> None:
    text = json.dumps(document, ensure_ascii=False)
    # JSON leaves these as they are, and terminals obey some
    sys.stdout.write(re.sub("[\x7f-\x9f]", lambda found: f"\\u{ord(found[0]):04x}", text) + "\n")


def _note(text: str, *, quiet: bool) -> None:
    if not quiet:
        print(text, file=sys.stderr)


@app.command(epilog="Example: zoodiff measure torchvision:resnet50 model.onnx --by op --input 1x3x299x299")
@argument("models", metavar="MODEL...", nargs=-1, required=True, about=REFERENCE)
@click.option("--by", default="op", help="Rows to show: op, layer or block.")
@with_input
@with_json
@with_strict
@with_quiet
def measure(models: Many, by: str, sizes: Many, as_json: bool, strict: bool, quiet: bool) -> int:
    """Count multiply-accumulates, operations, parameters and memory, without reading weights."""
    from zoodiff import batch
    from zoodiff.measurement import PARTS, Measurement, document
    from zoodiff.progress import Counter

    if by not in PARTS:
        raise Refusal(f"--by {by!r}: there is no such part", f"Choose one of: {', '.join(PARTS)}")
    inputs = dict(_parse_size(text) for text in sizes or ())
    results: list[Measurement | tuple[str, Refusal]] = []
    asked = [(model, inputs) for model in models]
    with Counter("measuring", quiet=quiet or len(models) == 1) as counter, batch.workers(None, len(models)) as executor:
        for ref, one in zip(models, batch.measured(asked, executor, parts=by != "op"), strict=True):
            if isinstance(one, Refusal) and len(models) == 1:
                raise one
            results.append((ref, one) if isinstance(one, Refusal) else one)
            counter.tell(len(results), len(models), ref)
    failed = [result for result in results if isinstance(result, tuple)]
    if as_json:
        documents = [
            {"ref": r[0], "error": r[1].message, "hint": r[1].hint} if isinstance(r, tuple) else document(r, by)
            for r in results
        ]
        many = {"format": 1, "kind": "measurements", "measurements": documents}
        _print_json(documents[0] if len(models) == 1 else many)
    for result in results:
        if isinstance(result, tuple):
            _note(f"error: {result[1]}", quiet=quiet and as_json)
        elif not as_json:
            from zoodiff import screen

            screen.show_measurement(result, by)
    if failed:
        return 2
    return int(strict and any(not r.counts.complete for r in results if isinstance(r, Measurement)))


def _parse_size(text: str) -> tuple[str, tuple[int, ...]]:
    name, separator, size = text.rpartition("=")
    try:
        dims = tuple(int(part) for part in size.replace(",", "x").split("x"))
    except ValueError:
        dims = ()
    if not dims or min(dims) < 1 or max(dims) >= 1 << 63 or (separator and not name):
        raise Refusal(f"--input {text!r} is no size", "Write it as 1x3x224x224, or NAME=1x3x224x224.")
    return name, dims


@app.command(epilog="Example: zoodiff diff torchvision:resnet50 keras:ResNet50")
@argument("left", metavar="A", about=REFERENCE)
@argument("right", metavar="B", about="The other network.")
@click.option("--input", "sizes", multiple=True, help="Compare both at this input, as [NAME=]1x3x224x224.")
@click.option("--prove", is_flag=True, help="Also run both on the same random weights (needs onnxruntime).")
@click.option("--side-by-side", is_flag=True, help="Print the networks in facing columns, also beyond a screenful.")
@click.option("--svg", type=PATH, help="Draw both networks side by side in this file.")
@click.option("--html", type=PATH, help="The same as one page to step through.")
@with_json
@with_strict
@with_quiet
def diff(
    left: str,
    right: str,
    sizes: Many,
    prove: bool,
    side_by_side: bool,
    svg: Path | None,
    html: Path | None,
    as_json: bool,
    strict: bool,
    quiet: bool,
) -> int:
    """Compare two networks by structure: root causes, and what each has of the gap in cost."""
    from zoodiff import report, screen
    from zoodiff.difference import document
    from zoodiff.diffing import diff as compared

    difference = compared(left, right, dict(_parse_size(text) for text in sizes or ()), proven=prove)
    if as_json:
        _print_json(document(difference))
    else:
        screen.show_difference(difference)
        report.show_side_by_side(difference, whole=side_by_side)
    for kind, path in (("svg", svg), ("html", html)):
        if path is not None:
            report.draw(difference, kind, path)
            _note(f"wrote {path}", quiet=quiet)
    return int(strict and not difference.identical)


@app.command(epilog="Example: zoodiff identify model.onnx")
@argument("model", metavar="MODEL", about=REFERENCE)
@with_json
@with_strict
def identify(model: str, as_json: bool, strict: bool) -> int:
    """Tell which known architecture a network is, whatever it is called."""
    from zoodiff import screen
    from zoodiff.identification import document
    from zoodiff.identify import identify as identified

    identification = identified(model)
    if as_json:
        _print_json(document(identification))
    else:
        screen.show_identification(identification)
    return int(strict and identification.verdict in ("mislabelled", "unknown"))


@app.command(epilog="Example: zoodiff conform torchvision:resnet50")
@argument("model", metavar="MODEL", about=REFERENCE)
@click.option("--paper", metavar="P", help="A paper's network or id, as `list papers` shows them.")
@with_json
@with_strict
def conform(model: str, paper: str | None, as_json: bool, strict: bool) -> int:
    """Hold a model against its origin paper: what deviates, and what the paper leaves open."""
    from zoodiff import screen
    from zoodiff.conform import CONFORMS, document
    from zoodiff.conform import conform as conformed

    conformance = conformed(model, paper)
    if as_json:
        _print_json(document(conformance))
    else:
        screen.show_conformance(conformance)
    return int(strict and conformance.verdict != CONFORMS)


@app.command("list", epilog="Example: zoodiff list models torchvision")
@argument("room", metavar="ROOM", about="zoos, models, readers, costs, passes, rules, papers, ...")
@argument("which", metavar="[ZOO]", required=False, about="With models: only this zoo's.")
@with_json
def list_(room: str, which: str | None, as_json: bool) -> None:
    """List what there is: zoos, their models, readers, costs, passes, rules, papers, statements, views."""
    from zoodiff import screen

    rows = screen.listing(room, which)
    if as_json:
        _print_json({"format": 1, "kind": "listing", "room": room, "entries": rows})
    else:
        screen.show_listing(room, rows)


@app.command(epilog="Example: zoodiff explain claim-spread")
@argument("name", metavar="ID", about="A unit's id, as `list` shows it.")
def explain(name: str) -> None:
    """Say what a rule, zoo, reader, cost, pass, paper, statement or view is, why it matters and what to do."""
    from zoodiff import screen

    screen.show_explanation(name)


@app.command(epilog="Example: zoodiff audit resnet50")
@argument("architectures", metavar="[ARCH...]", nargs=-1, about="Only these; one screen each.")
@click.option("--zoo", multiple=True, help="Only this zoo; may be repeated.")
@click.option("--as-of", help="Claims in force on that day (YYYY-MM-DD).")
@click.option("--latency", "times", type=PATH, metavar="F", help="Times of a saved bench, not those that come with it.")
@click.option("--out", type=PATH, help="Folder for the report: pages, figures, tables.")
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
    from zoodiff import latency, report
    from zoodiff.compare import audit as audited
    from zoodiff.progress import Counter

    bench = latency.load(times) if times else None
    with Counter("models measured", quiet=quiet) as counter:
        study = audited(architectures or (), zoo or (), as_of, counter.tell, times=bench)
    if as_json:
        _print_json(report.document(study))
    elif not quiet:
        report.show(study)
    if out is not None:
        with Counter("differences drawn", quiet=quiet) as counter:
            written = report.write(study, out, counter.tell)
        _note(f"wrote {len(written)} files; the report begins at {out / 'index.html'}", quiet=quiet)
    return int(strict and report.found(study))


@app.command(epilog="Example: zoodiff reproduce acc-max flop-squeeze")
@argument("statements", metavar="[STATEMENT...]", nargs=-1, about="Only these, with the evidence.")
@click.option("--as-of", help="Claims in force on that day (default: the study's).")
@click.option("--out", type=PATH, help="Folder for the page, its tables and figures.")
@with_json
@with_strict
@with_quiet
def reproduce(statements: Many, as_of: str | None, out: Path | None, as_json: bool, strict: bool, quiet: bool) -> int:
    """Answer each statement of the 2022 study from the tool's own numbers: the same, or different and why."""
    from zoodiff import report
    from zoodiff.progress import Counter
    from zoodiff.reproduce import document
    from zoodiff.reproduce import reproduce as reproduced

    with Counter("models measured", quiet=quiet) as counter:
        found = reproduced(statements or (), as_of, progress=counter.tell)
    if as_json:
        _print_json(document(found))
    elif not quiet:
        report.show_reproduction(found, evidence=bool(statements))
    if out is not None:
        for path in report.publish(found, out):
            _note(f"wrote {path}", quiet=quiet)
    return int(strict and any(one.status != "same" for one in found.statements))


@app.command(epilog="Example: zoodiff claims keras:ResNet50V2")
@argument("model", metavar="MODEL|ARCH", about="ZOO:MODEL, or an architecture's name.")
@click.option("--as-of", help="As of that day (YYYY-MM-DD).")
@with_json
def claims(model: str, as_of: str | None, as_json: bool) -> None:
    """Show every claim with its source and date, and which one tables use, and why."""
    from zoodiff import screen
    from zoodiff.compare import claims_of

    if Path(model).suffix and Path(model).exists():
        raise Refusal(f"{model!r} is a file; claims are of published models", f"See: zoodiff identify {model}")
    told = claims_of(model, as_of)
    if as_json:
        _print_json(screen.claims_document(told))
    else:
        screen.show_claims(told)


@app.command(epilog="Example: zoodiff verify torchvision:resnet50/IMAGENET1K_V1 --predictions top5.npz")
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
    from zoodiff import screen

    if (predictions is None) == (data is None):
        what = "what the model answered (--predictions F) or images to run it on (--data D)"
        raise Refusal(f"verify needs {what}" + (", not both" if data else ""), "See: zoodiff verify --help")
    tested = {"metric": metric, "claim": claim, "as_of": as_of, "margin": margin}
    if predictions is not None:
        from zoodiff.predictions import Predictions
        from zoodiff.verdict import GROUNDS
        from zoodiff.verify import document
        from zoodiff.verify import verify as verified

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
            _print_json(document(found))
        else:
            screen.show_verification(found)
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
    from zoodiff import screen
    from zoodiff.experiment import document, experiment
    from zoodiff.progress import Counter

    try:
        with Counter("images", quiet=quiet) as counter:
            found = experiment(model, tell=counter.tell, **options)
    except KeyboardInterrupt:
        _note("What the model answered so far is kept: the same command goes on from there.", quiet=quiet)
        raise
    if as_json:
        _print_json(document(found))
    else:
        screen.show_experiment(found)
    return int(strict and found.verification.verdict != "holds")


@app.command(epilog="Example: zoodiff bench torchvision:resnet50 torchvision:mobilenet_v2 model.onnx")
@argument("models", metavar="[MODEL...]", nargs=-1, about=REFERENCE)
@with_input
@click.option("--batch", type=POSITIVE, help="Images at a time.")
@click.option("--threads", type=POSITIVE, default=1, help="Threads, each bound to a processor.")
@click.option("--rounds", type=POSITIVE, default=10, help="How often the models take turns.")
@click.option("--runs", type=POSITIVE, help="Timed runs a round (default: half a second's, 3 to 200).")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="Of the order of turns, and of the inputs.")
@click.option("--random", is_flag=True, help="Random weights also for a file that holds its own.")
@click.option("--from", "saved", type=PATH, metavar="F", help="Show a saved bench; times nothing.")
@click.option("--against", type=PATH, metavar="F", help="Compare with a saved bench of this machine.")
@click.option("--out", type=PATH, metavar="F", help="Save all times in this file, as JSON.")
@with_json
@with_strict
@with_quiet
def bench(
    models: Many,
    sizes: Many,
    batch: int | None,
    threads: int,
    rounds: int,
    runs: int | None,
    seed: int,
    random: bool,
    saved: Path | None,
    against: Path | None,
    out: Path | None,
    as_json: bool,
    strict: bool,
    quiet: bool,
) -> int:
    """Time networks in onnxruntime on this machine: percentiles, with intervals, and ratios between models."""
    from zoodiff import latency, report, store
    from zoodiff import rounds as timing
    from zoodiff.progress import Counter

    if bool(models) == bool(saved):
        raise Refusal("bench takes models or a saved bench", "zoodiff bench MODEL..., or zoodiff bench --from F")
    before = latency.load(against) if against else None
    if out is not None:
        latency.writable(out)
    if saved is not None:
        found = latency.load(saved)
    else:
        settings = latency.Settings(threads=threads, rounds=rounds, runs=runs, seed=seed)
        inputs = dict(_parse_size(text) for text in sizes or ())
        with Counter("rounds", quiet=quiet) as counter:
            found = timing.bench(models or (), inputs, batch, settings, random_weights=random, progress=counter.tell)
    if not found.models and found.untimed:
        raise Refusal(f"{found.untimed[0].ref}: {found.untimed[0].reason}", found.untimed[0].hint)
    made = latency.document(found)
    since = latency.since(found, before) if before else []
    if out is not None:
        with store.writing(out), store.whole(out) as staging:
            staging.write_text(json.dumps(made, ensure_ascii=False) + "\n", encoding="utf-8")
        _note(f"wrote {out}", quiet=quiet)
    if as_json:
        _print_json(made | {"since": [{"ref": one.ref, **latency.told(ratio)} for one, ratio in since]})
    elif not quiet:
        report.show_bench(found, since)
    return int(strict and bool(found.untimed))


@app.command(epilog="Example: zoodiff gather torchvision==0.28.0")
@argument("zoo", metavar="ZOO[==VERSION]", about="A zoo's id, as `list zoos` shows it.")
@click.option("--only", multiple=True, help="Only this model; may be repeated.")
@click.option("--out", type=PATH, help="Folder for the snapshot (default: your own).")
@with_json
@with_strict
@with_quiet
def gather(zoo: str, only: Many, out: Path | None, as_json: bool, strict: bool, quiet: bool) -> int:
    """Build a snapshot from a zoo's own release, in an environment of its own."""
    from zoodiff import screen
    from zoodiff.gather import gather as gathered
    from zoodiff.progress import Steps

    name, _, version = zoo.partition("==")
    with Steps(quiet=quiet) as steps:
        snapshot = gathered(name, version or None, only=only or None, root=out, progress=steps.tell)
    if as_json:
        _print_json(screen.snapshot_document(snapshot))
    else:
        screen.show_snapshot(snapshot)
    return int(strict and any(model.graph_missing for model in snapshot))
