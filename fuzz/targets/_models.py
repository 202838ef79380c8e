"""Good models to start from: those that onnx has for its own tests, and a few that hold what they lack."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import onnx
from onnx import TensorProto, helper, parser

MOST = 8000
"""Bytes of a model: small ones are quick, and are changed where it matters."""

_TEXTS = (
    "net (float[1,3,16,16] x, float[8,3,3,3] w) => (float[] y) { a = Conv<strides=[2,2],pads=[1,1,1,1]>(x, w) "
    "b = Relu(a) c = GlobalAveragePool(b) y = Flatten(c) }",
    "net (float[N,3,16,16] x) => (float[] y) { s = Shape(x) i = Constant<value=int64[1]{0}>() n = Gather(s, i) "
    "m = Constant<value=int64[1]{-1}>() t = Concat<axis=0>(n, m) y = Reshape(x, t) }",
    "net (float[2,6] x) => (float[] y) { s = Constant<value=int64[2]{3,4}>() c = ConstantOfShape(s) "
    "r = Constant<value=int64[2]{1,2}>() t = Tile(c, r) e = Constant<value=int64[2]{3,8}>() u = Expand(t, e) "
    "k = ReduceSum(u) y = Add(x, k) }",
    "net (float[1,4,8,8] x, float[4] g, float[4] b, float[4] m, float[4] v) => (float[] y) { "
    "n = BatchNormalization(x, g, b, m, v) p = MaxPool<kernel_shape=[2,2],strides=[2,2]>(n) "
    "q = AveragePool<kernel_shape=[2,2],strides=[2,2]>(n) c = Concat<axis=1>(p, q) y = Softmax<axis=1>(c) }",
    "net (float[1,10,16] x, float[16,48] w, float[16,16] o) => (float[] y) { p = MatMul(x, w) "
    "q, k, v = Split<axis=2,num_outputs=3>(p) t = Transpose<perm=[0,2,1]>(k) a = MatMul(q, t) "
    "s = Softmax<axis=-1>(a) h = MatMul(s, v) z = MatMul(h, o) y = Add(z, x) }",
    "net (float[1,8,4,4] x) => (float[] y) { s = Sigmoid(x) m = Mul(x, s) "
    "r = Constant<value=float[4]{1.0,1.0,2.0,2.0}>() u = Resize(m, , r) y = Clip(u) }",
)


@cache
def small() -> list[bytes]:
    """The models, serialised."""
    data = Path(onnx.__file__).parent / "backend" / "test" / "data"
    files = [path.read_bytes() for path in sorted(data.rglob("model.onnx"))]
    made = [parser.parse_model(f'<ir_version: 8, opset_import: ["": 18]> {text}') for text in _TEXTS]
    made += [_branches(), _weights(), *_each_operator()]
    return [found for found in [*files, *[model.SerializeToString() for model in made]] if len(found) <= MOST]


def _branches() -> onnx.ModelProto:
    """An If, a Loop, a function and what they read from outside."""
    text = """
    <ir_version: 8, opset_import: ["": 18, "own": 1]>
    net (float[4] x, bool c, int64 n) => (float[] y) {
      a = If (c) <then_branch = yes () => (float[4] p) { p = Relu(x) },
                  else_branch = no () => (float[4] q) { q = Neg(x) }>
      b = Loop (n, c, a) <body = each (int64 i, bool go, float[4] v) => (bool on, float[4] w) {
        on = Identity(go) w = Add(v, x) }>
      y = own.Twice (b)
    }
    <domain: "own", opset_import: ["": 18]> Twice (s) => (t) { t = Add(s, s) }
    """
    return parser.parse_model(text)


def _weights() -> onnx.ModelProto:
    """Weights inside, outside and sparse."""
    inside = helper.make_tensor("w", TensorProto.FLOAT, [4, 3, 3, 3], [0.5] * 108)
    outside = TensorProto(name="o", data_type=TensorProto.FLOAT, dims=[4], data_location=TensorProto.EXTERNAL)
    entry = outside.external_data.add()
    entry.key, entry.value = "location", "weights.bin"
    values = helper.make_tensor("sparse", TensorProto.FLOAT, [2], [1, 2])
    sparse = helper.make_sparse_tensor(values, helper.make_tensor("", TensorProto.INT64, [2], [0, 3]), [4])
    nodes = [
        helper.make_node("Conv", ["x", "w", "o"], ["a"], pads=[1, 1, 1, 1]),
        helper.make_node("Flatten", ["a"], ["b"]),
        helper.make_node("Constant", [], ["k"], value=helper.make_tensor("", TensorProto.FLOAT, [1], [2.0])),
        helper.make_node("Mul", ["b", "k"], ["y"]),
    ]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 8, 8])
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "net", [x], [y], [inside, outside], sparse_initializer=[sparse])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def _each_operator() -> list[onnx.ModelProto]:
    """A model for each of ONNX's operators, with as many inputs as it needs; most are no good yet."""
    made = []
    for schema in onnx.defs.get_all_schemas():
        if schema.domain or schema.deprecated:
            continue
        names = [f"x{at}" for at in range(max(schema.min_input, min(schema.max_input, 3)))]
        outputs = [f"y{at}" for at in range(max(1, schema.min_output))]
        dims = ([1, 4, 8, 8], [4, 4, 3, 3], [4], [1])
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT if at < 2 else TensorProto.INT64, dims[at % 4])
            for at, name in enumerate(names)
        ]
        node = helper.make_node(schema.name, names, outputs)
        values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs]
        graph = helper.make_graph([node], "net", inputs, values)
        made.append(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=9))
    return made
