"""What `gather` shows of a snapshot: how much there is, and of which models there is no graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zoodiff.showing.screen import console

if TYPE_CHECKING:
    from zoodiff.record import Snapshot


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
