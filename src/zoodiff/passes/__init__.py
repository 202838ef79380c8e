'''Passes: rewrites that take exporters' accidents out of a graph and leave what it computes as it is.

A unit binds `run(draft) -> None`, which changes a `zoodiff.reducing.draft.Draft` by its methods, and `AFTER`, the ids
of the passes whose work it builds on. A pass knows shapes and small constants, never a weight's values, and does
nothing where it is not sure. What the file's operators were is kept by the draft; counts are always of the file as it
is.

Worked example::

    """Drops Identity operators: the same tensor under another name."""
    from zoodiff.reducing.draft import Draft

    AFTER: tuple[str, ...] = ()

    def run(draft: Draft) -> None:
        for op in draft.ops:
            if op.op == "Identity":
                draft.bypass(op)

Passes see ONNX's operators with their static operands as attributes, under the names that `operands` lists (`Clip` has
`min` and `max`, `Reshape` has `shape`), and may use operators of later opsets (`Gelu`, `HardSwish`) and those that
`zoodiff.reducing.emit` knows how to spell out.
'''
