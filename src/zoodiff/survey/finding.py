"""What a rule concludes: how grave, how sure, on what evidence, and what would disprove it."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Severity = Literal["high", "medium", "low", "info"]
SEVERITIES: tuple[Severity, ...] = ("high", "medium", "low", "info")
"""Gravest first."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One conclusion about one architecture's models, or one zoo's."""

    id: str
    """the rule's id"""
    title: str
    """one sentence with the numbers"""
    severity: Severity
    confidence: Severity
    """`high` where it follows from exact counts or quoted text, lower where it rests on a stand-in graph"""
    architecture: str
    models: tuple[str, ...]
    evidence: dict[str, Any]
    disproof: str
    """what would show the finding to be wrong"""
    next_step: str
    """the command or action that settles it"""


def ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    """Gravest first; then by architecture, rule and models."""
    return tuple(
        sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), f.architecture, f.id, f.models, f.title))
    )
