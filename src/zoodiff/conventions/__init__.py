'''Conventions: what a count counts; one file for each counter whose figures are read as if all counted the same.

A unit binds `count(graph: Graph, counts: Counts) -> int | Unmeasured`: what the counter says of a network, from the
graph and from what is counted of it already. Its docstring is what `explain` prints: the first line says what is
counted and in which unit, then what is left out, how it differs from `macs`, and which version of which source is
re-created. What the graph does not say is Unmeasured with the reason; 0 is only what the counter itself counts as 0.

Worked example::

    """One per weight and output position: a counter that knows convolutions only; in multiply-accumulates."""
    from zoodiff.measuring.count import Counts
    from zoodiff.record import Graph

    def count(graph: Graph, counts: Counts) -> int:
        """The multiply-accumulates of convolutions."""
        return sum(share.macs for share in counts.by_op if share.op == "Conv")

Numbers of two conventions never meet in one table; `measure` shows them side by side under `conventions`.
'''
