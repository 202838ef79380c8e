"""Bring operators into an order in which they can run, or say which of them cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from zoodiff.fault import Refusal
from zoodiff.record import Node


def in_order(nodes: Iterable[Node], reads: Iterable[Iterable[str]], ready: Iterable[str]) -> bool:
    """Whether operators that read these tensors can run one after the other, where those `ready` are at hand."""
    seen = set(ready)
    for node, needed in zip(nodes, reads, strict=True):
        if not seen.issuperset(needed):
            return False
        seen.update(node.outputs)
    return True


def order(
    nodes: Sequence[Node], reads: Sequence[Iterable[str]], ready: set[str], name: str, called: Callable[[int], str]
) -> list[int]:
    """Positions of the operators in an order in which they can run, the file's where it allows.

    `name` is how errors call the file, and `called` gives the name of the operator at a position. Raises Refusal where
    operators are in a circle, or one reads what nothing produces.
    """
    made = {output for node in nodes for output in node.outputs}
    for at, needed in enumerate(reads):
        for tensor in needed:
            if tensor not in made and tensor not in ready:
                what = f"{called(at)} reads {tensor!r}, which nothing produces"
                raise Refusal(f"{name!r}: {what}", "The file is damaged.")
    found = _topological(nodes, [set(needed) - ready for needed in reads])
    if len(found) < len(nodes):
        left = sorted(set(range(len(nodes))) - set(found))
        circle = ", ".join(called(index) for index in left[:8])
        raise Refusal(f"{name!r} has a circle of operators: {circle}", "A network must not feed itself.")
    return found


def _topological(nodes: Sequence[Node], needs: Sequence[set[str]]) -> list[int]:
    """Positions of the operators in a runnable order, the file's where it allows; those in a circle are left out."""
    import heapq

    waiting: dict[str, list[int]] = {}
    for index, needed in enumerate(needs):
        for tensor in needed:
            waiting.setdefault(tensor, []).append(index)
    missing = [len(needed) for needed in needs]
    free = [index for index, count in enumerate(missing) if count == 0]
    order: list[int] = []
    while free:
        order.append(heapq.heappop(free))
        for output in nodes[order[-1]].outputs:
            for index in waiting.pop(output, ()):
                missing[index] -= 1
                if missing[index] == 0:
                    heapq.heappush(free, index)
    return order


def read_by(node: Node) -> Iterable[str]:
    """What a node reads, its subgraphs' outer references included."""
    if not node.subgraphs:
        return node.inputs
    reads = set(node.inputs)
    for body in node.subgraphs:
        own = {value.name for value in body.inputs} | body.values.keys() | body.constants.keys()
        reads |= {tensor for inner in body.nodes for tensor in read_by(inner)} - own
        reads |= {value.name for value in body.outputs} - own
    return reads
