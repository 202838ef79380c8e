'''Costs: what each operator costs, as small pure functions of shapes; one file per family of operators.

A unit binds `OPERATORS`, a dict from the ONNX operator's name (`domain::Name` outside ONNX's own domain) to a function
`cost(node, graph) -> Cost`. The function reads shapes by `graph.shape(name)` and attributes from `node`; it is called
only when every shape that it reads is fully known, so it needs no guard. Its docstring states the closed form and its
source.

Worked example::

    """Global pooling."""
    from zoodiff.costs._cost import Cost, size
    from zoodiff.record import Graph, Node

    def global_average(node: Node, graph: Graph) -> Cost:
        """One addition per input element and one division per output element."""
        return Cost(other=size(graph.shape(node.inputs[0])) + size(graph.shape(node.outputs[0])))

    OPERATORS = {"GlobalAveragePool": global_average}

`macs` are the multiplications inside Conv, ConvTranspose, Gemm, MatMul, Einsum, attention and recurrent operators and
their quantised forms; `other` is every arithmetic operation beyond 2 per multiply-accumulate.
Data movement (Reshape, Transpose, Concat, ...) costs 0 and says so by being listed. An operator without a cost is
*uncounted* and is named with the result.
'''
