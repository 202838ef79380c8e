"""Identify every bundled graph in disguise: under its right name, under a wrong one, and under none.

Usage: python bench/identify_all.py [--seed 7] [--only ZOO]   Writes bench/identified.md. About half an hour.
Each graph, and each origin paper's network, is rewritten by one to four disguises of bench/planted (other names,
another order, other operators for the same) and saved as a file that is called as told. The wrong name is another
architecture, of the same family where there is one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import onnx

from planted.drawing import disguise
from zoodiff.reading import names
from zoodiff.reading.reference import find
from zoodiff.recognition.identification import Identification
from zoodiff.recognition.identify import identify
from zoodiff.recognition.known import Known, known, on_paper

RESULTS = Path(__file__).with_name("identified.md")
NO_NAME = "model.onnx"


class Answer(NamedTuple):
    """What one file was found to be."""

    zoo: str
    name: str
    """`right`, `wrong` or `none`"""
    right: bool
    told: str


def answers(seed: int, networks: Iterable[Known], folder: Path) -> Iterator[Answer]:
    """Three for each network."""
    every = (*known(), *on_paper())
    for one in networks:
        random = Random(f"{seed} {one.ref} {one.architecture}")
        model, disguises, _ = disguise(_file(one.ref), random)
        data = model.SerializeToString()
        same = {other.architecture for other in every if _same(one, other)}
        other = _wrong(one, same, every, random)
        for name, architecture in (("right", one.architecture), ("wrong", other), ("none", "")):
            path = folder / (f"{architecture}.onnx" if architecture else NO_NAME)
            path.write_bytes(data)
            found = identify(path)
            path.unlink()
            told = f"{one.ref} as {path.name} under {', '.join(disguises)}: {found.verdict}: {found.reason}"
            yield Answer(one.zoo, name, _right(name, found, same), told)


def _file(ref: str) -> onnx.ModelProto:
    network = find(ref)
    return network.proto if network.proto is not None else network.skeleton()


def _same(one: Known, other: Known) -> bool:
    """Whether two networks are the same, also where normalization is folded away."""
    return one.sketch.exact == other.sketch.exact or one.sketch.folded == other.sketch.folded


def _wrong(one: Known, same: set[str], every: Iterable[Known], random: Random) -> str:
    """The name of another network, near by where there is one."""
    others = sorted({other.architecture for other in every} - same)
    family = names.canonical("", one.architecture).family
    near = [other for other in others if names.canonical("", other).family == family]
    return random.choice(near or others)


def _right(name: str, found: Identification, same: set[str]) -> bool:
    match = found.match
    if match is None or not match.exact or match.architecture not in same:
        return False
    return found.verdict == {"right": "consistent", "wrong": "mislabelled", "none": "unadvertised"}[name]


def table(told: list[Answer]) -> str:
    """The rates by zoo, and what was not as it should be."""
    asked, right = Counter((one.zoo, one.name) for one in told), Counter((o.zoo, o.name) for o in told if o.right)
    kinds, zoos = ("right", "wrong", "none"), sorted({one.zoo for one in told})
    lines = [
        "# Identified",
        "",
        "Written by `python bench/identify_all.py`: every bundled graph and every paper's network, disguised, saved as",
        "a file under its right name, under a wrong one (of the same family where there is one), and under none. Right",
        "is `consistent`, `mislabelled` and `unadvertised`, each with an exact match that bears the graph's name.",
        "",
        "| zoo | graphs | right name | wrong name | no name |",
        "|---|---:|---:|---:|---:|",
    ]
    for zoo in zoos:
        rates = [f"{100 * right[zoo, kind] / asked[zoo, kind]:.1f}" for kind in kinds]
        lines.append(f"| {zoo} | {asked[zoo, 'none']} | {' | '.join(rates)} |")
    totals = [f"{100 * sum(right[z, k] for z in zoos) / sum(asked[z, k] for z in zoos):.1f}" for k in kinds]
    lines += [f"| all | {sum(asked[z, 'none'] for z in zoos)} | {' | '.join(totals)} |", ""]
    missed = [one.told for one in told if not one.right]
    return "\n".join([*lines, *(["Otherwise:", "", *(f"- {one}" for one in missed)] if missed else [])]) + "\n"


def main() -> None:
    """Identify all, print what is not as it should be, and write the table."""
    parser = argparse.ArgumentParser(description="Identify every bundled graph in disguise.")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", help="one zoo; then the table is printed")
    chosen = parser.parse_args()
    networks = [one for one in (*known(), *on_paper()) if chosen.only in (None, one.zoo)]
    told = []
    with tempfile.TemporaryDirectory() as folder:
        for answer in answers(chosen.seed, networks, Path(folder)):
            told.append(answer)
            if not answer.right:
                print(answer.told, file=sys.stderr, flush=True)
    if chosen.only:
        print(table(told), end="")
    else:
        RESULTS.write_text(table(told), encoding="utf-8")


if __name__ == "__main__":
    main()
