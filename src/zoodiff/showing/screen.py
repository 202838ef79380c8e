"""What a person reads on a terminal: measurements, claims, lists and explanations as plain, narrow tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import msgspec

from zoodiff import fault, unit
from zoodiff.accuracy import imagenet
from zoodiff.accuracy.claim import Chosen
from zoodiff.fault import Refusal
from zoodiff.record import Unmeasured

if TYPE_CHECKING:
    from rich.console import Console
    from rich.segment import Segment
    from rich.table import Table

    from zoodiff.accuracy.evidence import Evidence
    from zoodiff.accuracy.paired import Paired
    from zoodiff.accuracy.statistics import Counts
    from zoodiff.accuracy.verdict import Trial
    from zoodiff.comparison.difference import Cause, Difference, Gap
    from zoodiff.measuring.measurement import Measurement
    from zoodiff.proof.parting import Parting
    from zoodiff.proof.prove import Equivalence
    from zoodiff.recognition.identification import Identification
    from zoodiff.record import Claim, Shape, Snapshot
    from zoodiff.survey.conform import Conformance, Judged, Number
    from zoodiff.survey.study import Told
    from zoodiff.survey.verify import Verification
    from zoodiff.validation.experiment import Experiment
    from zoodiff.validation.search import Search


@cache
def console() -> Console:
    """The terminal on standard output: colour only where it is one; 80 columns wide or as wide as it is."""
    from rich.console import Console

    class Plain(Console):
        """A console on which nothing that is printed commands the terminal, whoever wrote it."""

        def render(self, *given: Any, **options: Any) -> Iterator[Segment]:
            for segment in super().render(*given, **options):
                yield segment if segment.control else segment._replace(text=fault.plain(segment.text))

    made = Plain(highlight=False, emoji=False, markup=False)
    return made if made.is_terminal else Plain(highlight=False, emoji=False, markup=False, width=_width())


def _width() -> int:
    import os

    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdigit() and int(columns) >= 40 else 100


def table(*columns: tuple[str, str], title: str | None = None) -> Table:
    """An empty table; each column is its heading and `left` or `right`."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(box=SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False, show_edge=False)
    for heading, side in columns:
        made.add_column(heading, justify="right" if side == "right" else "left", overflow="fold")
    return made


def millions(value: int) -> str:
    """A count in millions with two decimals, as the field writes MACs and parameters."""
    return f"{value / 1e6:,.2f} M"


def dims(shape: Shape | None) -> str:
    """A shape as 1x3x224x224; `?` where a dimension is not known."""
    return "?" if shape is None else "x".join("?" if d is None else str(d) for d in shape)


# ---------------------------------------------------------------- measure


def show_measurement(measurement: Measurement, by: str) -> None:
    """Print one measurement: the totals, the rows asked for, and all that was not counted."""
    counts, out = measurement.counts, console()
    out.print(measurement.ref + (f"  ({measurement.architecture})" if measurement.architecture else ""), style="bold")
    if measurement.stand_in:
        out.print(f"stand-in graph of {measurement.stand_in}: {measurement.stand_in_reason}", style="yellow")
    at_least = "" if counts.complete else "at least "
    peak = counts.peak_activation_bytes
    rows = [
        ("input", ", ".join(f"{name} {dims(shape)}" for name, shape in measurement.input.items())),
        ("MACs", f"{at_least}{counts.macs.value:,}  ({millions(counts.macs.value)})"),
        ("FLOPs", f"{at_least}{counts.flops.value:,}  (2 per MAC, and every other operation)"),
        ("parameters", f"{counts.params.value:,}{_learned(counts.params.value, counts.statistics)}"),
        ("weights", f"{counts.weight_bytes:,} bytes"),
        ("activations", f"{at_least}{counts.activations:,}"),
        ("peak memory", f"not known: {peak.reason}" if isinstance(peak, Unmeasured) else f"{peak:,} bytes"),
        ("layers", str(counts.layers)),
    ]
    for label, value in rows:
        out.print(f"  {label:<12} {value}")
    out.print(_parts(measurement, by))
    out.print(_conventions(measurement))
    for left in counts.uncounted:
        out.print(f"uncounted: {left.count} x {left.op}: {left.reason}", style="yellow")
    out.print()


def _learned(params: int, statistics: int) -> str:
    return f"  ({params - statistics:,} learned, {statistics:,} running statistics)" if statistics else ""


