"""The models of one name side by side: what each is, what its zoo claims of it, what was measured, what was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from zoodiff.accuracy import evidence
from zoodiff.accuracy.choice import Chosen
from zoodiff.accuracy.evidence import Evidence
from zoodiff.measuring.measurement import Measurement
from zoodiff.reading.names import Naming
from zoodiff.reading.reference import Network
from zoodiff.record import Claim, Model, Snapshot, Unmeasured, Weights
from zoodiff.survey.finding import Finding
from zoodiff.survey.speed import Speed


@dataclass(frozen=True)
class Entry:
    """One model of the study: what its zoo claims of it, and what was measured."""

    network: Network
    naming: Naming
    record: Model
    weights: Weights | None
    claims: tuple[Claim, ...]
    top1: Chosen | Unmeasured
    top5: Chosen | Unmeasured
    measurement: Measurement | Unmeasured
    letter: str | None = None
    """shared by the models of one architecture that are the same network; None where there is no graph to tell by"""

    @property
    def ref(self) -> str:
        """The reference without weights: how the model is named in tables."""
        return f"{self.zoo}:{self.network.name}"

    @property
    def zoo(self) -> str:
        """The id of its zoo."""
        return self.network.zoo or ""

    @property
    def size(self) -> int | None:
        """Height of the input image as the graph has it, or as the record states it; None where neither is known."""
        shape = self.weights.input_shape if self.weights else None
        if isinstance(self.measurement, Measurement) and self.measurement.input:
            shape = next(iter(self.measurement.input.values()))
        if shape is None or len(shape) != 4:
            return None
        return shape[1] if shape[3] in (1, 3) else shape[2]

    @property
    def macs(self) -> int | None:
        """Multiply-accumulates at its own input size; None where they are not known in full."""
        whole = isinstance(self.measurement, Measurement) and self.measurement.counts.complete
        return self.measurement.counts.macs.value if whole and isinstance(self.measurement, Measurement) else None

    @property
    def params(self) -> int | None:
        """Parameters of the graph; None where there is no graph."""
        return self.measurement.counts.params.value if isinstance(self.measurement, Measurement) else None

    @property
    def unknown(self) -> str:
        """Why its multiply-accumulates and its letter are not known; empty where they are."""
        if isinstance(self.measurement, Unmeasured):
            return self.measurement.reason
        left = "; ".join(f"{left.count} {left.op}: {left.reason}" for left in self.measurement.counts.uncounted)
        return f"not all operators could be counted: {left}" if left else ""

    def evidence(self, metric: str) -> tuple[Evidence, ...]:
        """What others measured of its weights."""
        return evidence.of(self.zoo, self.network.name, self.weights.id if self.weights else None, metric)

    def value(self, metric: str) -> Decimal | None:
        """The claim that tables use for `acc@1` or `acc@5`; None where there is none."""
        chosen = self.top1 if metric == "acc@1" else self.top5
        return chosen.claim.value if isinstance(chosen, Chosen) else None


@dataclass(frozen=True)
class Group:
    """All models that bear one architecture's name."""

    architecture: str
    entries: tuple[Entry, ...]

    @cached_property
    def zoos(self) -> tuple[str, ...]:
        """The zoos that have it."""
        return tuple(sorted({entry.zoo for entry in self.entries}))

    def by_zoo(self, metric: str) -> dict[str, Entry]:
        """Of each zoo the one model that tables compare by `acc@1`, `acc@5` or `macs`: not quantised, with a value.

        A zoo that has several models of one name is taken at its best: the highest claim of the metric (for `macs`: of
        `acc@1`, and one without a claim where no other is); of equal claims the last by name (the newest file).
        """
        if metric == "macs":
            fit, claim = list(self.counted), "acc@1"
        else:
            fit, claim = [e for e in self.entries if e.value(metric) is not None and not e.naming.quantised], metric
        ranked = sorted(fit, key=lambda e: (e.value(claim) or Decimal(0), e.network.name))
        return {entry.zoo: entry for entry in ranked}

    def spread(self, metric: str) -> Decimal | None:
        """Highest minus lowest claim over the zoos, in percentage points; None with fewer than two claims."""
        values = [value for entry in self.by_zoo(metric).values() if (value := entry.value(metric)) is not None]
        return max(values) - min(values) if len(values) > 1 else None

    @cached_property
    def counted(self) -> tuple[Entry, ...]:
        """The models whose MACs can be compared: not quantised, counted in full, on graphs of their own zoo."""
        return tuple(e for e in self.entries if e.macs and not e.naming.quantised and not e.network.stand_in)

    @cached_property
    def macs_ratio(self) -> Fraction | None:
        """Most over fewest MACs, one model of each zoo, each at its own input size; None with fewer than two zoos."""
        values = [entry.macs for entry in self.by_zoo("macs").values() if entry.macs]
        return Fraction(max(values), min(values)) if len(values) > 1 else None

    @cached_property
    def letters(self) -> tuple[str, ...]:
        """The different networks under this name, as far as graphs tell."""
        return tuple(sorted({entry.letter for entry in self.entries if entry.letter}))


@dataclass(frozen=True)
class Study:
    """The whole comparison: what zoos there are, their models by architecture, and what the rules found."""

    snapshots: tuple[Snapshot, ...]
    groups: tuple[Group, ...]
    as_of: str | None = None
    asked: tuple[str, ...] = ()
    """the architectures that were asked for; empty where all were"""
    note: str = ""
    """what is to be said about the question (an ambiguous name)"""
    findings: tuple[Finding, ...] = field(default=())
    speed: Speed | None = None
    """what the models compute against how long they took; None where no times were given"""

    @property
    def shared(self) -> tuple[Group, ...]:
        """The architectures that two or more zoos have."""
        return tuple(group for group in self.groups if len(group.zoos) > 1)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All models, by architecture."""
        return tuple(entry for group in self.groups for entry in group.entries)
