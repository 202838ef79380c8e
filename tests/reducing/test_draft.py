from __future__ import annotations

from networks import network
from zoodiff.readers.onnx import from_proto
from zoodiff.reducing.draft import Draft

TEXT = "net (float[1,4] x) => (float[] y) { a = Relu(x) b = Identity(a) c = Sigmoid(b) d = Tanh(b) y = Add(c, d) }"


def draft(text: str = TEXT, **weights: tuple[int, ...]) -> Draft:
    return Draft(from_proto(network(text, **weights), "test"))


def by_kind(made: Draft, kind: str):
    return next(op for op in made.ops if op.op == kind)


def test_bypassing_joins_readers_and_hands_on_what_is_stood_for():
    made = draft()
    made.bypass(by_kind(made, "Identity"))
    assert [op.inputs for op in made.readers("a")] == [["a"], ["a"]]
    assert by_kind(made, "Relu").origin == [0, 1]


def test_absorbed_operators_go_only_where_nobody_else_reads_them():
    made = draft()
    last, relu = by_kind(made, "Add"), by_kind(made, "Relu")
    made.rewrite(last, "Neg", ["x"], absorbed=[relu, by_kind(made, "Tanh"), by_kind(made, "Sigmoid")])
    assert [op.op for op in made.ops] == ["Relu", "Identity", "Neg"]
    assert sorted(last.origin) == [2, 3, 4]


def test_appended_and_inserted_operators_keep_the_books():
    made = draft()
    relu, tanh = by_kind(made, "Relu"), by_kind(made, "Tanh")
    after = made.append(relu, "Reshape", {"shape": (1, 4)}, (4,))
    assert (made.shape(relu.outputs[0]), made.shape("a")) == ((4,), (1, 4))
    assert made.maker("a") is after
    before = made.insert(tanh, 0, "Reshape", {"shape": (4, 1)}, (4, 1))
    assert made.readers(before.outputs[0]) == [tanh]
    made.sort()
    assert [op.op for op in made.ops] == ["Relu", "Reshape", "Identity", "Sigmoid", "Reshape", "Tanh", "Add"]


def test_constants_are_derived_once_and_undone():
    made = draft("net (float[1,4] x) => (float[] y) { y = MatMul(x, w) }", w=(4, 6))
    turned = made.transposed("w", (1, 0))
    assert made.shape(turned) == (6, 4)
    assert made.transposed("w", (1, 0)) == turned
    assert made.transposed(turned, (1, 0)) == "w"
    assert made.reshaped(made.reshaped("w", (24,)), (4, 6)) == "w"
    assert [op.op for op in made.prologue] == ["Transpose", "Reshape"]


def test_sweeping_takes_out_what_leads_nowhere():
    made = draft()
    made.rewrite(by_kind(made, "Add"), "Neg", ["c"])
    made.sweep()
    assert [op.op for op in made.ops] == ["Relu", "Identity", "Sigmoid", "Neg"]


def test_what_is_cut_apart_stands_for_the_whole_together():
    text = """net (float[1,4] x) => (float[] y) { h = MatMul(x, w) n = Constant <value_ints = [2,4]> ()
              a, b = Split <axis = 1> (h, n) c = Relu(b) y = Concat <axis = 1> (a, c) }"""
    made = draft(text, w=(4, 6))
    product, split, position = by_kind(made, "MatMul"), by_kind(made, "Split"), 0
    parts = made.apart(split)
    assert [part.outputs for part in parts] == [["a"], ["b"]]
    assert made.readers("h") == parts
    assert made.maker("b") is parts[1]
    made.share(product, parts)
    assert made.shared == {position}
    assert all(position in part.origin for part in parts)