def _conventions(measurement: Measurement) -> Table:
    """What other counters would say, and why where they would say nothing that can be known."""
    rows = table(("other counters", "left"), ("would say", "right"), ("", "left"))
    for name, said in measurement.conventions.items():
        if name not in ("macs", "flops"):
            known = ("?", said.reason) if isinstance(said, Unmeasured) else (f"{said:,}", "")
            rows.add_row(name, *known)
    return rows


def _parts(measurement: Measurement, by: str) -> Table:
    counts = measurement.counts
    heading = {"op": "operator", "layer": "layer", "block": "block"}[by]
    rows = table((heading, "left"), ("count", "right"), ("MACs", "right"), ("FLOPs", "right"), ("parameters", "right"))
    shares: list[tuple[str, Any]]
    if by == "op":
        shares = [(s.op, s) for s in sorted(counts.by_op, key=lambda s: (-s.macs, -s.flops, s.op))]
    elif by == "layer":
        shares = [(s.layer, s) for s in counts.by_layer]
    else:
        shares = [(f"{s.block} {s.scope}".rstrip(), s) for s in counts.by_block]
    for label, share in shares:
        rows.add_row(label, str(share.count), f"{share.macs:,}", f"{share.flops:,}", f"{share.params:,}")
    return rows


# ---------------------------------------------------------------- diff


def show_difference(difference: Difference) -> None:
    """Print what differs between two networks: the gaps, then each cause with its share of them."""
    out = console()
    for side, model in (("left", difference.left), ("right", difference.right)):
        name = f"  ({model['architecture']})" if model["architecture"] else ""
        stand_in = f"  stand-in graph of {model['stand_in']}" if model["stand_in"] else ""
        out.print(f"{side:<5}  {model['ref']}{name}{stand_in}", style="bold")
    gaps = table(("", "left"), ("left", "right"), ("right", "right"), ("right - left", "right"))
    for what, gap in (("MACs", difference.macs), ("parameters", difference.params)):
        gaps.add_row(what, *_gap(gap))
    out.print(gaps)
    if difference.identical:
        out.print("The same network: nothing differs in operators, attributes, shapes and wiring.")
    elif not difference.differences:
        out.print("Nothing differs in what could be compared.")
    for group, heading in GROUPS.items():
        causes = [(n, cause) for n, cause in enumerate(difference.differences, start=1) if cause.group == group]
        if causes:
            out.print(heading, style="bold")
            out.print(_causes(causes, known=not difference.macs.at_least))
    for what, value in difference.remainder.items():
        if value:
            out.print(f"not explained by any cause: {value:+,} {what}", style="yellow")
    if difference.folded:
        out.print(f"presumably, batch normalization is folded into {_places(difference.folded)}", style="yellow")
    for operator in difference.not_compared:
        out.print(f"not compared, since its shape is not known: {operator}", style="yellow")
    for side in difference.sized:
        out.print(f"the {side} one leaves its image's size open, and is compared at the other one's")
    if difference.proof is not None:
        out.print(_proven(difference.proof))


def _proven(proof: Equivalence | Parting | Unmeasured) -> str:
    """What running both networks showed, in a sentence."""
    from zoodiff.proof.prove import Equivalence

    if isinstance(proof, Unmeasured):
        return f"Not proven: {proof.reason}"
    if isinstance(proof, Equivalence):
        error = (
            f"largest error {proof.max_abs_error:.0e} of the largest output; rounding explains {proof.tolerance:.0e}"
        )
        return f"Equivalent on {proof.inputs} random inputs with the same random weights: {error}."
    size = "by their sizes" if proof.error is None else f"by {proof.error:.0e} of the largest output"
    told = "" if proof.told else "; no difference is named there: please report this"
    return f"Run on the same random weights and inputs, they part at {proof.left} | {proof.right}, {size}{told}."


def _gap(gap: Gap) -> tuple[str, str, str]:
    """Both costs, `≥` where not all of one could be counted, and right minus left."""
    left, right = [f"{'≥ ' * (side in gap.at_least)}{getattr(gap, side):,}" for side in ("left", "right")]
    return left, right, "not known" if gap.at_least else _signed(gap.delta)


GROUPS = {
    "architecture": "Architecture",
    "interface": "Interface: input and output, not the network between",
    "detail": "Details",
}
"""What the groups of differences are called."""


