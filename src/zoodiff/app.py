"""The command line: each verb reads its arguments, asks the library, and hands the answer to a view."""

from __future__ import annotations

import json
import os
import platform
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer

from zoodiff import __version__
from zoodiff.fault import Refusal

app = typer.Typer(
    name="zoodiff",
    help="Same name, same network? Measures and compares pre-trained neural networks across model zoos.",
    epilog="Start with: zoodiff audit resnet50",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
LATER = ("history", "check")
"""Verbs whose names are taken; this version does not have them."""

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on standard output, all else on error.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress and no notes on standard error.")]
Strict = Annotated[bool, typer.Option("--strict", help="Exit 1 if something was skipped or found.")]


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; no error leaves as a traceback unless --debug is given."""
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    as_json = "--json" in arguments
    command = typer.main.get_command(app)
    try:
        if arguments and arguments[0] in LATER:
            raise Refusal(f"{arguments[0]!r} is not in this version", "See: zoodiff --help")
        code = command.main(arguments, prog_name="zoodiff", standalone_mode=False) or 0
        if code == 130:  # newer versions of typer turn Ctrl-C into this code, and say nothing
            raise KeyboardInterrupt
        return code
    except Refusal as refusal:
        if debug:
            traceback.print_exc()
        print(f"error: {refusal}", file=sys.stderr)
        if as_json:
            reference = _reference(command, arguments)
            error = {"ref": reference, "error": refusal.message, "hint": refusal.hint}
            _print_json({"format": 1, "kind": "error", **error})
        return 2
    except (KeyboardInterrupt, typer.Abort):
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        raise
    except Exception as error:
        show = getattr(error, "show", None)
        if show is not None:  # a usage error of the command-line library: it knows how to show itself
            show()
            return int(getattr(error, "exit_code", 2))
        if debug:
            raise
        _confess(error, arguments)
        return 3


def _reference(command: Any, arguments: list[str]) -> str | None:
    """The first argument that is no option's value: what the command was about; None where there is none."""
    verb = command.commands.get(arguments[0])
    if verb is None:
        return None
    with verb.make_context(arguments[0], arguments[1:], resilient_parsing=True) as context:
        values = [context.params[p.name] for p in verb.params if p.param_type_name == "argument"]
    first = values[0] if values else None
    if isinstance(first, list | tuple):
        first = first[0] if first else None
    return None if first is None else str(first)


def _confess(error: Exception, arguments: list[str]) -> None:
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
    print(f"error: this is a fault of zoodiff, not yours: {type(error).__name__}: {error}", file=sys.stderr)
    print(f"Its log is in {path}; please paste it into an issue. --debug shows it here.", file=sys.stderr)


def _print_json(document: Any) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")


def _note(text: str, *, quiet: bool) -> None:
    if not quiet:
        print(text, file=sys.stderr)


@app.callback(invoke_without_command=True)
def _main(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        print(f"zoodiff {__version__}")
        raise typer.Exit


@app.command(epilog="Example: zoodiff measure torchvision:resnet50 model.onnx --by op --input 1x3x299x299")
def measure(
    models: Annotated[list[str], typer.Argument(metavar="MODEL...", help="ZOO:MODEL[/WEIGHTS][@VERSION], or a file.")],
    by: Annotated[str, typer.Option(help="Rows to show: op, layer or block.")] = "op",
    sizes: Annotated[
        list[str] | None, typer.Option("--input", help="Another input, as [NAME=]1x3x224x224; may be repeated.")
    ] = None,
    as_json: Json = False,
    strict: Strict = False,
    quiet: Quiet = False,
) -> int:
    """Count multiply-accumulates, operations, parameters and memory, without reading weights."""
    from zoodiff.measurement import PARTS, Measurement, document
    from zoodiff.measurement import measure as measured

    if by not in PARTS:
        raise Refusal(f"--by {by!r}: there is no such part", f"Choose one of: {', '.join(PARTS)}")
    inputs = dict(_parse_size(text) for text in sizes or ())
    if len(models) == 1:
        results: list[Measurement | tuple[str, Refusal]] = [measured(models[0], inputs)]
    else:
        results = []
        for ref in models:
            try:
                results.append(measured(ref, inputs))
            except Refusal as refusal:
                results.append((ref, refusal))
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
    if not dims or min(dims) < 1 or (separator and not name):
        raise Refusal(f"--input {text!r} is no size", "Write it as 1x3x224x224, or NAME=1x3x224x224.")
    return name, dims


@app.command(epilog="Example: zoodiff diff torchvision:resnet50 keras:ResNet50")
def diff(
    left: Annotated[str, typer.Argument(metavar="A", help="ZOO:MODEL[/WEIGHTS][@VERSION], or a file.")],
    right: Annotated[str, typer.Argument(metavar="B", help="The other network.")],
    sizes: Annotated[
        list[str] | None, typer.Option("--input", help="Compare both at this input, as [NAME=]1x3x224x224.")
    ] = None,
    prove: Annotated[
        bool, typer.Option("--prove", help="Also run both on the same random weights (needs onnxruntime).")
    ] = False,
    side_by_side: Annotated[
        bool, typer.Option("--side-by-side", help="Print the networks in facing columns, also beyond a screenful.")
    ] = False,
    svg: Annotated[Path | None, typer.Option("--svg", help="Draw both networks side by side in this file.")] = None,
    html: Annotated[Path | None, typer.Option("--html", help="The same as one page to step through.")] = None,
    as_json: Json = False,
    strict: Strict = False,
    quiet: Quiet = False,
) -> int:
    """Compare two networks by structure: root causes, and what each has of the gap in cost."""
    from zoodiff import report, screen
    from zoodiff.difference import diff as compared
    from zoodiff.difference import document

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
def identify(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="ZOO:MODEL[/WEIGHTS][@VERSION], or a file.")],
    as_json: Json = False,
    strict: Strict = False,
) -> int:
    """Tell which known architecture a network is, whatever it is called."""
    from zoodiff import screen
    from zoodiff.identify import document
    from zoodiff.identify import identify as identified

    identification = identified(model)
    if as_json:
        _print_json(document(identification))
    else:
        screen.show_identification(identification)
    return int(strict and identification.verdict in ("mislabelled", "unknown"))


