"""The verbs that measure networks: `measure` counts, `bench` times."""

from __future__ import annotations

import json
from pathlib import Path

import click

from zoodiff.fault import Refusal
from zoodiff.verb import (
    PATH,
    POSITIVE,
    REFERENCE,
    Many,
    argument,
    note,
    parse_size,
    print_json,
    verb,
    with_input,
    with_json,
    with_quiet,
    with_strict,
)


@verb(epilog="Example: zoodiff measure torchvision:resnet50 model.onnx --by op --input 1x3x299x299")
@argument("models", metavar="MODEL...", nargs=-1, required=True, about=REFERENCE)
@click.option("--by", default="op", help="Rows to show: op, layer or block.")
@with_input
@with_json
@with_strict
@with_quiet
def measure(models: Many, by: str, sizes: Many, as_json: bool, strict: bool, quiet: bool) -> int:
    """Count multiply-accumulates, operations, parameters and memory, without reading weights."""
    from zoodiff.reading import native

    native.start()  # it gets ready while the rest is imported
    from zoodiff.measuring import batch
    from zoodiff.measuring.measurement import PARTS, Measurement, document
    from zoodiff.showing.progress import Counter

    if by not in PARTS:
        raise Refusal(f"--by {by!r}: there is no such part", f"Choose one of: {', '.join(PARTS)}")
    inputs = dict(parse_size(text) for text in sizes or ())
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
        print_json(documents[0] if len(models) == 1 else many)
    for result in results:
        if isinstance(result, tuple):
            note(f"error: {result[1]}", quiet=quiet and as_json)
        elif not as_json:
            from zoodiff.showing.measured import show_measurement

            show_measurement(result, by)
    if failed:
        return 2
    return int(strict and any(not r.counts.complete for r in results if isinstance(r, Measurement)))


@verb(epilog="Example: zoodiff bench torchvision:resnet50 torchvision:mobilenet_v2 model.onnx")
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
@click.option("--out", type=PATH, metavar="F", help="Save all times as JSON; with --quiet nothing is printed.")
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
    from zoodiff import disk
    from zoodiff.showing import report
    from zoodiff.showing.progress import Counter
    from zoodiff.timing import latency
    from zoodiff.timing import rounds as timing

    if bool(models) == bool(saved):
        raise Refusal("bench takes models or a saved bench", "zoodiff bench MODEL..., or zoodiff bench --from F")
    before = latency.load(against) if against else None
    if out is not None:
        latency.writable(out)
    if saved is not None:
        found = latency.load(saved)
    else:
        settings = latency.Settings(threads=threads, rounds=rounds, runs=runs, seed=seed)
        inputs = dict(parse_size(text) for text in sizes or ())
        with Counter("rounds", quiet=quiet) as counter:
            found = timing.bench(models or (), inputs, batch, settings, random_weights=random, progress=counter.tell)
    if not found.models and found.untimed:
        raise Refusal(f"{found.untimed[0].ref}: {found.untimed[0].reason}", found.untimed[0].hint)
    made = latency.document(found)
    since = latency.since(found, before) if before else []
    if out is not None:
        with disk.writing(out), disk.whole(out) as staging:
            staging.write_text(json.dumps(made, ensure_ascii=False) + "\n", encoding="utf-8")
        note(f"wrote {out}", quiet=quiet)
    if as_json:
        print_json(made | {"since": [{"ref": one.ref, **latency.told(ratio)} for one, ratio in since]})
    elif not (quiet and out):
        report.show_bench(found, since)
    return int(strict and bool(found.untimed))