def _causes(causes: Sequence[tuple[int, Cause]], *, known: bool = True) -> Table:
    """Rows of causes; their shares of the gap in multiply-accumulates only where that is known."""
    rows = table(("", "right"), ("difference", "left"), ("MACs", "right"), ("parameters", "right"))
    for number, cause in causes:
        sides = [side for side in (cause.left, cause.right) if side is not None]
        where = " | ".join(_places(side.nodes) for side in sides if side.nodes)
        words = f"{cause.words}\n  {where}" if where else cause.words
        rows.add_row(f"#{number}", words, _signed(cause.macs) if known else "?", _signed(cause.params))
    return rows


def _places(names: Sequence[str]) -> str:
    return f"{names[0]} and {len(names) - 1} more" if len(names) > 2 else ", ".join(names)


def _signed(value: int) -> str:
    return f"{value:+,}" if value else "0"


# ---------------------------------------------------------------- identify


def show_identification(identification: Identification) -> None:
    """Print the verdict on a network's name, the reason, and the nearest known architectures."""
    out = console()
    out.print(identification.model["ref"], style="bold")
    match = identification.match
    rows = [
        ("called", identification.advertised or "nothing that is known"),
        ("is", match.architecture if match else "not known"),
        ("verdict", identification.verdict),
        ("reason", identification.reason),
    ]
    for label, value in rows:
        out.print(f"  {label:<8} {value}", soft_wrap=True)
    if identification.candidates:
        made = table(("nearest", "left"), ("alike", "right"), ("by", "left"))
        for one in identification.candidates:
            made.add_row(one.architecture, "the same" if one.exact else f"{one.similarity:.3f}", one.ref)
        out.print(made)


# ---------------------------------------------------------------- conform


def show_conformance(conformance: Conformance) -> None:
    """Print the verdict, each difference with its share of the gap and what the paper says, and the printed numbers."""
    out = console()
    model, gap = conformance.difference.right, conformance.difference.macs
    out.print(f"{model['ref']}  against  {conformance.network}  ({conformance.paper})", style="bold")
    if model["stand_in"]:
        out.print(f"stand-in graph of {model['stand_in']}", style="yellow")
    ways = len(conformance.of("deviation"))
    verdict = {"deviates": f"deviates in {ways} way{'s' if ways > 1 else ''}"}
    out.print(f"  {verdict.get(conformance.verdict, conformance.verdict)}")
    if conformance.others:
        out.print(f"  not as near: {', '.join(conformance.others)}")
    out.print("  MACs {} in the paper's network, {} in the model: {}".format(*_gap(gap)))
    for standing, heading in _STANDINGS.items():
        if judged := conformance.of(standing):
            out.print(heading, style="bold")
            out.print(_judgements(judged, gap))
    for operator in conformance.difference.not_compared:
        out.print(f"not compared, since its shape is not known: {operator}", style="yellow")
    for what, value in conformance.difference.remainder.items():
        if value:
            out.print(f"not explained by any cause: {value:+,} {what}", style="yellow")
    if conformance.numbers:
        out.print("Numbers that the paper prints", style="bold")
        out.print(_numbers(conformance.numbers, least=bool(gap.at_least)))


_STANDINGS = {
    "deviation": "Deviations (left: the paper)",
    "open": "Left open by the paper",
    "interface": "Interface: input and output, not the network between",
    "detail": "Details",
}


def _judgements(judged: Sequence[Judged], gap: Gap) -> Table:
    rows = table(("difference", "left"), ("MACs", "right"), ("of the gap", "right"), ("parameters", "right"))
    for one in judged:
        cause = one.cause
        lines = [cause.words]
        lines += [_places(side.nodes) for side in (cause.left, cause.right) if side is not None and side.nodes]
        lines += [f"open: {one.point.text}", f"here: {one.point.choice}"] if one.point else []
        share = f"{100 * cause.macs / gap.delta:.1f} %" if cause.macs and gap.delta and not gap.at_least else ""
        macs = "?" if gap.at_least else _signed(cause.macs)
        rows.add_row("\n  ".join(lines), macs, share, _signed(cause.params))
    return rows


