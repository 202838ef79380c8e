'''Costs: what each operator costs, as small pure functions of shapes; one file per family of operators.

A unit binds `OPERATORS`, a dict from the ONNX operator's name (`domain::Name` outside ONNX's own domain) to a function
`cost(node, graph) -> Cost`. The function reads shapes by `dims(graph, name)` and `size(graph, name)`, which raise
Uncountable where a shape is not known, and attributes from `node`; so it needs no guard, and raises Uncountable itself,
with the reason that a user will read, where more than shapes would have to be known. Its docstring states the closed
form and its source.

A unit may bind `ROLES`, a dict from an operator's name to the positions of those inputs whose role the element type
alone does not tell: `Role.SETTING`, `Role.STATISTIC`, `Role.WEIGHT`.

Worked example::

    """Global pooling."""
    from zoodiff.costs._cost import Cost, size
    from zoodiff.record import Graph, Node

    def global_average(node: Node, graph: Graph) -> Cost:
        """One addition per input element but the first of each map, and one division per map: the input's size."""
        return Cost(other=size(graph, node.inputs[0]))

    OPERATORS = {"GlobalAveragePool": global_average}

`macs` are the multiplications inside Conv, ConvTranspose, Gemm, MatMul, Einsum, attention and recurrent operators and
their quantised forms; `other` is every arithmetic operation (floating-point or integer) beyond 2 per
multiply-accumulate. Data movement (Reshape, Transpose, Concat, ...) costs 0 and says so by being listed. An operator
without a cost is *uncounted* and is named with the result.
'''