@app.command(epilog="Example: zoodiff conform torchvision:resnet50")
def conform(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="ZOO:MODEL[/WEIGHTS][@VERSION], or a file.")],
    paper: Annotated[
        str | None, typer.Option("--paper", metavar="P", help="A paper's network or id, as `list papers` shows them.")
    ] = None,
    as_json: Json = False,
    strict: Strict = False,
) -> int:
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
def list_(
    room: Annotated[
        str, typer.Argument(metavar="ROOM", help="zoos, models, readers, costs, passes, rules, papers, ...")
    ],
    which: Annotated[str | None, typer.Argument(metavar="[ZOO]", help="With models: only this zoo's.")] = None,
    as_json: Json = False,
) -> None:
    """List what there is: zoos, their models, readers, costs, passes, rules, papers, statements, views."""
    from zoodiff import screen

    rows = screen.listing(room, which)
    if as_json:
        _print_json({"format": 1, "kind": "listing", "room": room, "entries": rows})
    else:
        screen.show_listing(room, rows)


@app.command(epilog="Example: zoodiff explain claim-spread")
def explain(name: Annotated[str, typer.Argument(metavar="ID", help="A unit's id, as `list` shows it.")]) -> None:
    """Say what a rule, zoo, reader, cost, pass, paper, statement or view is, why it matters and what to do."""
    from zoodiff import screen

    screen.show_explanation(name)