def _numbers(numbers: Sequence[Number], *, least: bool) -> Table:
    """`least`: the model's multiply-accumulates are a lower bound."""
    rows = table(("", "left"), ("printed", "left"), ("its network", "right"), ("the model", "right"), ("where", "left"))
    for one in numbers:
        counted = one.network is not None
        own = f"{one.network:,}" if one.network is not None else ""
        bound = "≥ " * (least and one.metric == "macs")
        model = f"{bound}{int(one.model):,}" if counted and one.model else one.model or "-"
        place = "; ".join(part for part in (one.where, one.protocol, one.misfit) if part)
        written = one.written if counted else f"{one.printed} ({one.written})"
        rows.add_row(one.metric, written, own, model, place)
    return rows


# ---------------------------------------------------------------- list and explain


def listing(room: str, which: str | None = None) -> list[dict[str, Any]]:
    """The entries of a room, one dict each; `models` lists the published models of all zoos or of one."""
    if room == "models":
        return _models(which)
    if room not in unit.ROOMS:
        raise Refusal(f"there is no room {room!r}", f"There are: models, {', '.join(unit.ROOMS)}")
    return [{"id": name, "title": unit.title(module)} for name, module in unit.units(room).items()]


def _models(zoo: str | None) -> list[dict[str, Any]]:
    from zoodiff.reading.reference import nearest, snapshot, zoos

    if zoo is not None and zoo not in zoos():
        raise Refusal(f"there is no zoo {zoo!r}", f"There are: {', '.join(zoos())}. {nearest(zoo, zoos())}")
    return [
        {
            "ref": f"{name}:{model.name}",
            "weights": [w.id for w in model.weights],
            "graph": model.stand_in or (model.graph_missing.reason if model.graph_missing else "own"),
        }
        for name in ([zoo] if zoo else zoos())
        for model in snapshot(name)
    ]


def show_listing(room: str, rows: list[dict[str, Any]]) -> None:
    """Print the entries of a room as a table."""
    if not rows:
        console().print(f"There are no {room} yet.")
        return
    made = table(*((key, "left") for key in rows[0]))
    for row in rows:
        made.add_row(*(", ".join(v) if isinstance(v, list) else str(v) for v in row.values()))
    console().print(made)


def show_explanation(name: str) -> None:
    """Print the whole docstring of the unit with this id, whichever room it is in. Raises Refusal on an unknown id."""
    found = [(room, unit.find(room, name)) for room in unit.ROOMS if name in unit.ids(room)]
    if not found:
        from zoodiff.reading.reference import nearest

        near = nearest(name, list(dict.fromkeys(known for room in unit.ROOMS for known in unit.ids(room))))
        raise Refusal(
            f"nothing is called {name!r}", f"Did you mean {', '.join(near)}?" if near else "See: zoodiff list rules"
        )
    for room, module in found:
        console().print(f"{name}  ({room})", style="bold")
        said = unit.paragraphs(module)
        for paragraph, following in zip(said, [*said[1:], ""], strict=True):
            console().print(paragraph + "\n" * (not following.startswith("- ")))
        _show_operators(module)
        _show_paper(module)


def _show_operators(module: ModuleType) -> None:
    operators = getattr(module, "OPERATORS", None)
    if operators is None:
        return
    import inspect

    for name, cost in operators.items():
        console().print(f"  {name}: {' '.join((inspect.getdoc(cost) or '').split())}")


def _show_paper(module: ModuleType) -> None:
    paper = getattr(module, "PAPER", None)
    if paper is None:
        return
    out = console()
    out.print(f"{paper.authors}: {paper.title}, {paper.year}. {paper.url}")
    out.print(f"networks: {', '.join(f'paper:{one.name}' for one in paper.networks)}")
    out.print("It states", style="bold")
    for fact in paper.facts:
        quote = f"“{fact.quote}” (read in {fact.read})" if fact.read else fact.quote
        out.print(f"- {fact.text}\n  {fact.where}: {quote}")
    if paper.open:
        out.print("It leaves open", style="bold")
    for point in paper.open:
        out.print(f"- {point.text}\n  here: {point.choice}")


# ---------------------------------------------------------------- claims


