"""Findings come gravest first, and in one order whatever order they were made in."""

from __future__ import annotations

import itertools

from zoodiff.survey.finding import SEVERITIES, Finding, Severity, ordered


def finding(severity: Severity, architecture: str, name: str = "mac-gap") -> Finding:
    return Finding(
        id=name, title="t", severity=severity, confidence="high", architecture=architecture, models=("a:b",),
        evidence={}, disproof="d", next_step="n",
    )  # fmt: skip


def test_order() -> None:
    expected = (
        finding("high", "vgg16"),
        finding("medium", "alexnet", "claim-spread"),
        finding("medium", "alexnet", "mac-gap"),
        finding("medium", "vgg16"),
        finding("info", "alexnet"),
    )
    for made in itertools.permutations(expected):
        assert ordered(list(made)) == expected


def test_severities_are_gravest_first() -> None:
    assert SEVERITIES == ("high", "medium", "low", "info")
