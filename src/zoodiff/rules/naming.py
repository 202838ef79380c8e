"""A name claims the architecture, and the graph is another; or it states a variant, as it should.

Why it matters: who reads "ResNet-50" takes the paper's accuracy, cost and weights to be about this network. A name may
state that its network is based on another, or which variant it is (`resnet50_v1b`, `vgg16_bn`, `mobilenet0.5`), or
claim the architecture by naming it and no more. The graph is held against the origin paper's network, as in
`differs-from-paper`, and against every known network, as in `mislabelled`. What a zoo's documentation says beside the
name is not read here.

What to do: publish under the suggested name. It is that of the very same network where a paper or a zoo has one, else
it says what the network is based on and the gravest deviations: what it has for what the paper's network has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import msgspec

from zoodiff.survey.finding import Finding
from zoodiff.survey.stated import ARCHITECTURE, BASED, COUNTS, RULE, VARIANT, Row, Stated, stated, table
from zoodiff.survey.study import Study


def judge(study: Study) -> Iterator[Finding]:
    """Report the names that their graphs do not bear out, alike ones together, and those that state what is special."""
    every = stated(study)
    alike: defaultdict[tuple[str, ...], list[Stated]] = defaultdict(list)
    for one in every:
        if one.holds is False and one.honest:
            alike[one.architecture, one.states, one.honest].append(one)
        elif one.states != ARCHITECTURE:
            alike[one.architecture, one.states].append(one)
    titles = {entry.ref: entry.record.title for entry in study.entries}
    for told in alike.values():
        yield _finding(told, {one.ref: titles[one.ref] for one in told if titles[one.ref]})
    if not study.asked:
        yield _counted(table(every))


def _counted(rows: tuple[Row, ...]) -> Finding:
    """How many names state what, and of how many the graph is not that."""
    names = {row.states: row.names for row in rows}
    fails, told = sum(row.fails for row in rows), sum(row.fails + row.holds for row in rows)
    return Finding(
        id=RULE,
        title=f"of {sum(names.values())} names {names[ARCHITECTURE]} claim an architecture, {names[VARIANT]} state a "
        f"variant and {names[BASED]} what they are based on; {fails} of the {told} that can be held against a paper or "
        "another network are not what they say",
        severity="info",
        confidence="high",
        architecture="",
        models=(),
        evidence={COUNTS: msgspec.to_builtins(rows)},
        disproof="names on the zoos' pages that say more than the published ones",
        next_step="zoodiff explain naming",
    )


def _finding(told: list[Stated], titles: dict[str, str]) -> Finding:
    first, *others = told
    refs = tuple(one.ref for one in told)
    models = f"{first.ref} and {len(others)} more" if others else first.ref
    verb = "conform" if first.network.startswith("paper:") else "identify"
    return Finding(
        id=RULE,
        title=f"{models} {_said(first, many=bool(others))}",
        severity="low" if first.honest else "info",
        confidence="high" if first.states == ARCHITECTURE else "medium",
        architecture=first.architecture,
        models=refs,
        evidence={
            "states": first.states,
            "variant_of": first.of or None,
            "titles": titles,
            "held_against": first.network,
            "borne_out": first.holds,
            "suggested": first.honest or None,
        },
        disproof="a name on the zoo's page that says more than the published one",
        next_step=f"zoodiff {verb} {first.ref}",
    )


def _said(told: Stated, *, many: bool) -> str:
    s = "" if many else "s"
    if told.honest:
        return f"claim{s} to be {told.architecture}; an honest name: {told.honest}"
    return f"state{s} what it is based on" if told.states == BASED else f"state{s} a variant of {told.of}"