def show_claims(told: Sequence[Told]) -> None:
    """Print every claim of each model, the one that tables use marked with its reasons; then what others measured."""
    out = console()
    for model in told:
        out.print(f"{model.ref}  ({model.architecture})", style="bold")
        used = [chosen.claim for chosen in model.chosen.values() if isinstance(chosen, Chosen)]
        for (source, date, weights, size), claims in _by_source(model.claims).items():
            about = "".join([f", weights {weights}" if weights else "", f", at {size}" if size else ""])
            out.print(f"  {date}{about}: {source}", style="dim")
            out.print("    " + "   ".join(_claimed(claim, used=claim in used) for claim in claims))
        for metric, chosen in model.chosen.items():
            if isinstance(chosen, Unmeasured):
                out.print(f"  {metric}: {chosen.reason}", style="yellow")
                continue
            out.print(f"  * {metric} {chosen.claim.value}: {chosen.why}")
            for other in chosen.contradicted_by:
                out.print(f"    contradicted by {other.value} in {other.source}", style="yellow")
        if model.evidence:
            out.print("  Evidence: measured by others")
        for (source, measured_by, weights), several in _by_measurer(model.evidence).items():
            one = several[0]
            prepared = {True: " (as the zoo says)", False: " (not as the zoo says)", None: ""}[one.as_the_zoo_prepares]
            how = f", {one.preprocessing}{prepared}" if one.preprocessing else ", preprocessing not known"
            out.print(f"  {measured_by}, weights {weights}{how}: {source}", style="dim")
            out.print("    " + "   ".join(f"{e.metric} {e.value}{_counted(e)}" for e in several))
        out.print()


def _counted(one: Evidence) -> str:
    return f" ({one.correct:,} of 50,000)" if one.correct is not None else ""


def _by_measurer(evidence: Sequence[Evidence]) -> dict[tuple[str, str, str], list[Evidence]]:
    found: dict[tuple[str, str, str], list[Evidence]] = {}
    for one in sorted(evidence, key=lambda e: (e.weights, e.measured_by, e.metric)):
        source = msgspec.structs.replace(one.source, line=None)  # two metrics of one table may be on two lines
        found.setdefault((str(source), one.measured_by, one.weights), []).append(one)
    return found


def _by_source(claims: Sequence[Claim]) -> dict[tuple[str, str, str | None, int | None], list[Claim]]:
    found: dict[tuple[str, str, str | None, int | None], list[Claim]] = {}
    for claim in claims:
        found.setdefault((str(claim.source), when(claim), claim.weights, claim.input_size), []).append(claim)
    return found


def _claimed(claim: Claim, *, used: bool) -> str:
    written = "" if claim.as_written == str(claim.value) else f" (written {claim.as_written})"
    return f"{'*' if used else ''}{claim.metric} {claim.value}{written}"


def when(claim: Claim) -> str:
    """When a claim was made, as far as it is known."""
    if claim.date:
        return claim.date + (f" to {claim.last_seen}" if claim.last_seen else "")
    if claim.not_before or claim.not_after:
        return f"{claim.not_before or '?'} .. {claim.not_after or '?'}"
    return "unknown"


def claims_document(told: Sequence[Told]) -> dict[str, Any]:
    """The claims as the JSON document that `claims --json` prints; values are decimal strings."""
    return {
        "format": 1,
        "kind": "claims",
        "models": [
            {
                "ref": model.ref,
                "architecture": model.architecture,
                "claims": msgspec.to_builtins(model.claims),
                "chosen": msgspec.to_builtins(model.chosen),
                "evidence": msgspec.to_builtins(model.evidence),
            }
            for model in told
        ],
    }


# ---------------------------------------------------------------- verify


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


# ---------------------------------------------------------------- gather


def show_snapshot(snapshot: Snapshot) -> None:
    """Print what was gathered, and every model of which there is no graph, with the reason."""
    out = console()
    graphs = sum(1 for model in snapshot for weights in model.weights if weights.graph)
    out.print(f"{snapshot.zoo} {snapshot.version} as of {snapshot.as_of}: {len(snapshot.models)} models", style="bold")
    out.print(
        f"  {graphs} sets of weights with a graph; {len(snapshot.provenance.packages)} packages in the environment"
    )
    for model in snapshot:
        if model.graph_missing:
            out.print(f"  no graph of {model.name}: {model.graph_missing.reason}", style="yellow")


def snapshot_document(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot's outline as the JSON document that `gather --json` prints."""
    return {
        "format": 1,
        "kind": "gathered",
        "zoo": snapshot.zoo,
        "version": snapshot.version,
        "as_of": snapshot.as_of,
        "models": [
            {
                "name": m.name,
                "weights": [w.id for w in m.weights],
                "missing": m.graph_missing and m.graph_missing.reason,
            }
            for m in snapshot
        ],
        "packages": snapshot.provenance.packages,
    }
