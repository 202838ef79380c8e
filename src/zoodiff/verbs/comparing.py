"""The verbs that hold a network against another one: `diff`, `identify`, `conform`."""

from __future__ import annotations

from pathlib import Path

import click

from zoodiff.verb import (
    PATH,
    REFERENCE,
    Many,
    argument,
    note,
    parse_size,
    print_json,
    verb,
    with_json,
    with_quiet,
    with_strict,
)


@verb(epilog="Example: zoodiff diff torchvision:resnet50 keras:ResNet50")
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
    from zoodiff.comparison.difference import document
    from zoodiff.comparison.diffing import diff as compared
    from zoodiff.showing import report
    from zoodiff.showing.compared import show_difference

    difference = compared(left, right, dict(parse_size(text) for text in sizes or ()), proven=prove)
    if as_json:
        print_json(document(difference))
    else:
        show_difference(difference)
        report.show_side_by_side(difference, whole=side_by_side)
    for kind, path in (("svg", svg), ("html", html)):
        if path is not None:
            report.draw(difference, kind, path)
            note(f"wrote {path}", quiet=quiet)
    return int(strict and not difference.identical)


@verb(epilog="Example: zoodiff identify model.onnx")
@argument("model", metavar="MODEL", about=REFERENCE)
@with_json
@with_strict
def identify(model: str, as_json: bool, strict: bool) -> int:
    """Tell which known architecture a network is, whatever it is called."""
    from zoodiff.recognition.identification import document
    from zoodiff.recognition.identify import identify as identified
    from zoodiff.showing.identified import show_identification

    identification = identified(model)
    if as_json:
        print_json(document(identification))
    else:
        show_identification(identification)
    return int(strict and identification.verdict in ("mislabelled", "unknown"))


@verb(epilog="Example: zoodiff conform torchvision:resnet50")
@argument("model", metavar="MODEL", about=REFERENCE)
@click.option("--paper", metavar="P", help="A paper's network or id, as `list papers` shows them.")
@with_json
@with_strict
def conform(model: str, paper: str | None, as_json: bool, strict: bool) -> int:
    """Hold a model against its origin paper: what deviates, and what the paper leaves open."""
    from zoodiff.showing.conformed import show_conformance
    from zoodiff.survey.conform import CONFORMS, document
    from zoodiff.survey.conform import conform as conformed

    conformance = conformed(model, paper)
    if as_json:
        print_json(document(conformance))
    else:
        show_conformance(conformance)
    return int(strict and conformance.verdict != CONFORMS)
