"""Entries and groups answer from what they hold."""

from __future__ import annotations

from decimal import Decimal

from zoodiff.study import Study


def test_an_entry_without_a_graph_says_so_and_invents_nothing(study: Study) -> None:
    [entry] = [entry for entry in study.entries if entry.ref.startswith("alpha:<img")]
    assert (entry.macs, entry.params, entry.letter, entry.value("acc@1")) == (None, None, None, None)


def test_counts_are_the_closed_forms(study: Study) -> None:
    entries = {entry.ref: entry for entry in study.entries}
    assert entries["alpha:vgg16"].macs == 27 * 8 * 32**2 + 80
    assert entries["beta:ResNet50_v1"].macs == 27 * 8 * 64**2 + 80
    assert entries["gamma:vgg16"].params == 37 * 16 + 10
    assert (entries["alpha:vgg16"].size, entries["beta:ResNet50_v1"].size) == (32, 64)


def test_a_zoo_is_compared_by_its_best_claim(study: Study) -> None:
    [group] = [group for group in study.groups if group.architecture == "resnet50-v1"]
    best = {zoo: entry.value("acc@1") for zoo, entry in group.by_zoo("acc@1").items()}
    assert best == {"alpha": Decimal("76.130"), "beta": Decimal("74.9")}