@app.command(epilog="Example: zoodiff audit resnet50")
def audit(
    architectures: Annotated[
        list[str] | None, typer.Argument(metavar="[ARCH...]", help="Only these; one screen each.")
    ] = None,
    zoo: Annotated[list[str] | None, typer.Option("--zoo", help="Only this zoo; may be repeated.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Claims in force on that day (YYYY-MM-DD).")] = None,
    times: Annotated[
        Path | None, typer.Option("--latency", metavar="F", help="Hold cost against the times of a saved bench.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the report: pages, figures, tables.")] = None,
    as_json: Json = False,
    strict: Strict = False,
    quiet: Quiet = False,
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
def reproduce(
    statements: Annotated[
        list[str] | None, typer.Argument(metavar="[STATEMENT...]", help="Only these, with the evidence.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Claims in force on that day (default: the study's).")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the page, its tables and figures.")] = None,
    as_json: Json = False,
    strict: Strict = False,
    quiet: Quiet = False,
) -> int:
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
def claims(
    model: Annotated[str, typer.Argument(metavar="MODEL|ARCH", help="ZOO:MODEL, or an architecture's name.")],
    as_of: Annotated[str | None, typer.Option("--as-of", help="As of that day (YYYY-MM-DD).")] = None,
    as_json: Json = False,
) -> None:
    """Show every claim with its source and date, and which one tables use, and why."""
    from zoodiff import screen
    from zoodiff.compare import claims_of

    told = claims_of(model, as_of)
    if as_json:
        _print_json(screen.claims_document(told))
    else:
        screen.show_claims(told)


@app.command(epilog="Example: zoodiff verify torchvision:resnet50/IMAGENET1K_V1 --predictions top5.npz")
def verify(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="ZOO:MODEL[/WEIGHTS][@VERSION], or a file.")],
    predictions: Annotated[
        Path | None, typer.Option("--predictions", metavar="F", help="Its top-5 classes and labels: npz, parquet, csv.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="D", help="Labelled images: run the model on them.")
    ] = None,
    weights: Annotated[
        Path | None, typer.Option("--weights-file", metavar="F", help="With --data: the file of a zoo's model.")
    ] = None,
    like: Annotated[
        str | None, typer.Option("--like", metavar="REF", help="With --data: the published model that a file is.")
    ] = None,
    metric: Annotated[str, typer.Option(help="The accuracy to test: acc@1 or acc@5.")] = "acc@1",
    labels: Annotated[
        Path | None, typer.Option("--labels", metavar="F", help="Other labels, as ReaL's real.json.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="F", help="Another model's predictions on the same images.")
    ] = None,
    claim: Annotated[str | None, typer.Option("--claim", help="Test this percentage, not the zoo's claim.")] = None,
    as_of: Annotated[str | None, typer.Option("--as-of", help="The claim in force on that day (YYYY-MM-DD).")] = None,
    established: Annotated[
        bool,
        typer.Option("--established", help="Weights, preprocessing and images are the claim's: a miss refutes it."),
    ] = False,
    margin: Annotated[str, typer.Option(help="Percentage points off the claim at which it still holds.")] = "0",
    budget: Annotated[int | None, typer.Option(help="With --data: at most so many images, drawn at random.")] = None,
    whole: Annotated[
        bool, typer.Option("--all", help="With --data: all images, also when the claim is decided.")
    ] = False,
    search: Annotated[
        bool | None,
        typer.Option("--search/--no-search", help="Look for a preprocessing that explains it (default: after a miss)."),
    ] = None,
    broken: Annotated[
        int | None, typer.Option("--broken", help="How many images may be broken (default: 0.1 %).")
    ] = None,
    log: Annotated[Path | None, typer.Option("--log", help="Where answers are kept; the same command resumes.")] = None,
    as_json: Json = False,
    strict: Strict = False,
    quiet: Quiet = False,
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

        _only_with("--data", {"--weights-file": weights, "--like": like, "--budget": budget, "--log": log})
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
def bench(
    models: Annotated[
        list[str] | None, typer.Argument(metavar="[MODEL...]", help="ZOO:MODEL[/WEIGHTS][@VERSION], or a file.")
    ] = None,
    sizes: Annotated[
        list[str] | None, typer.Option("--input", help="Another input, as [NAME=]1x3x224x224; may be repeated.")
    ] = None,
    batch: Annotated[int | None, typer.Option("--batch", min=1, help="Images at a time.")] = None,
    threads: Annotated[int, typer.Option("--threads", min=1, help="Threads, each bound to a processor.")] = 1,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="How often the models take turns.")] = 10,
    runs: Annotated[
        int | None, typer.Option("--runs", min=1, help="Timed runs a round (default: half a second's, 3 to 200).")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the order of turns, and of the inputs.")] = 0,
    random: Annotated[
        bool, typer.Option("--random", help="Random weights also for a file that holds its own.")
    ] = False,
    saved: Annotated[
        Path | None, typer.Option("--from", metavar="F", help="Show a saved bench; times nothing.")
    ] = None,
    against: Annotated[
        Path | None, typer.Option("--against", metavar="F", help="Compare with a saved bench of this machine.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="F", help="Save all times in this file, as JSON.")
    ] = None,
    as_json: Json = False,
    strict: Strict = False,
    quiet: Quiet = False,
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
def gather(
    zoo: Annotated[str, typer.Argument(metavar="ZOO[==VERSION]", help="A zoo's id, as `list zoos` shows it.")],
    only: Annotated[list[str] | None, typer.Option("--only", help="Only this model; may be repeated.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Folder for the snapshot (default: your own).")] = None,
    as_json: Json = False,
    strict: Strict = False,
    quiet: Quiet = False,
) -> int:
    """Build a snapshot from a zoo's own release, in an environment of its own."""
    from zoodiff import screen
    from zoodiff.gather import gather as gathered
    from zoodiff.progress import Steps

    name, _, version = zoo.partition("==")
    with Steps(quiet=quiet) as steps:
        snapshot = gathered(name, version or None, only=only, root=out, progress=steps.tell)
    if as_json:
        _print_json(screen.snapshot_document(snapshot))
    else:
        screen.show_snapshot(snapshot)
    return int(strict and any(model.graph_missing for model in snapshot))
