"""The bench beside peers: what runs are, what answers mean, and that each peer says what it is."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import onnx
import pytest

from peers import counting
from peers.comparing import FOUND, TOLD, Compared, verdict
from peers.counting import Count
from peers.growing import Audited, exponent
from peers.page import error, page
from peers.pairs import graph, network, pair
from peers.peer import COMPARERS, COUNTERS, Peer, peers
from peers.process import Run, median, run
from peers.results import Measured, Results, read, write
from peers.snapshots import drawn
from planted.network import Net
from zoodiff import diff, unit
from zoodiff.isolate import declare
from zoodiff.reading import entries, store
from zoodiff.timing import machine
from zoodiff.views.figures import missing

ALL = [*peers(COUNTERS), *peers(COMPARERS)]


def python(code: str, seconds: float = 60) -> Run:
    """A run of so much Python."""
    return run([sys.executable, "-c", code], seconds)


# ---------------------------------------------------------------- processes


def test_a_run_tells_time_memory_and_what_was_printed() -> None:
    found = python("x = bytearray(80_000_000); print(len(x))")
    assert (found.out, found.failed, found.late) == ("80000000\n", "", False)
    assert found.megabytes > 80_000_000 / 2**20
    assert 0 < found.cpu < 60


def test_a_run_that_fails_says_why() -> None:
    assert python("raise ValueError('what is wrong')").failed == "ValueError: what is wrong"
    assert python("raise SystemExit(3)").failed == "exit code 3"


def test_a_run_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {SLEEPS.format(str(tmp_path / 'late'))!r}])"
    found = python(code, 1)
    assert (found.failed, found.late) == ("more than 1 s", True)
    time.sleep(2)
    assert not (tmp_path / "late").exists()


SLEEPS = "import time, pathlib; time.sleep(2.5); pathlib.Path({!r}).touch()"


def test_the_median_is_of_time_and_memory_is_the_most() -> None:
    runs = [Run(3, 3, 10, "c"), Run(1, 1, 30, "a"), Run(2, 2, 20, "b")]
    assert median(runs) == Run(2, 1, 30, "b")
    late = Run(9, 0, 0, "", "more than 9 s", late=True)
    assert median([*runs, late]) == late


# ---------------------------------------------------------------- answers


def test_a_count_is_held_against_the_exact_one_in_its_own_unit() -> None:
    count = Count("net", "tool", "onnx", said=2_200, per_mac=2, exact=1_000)
    assert count.error == pytest.approx(10)
    assert error(count) == "+10"
    assert error(Count("net", "tool", "onnx", said=2_000, per_mac=2, exact=1_000)) == "exact"
    assert error(Count("net", "tool", "onnx", exact=1_000)) == "-"


SAME: dict[str, Any] = {"differ": False, "places": []}


@pytest.mark.parametrize(
    ("copy", "change", "said"),
    [
        (SAME, {"differ": True, "places": [["a", "b"]]}, FOUND),
        (SAME, {"differ": True, "places": None}, TOLD),
        (SAME, {"differ": True, "places": [["a", "b"], ["c", "d"]]}, "wrong: names 2 places"),
        (SAME, {"differ": True, "places": [["a", "c"]]}, "wrong: names another place"),
        (SAME, SAME, "wrong: sees no change"),
        ({"differ": True, "places": None}, {"differ": True, "places": None}, "wrong: takes names for differences"),
    ],
)
def test_an_answer_is_right_about_the_copy_the_change_and_its_place(
    copy: dict[str, Any], change: dict[str, Any], said: str
) -> None:
    assert verdict(copy, change, [["a", "b"]]) == said


@pytest.mark.parametrize("power", [1.0, 1.5, 2.0])
def test_an_exponent_is_the_power(power: float) -> None:
    assert exponent([(x, 7 * x**power) for x in (10, 30, 100)]) == pytest.approx(power)
    assert exponent([(10, 1.0)]) is None


# ---------------------------------------------------------------- inputs


def test_a_pair_differs_in_one_stride(tmp_path: Path) -> None:
    pair(40, tmp_path)
    a, renamed, changed = (onnx.load(tmp_path / f"{name}.onnx") for name in ("a", "renamed", "changed"))
    names = {node.output[0] for node in a.graph.node}
    assert names.isdisjoint(node.output[0] for node in renamed.graph.node)
    assert graph(a)["labels"] == graph(renamed)["labels"]
    other = [(one, two) for one, two in zip(graph(a)["labels"], graph(changed)["labels"], strict=True) if one != two]
    assert len(other) == 1
    assert diff(a, renamed).identical
    [cause] = diff(a, changed).differences
    assert cause.what == "strides"


def test_a_network_has_the_size_that_was_asked_for() -> None:
    made = network(100)
    assert 100 <= len(made.graph.node) < 110
    onnx.checker.check_model(made, full_check=True)
    assert Net(made).shapes


def test_collections_grow_by_the_same_models() -> None:
    records = {entry.zoo: store.load(entry.zoo, entry.version) for entry in entries.snapshots(entries.BUNDLED)}
    models = sum(len(snapshot.models) for snapshot in records.values())
    taken = [one for one, _ in zip(drawn(records), range(2 * models), strict=False)]
    first, second = taken[:models], taken[models:]
    assert {copy for copy, *_ in first} == {1}
    assert [one[1:] for one in second] == [one[1:] for one in first]
    assert {zoo for _, zoo, _ in first[:10]} == set(records)


# ---------------------------------------------------------------- peers


@pytest.mark.parametrize("peer", ALL, ids=lambda peer: peer.zoo.id)
def test_a_peer_says_what_it_needs_and_what_it_is(peer: Peer) -> None:
    needs = peer.zoo.needs
    [own] = [line for line in needs.requirements if declare.name(line) == declare.name(needs.version_of or "")]
    assert "==" in own, "its version is stated"
    assert peer.unit.NAME
    assert callable(peer.unit.prove)
    if peer.zoo.file.parent == COMPARERS:
        assert peer.unit.METHODS
        assert peer.unit.SUFFIX in (".onnx", ".json")
    else:
        assert peer.unit.READS in ("onnx", "torchvision", "keras")
        assert peer.unit.PER_MAC in (1, 2)
        assert peer.unit.CONVENTION in (None, *unit.ids("conventions"))
        assert peer.unit.NOTE.endswith(".")


def test_peers_are_not_called_like_zoos() -> None:
    assert not {peer.zoo.id for peer in ALL} & set(unit.ids("zoos")), "their locks would be one file"


# ---------------------------------------------------------------- results


@pytest.fixture
def results() -> Results:
    """One row of each kind, and one that failed."""
    return Results(
        machine.here(),
        "3.11.7",
        {"counting": Measured("2026-01-01 00:00 UTC", 0.1, None, 3, 60)},
        [
            Count("ResNet-50", "zoodiff", "onnx", 0.5, 0.5, 50, said=10, exact=10),
            Count("ResNet-50", "tool 1", "onnx", 1.5, 0.5, 50, 0.1, 25, 2, 10, "fvcore", 26),
            Count("ResNet-50", "tool 2", "torchvision", failed="more than 1 s"),
        ],
        [
            Compared(100, "zoodiff", "diff", 0.5, 0.5, 50, FOUND),
            Compared(100, "t", "w", 0, 0, 0, failed="more than 1 s"),
        ],
        [Audited(10, 5, 2, 2, 80, 1, 1, 60), Audited(100, 5, 20, 20, 90, 10, 10, 70)],
        {"tool 1": "Adds biases."},
    )


def test_results_come_back_whole(results: Results, tmp_path: Path) -> None:
    assert read(tmp_path / "none.json") is None
    write(results, tmp_path / "r.json")
    assert read(tmp_path / "r.json") == results


def test_the_page_shows_every_row_and_what_failed(results: Results) -> None:
    text = page(results)
    assert "| ResNet-50 | tool 1 | onnx | 1.50 | 0.50 | 50 | 0.10 | 0.00 | +25 | 0.00 |" in text
    assert text.count("more than 1 s") == 2
    assert "| zoodiff | diff | 0.50 s, 50 | - | finds it |" in text
    assert "grows as n^1.00 the first time and grows as n^1.00 again" in text
    assert "load 0.1 when it began, not known when it ended" in text
    assert all(len(line) <= 120 for line in text.splitlines() if not line.startswith("|"))


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_the_figure_is_drawn(results: Results) -> None:
    from peers.drawing import figure
    from zoodiff.views.figures import svg

    drawn = svg(figure(results))
    assert drawn.startswith("<svg")
    assert all(words in drawn for words in ("Counting a network", "Comparing two networks", "tool 1", "models"))


def test_networks_are_known_to_the_zoos() -> None:
    for one in counting.NETWORKS:
        assert any(model.name == one.torchvision for model in store.load("torchvision"))
        assert one.keras is None or any(model.name == one.keras for model in store.load("keras"))


ATTENTION = {"ViT-B/16": 12 * 2 * 197**2 * 768}
"""layers x two products x tokens squared x width: what torch's counter does not see on a CPU"""


def test_torch_s_counter_agrees_to_the_last_digit_in_what_was_measured() -> None:
    measured = read()
    assert measured is not None
    rows = [one for one in measured.counts if one.tool.startswith("FlopCounterMode") and one.said is not None]
    assert {one.network for one in rows} == {one.name for one in counting.NETWORKS}
    for one in rows:
        assert one.said is not None
        assert one.said == 2 * ((one.exact or 0) - ATTENTION.get(one.network, 0))


RESCALED = {("EfficientNet-B0", "tf-profiler-decomposed"): 2 * 3 * 224**2}
"""what Keras's network has with published weights only, which the bundled graph is of: a rescaling of the image"""


def test_re_created_conventions_say_what_the_tools_said() -> None:
    measured = read()
    assert measured is not None
    rows = [one for one in measured.counts if one.recreated is not None]
    assert len({one.convention for one in rows}) == 3
    for one in rows:
        assert one.convention is not None
        assert one.said == (one.recreated or 0) - RESCALED.get((one.network, one.convention), 0)
