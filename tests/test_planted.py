"""The planted pairs of bench/planted are what they say: changes are legal and true, disguises change nothing."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from networks import network
from planted import Change, Pair, Score, Truth, disguises, draw, score
from planted import __main__ as command
from planted.disguises import DISGUISES
from planted.drawing import bases, finish, load
from planted.drawing import evidence as read_evidence
from planted.mutations import MUTATIONS
from planted.network import Illegal, Net, alike, attribute, check
from planted.scoring import Tally
from zoodiff import measure

TOLERANCE = 1e-4
"""largest error allowed, as a share of the largest output: single precision in another order of summation"""

EVERYTHING = """net (float[1,3,32,32] x) => (float[1,10] y)
<float three = {3.0}, float zero = {0.0}, float six = {6.0},
 int64[8] pads = {0,0,1,1,0,0,1,1}, int64[2] flat = {1,24}> {
  c1 = Conv<pads=[1,1,1,1], strides=[2,2]>(x, w1, b1)
  r1 = Relu(c1)
  m1 = MaxPool<kernel_shape=[3,3], strides=[2,2], pads=[1,1,1,1]>(r1)
  p1 = Pad(m1, pads)
  c2 = Conv(p1, w2)
  r2 = Clip(c2, zero, six)
  p2 = Pad(r1, pads)
  m2 = MaxPool<kernel_shape=[3,3], strides=[2,2]>(p2)
  a2 = AveragePool<kernel_shape=[3,3], pads=[1,1,1,1], count_include_pad=1>(m2)
  s2 = Add(a2, r2)
  g2 = Sigmoid(s2)
  sw = Mul(s2, g2)
  h1 = Add(sw, three)
  h2 = Clip(h1, zero, six)
  h3 = Mul(sw, h2)
  h4 = Div(h3, six)
  hs = HardSwish(h4)
  j1 = Concat<axis=1>(hs, r2)
  j2 = Concat<axis=1>(j1, m2)
  j3 = Concat<axis=1>(hs, r2, m2)
  j4 = Add(j2, j3)
  gp = GlobalAveragePool(j4)
  se = Conv(gp, w3, b3)
  sg = Sigmoid(se)
  ex = Mul(j4, sg)
  rm = ReduceMean<keepdims=1>(ex, axes)
  fl = Reshape(rm, flat)
  ln = LayerNormalization<axis=-1>(fl, scale, shift)
  d1 = MatMul(ln, w4)
  d2 = Add(d1, b4)
  ge = Gelu(d2)
  d3 = Gemm<transB=1>(ge, w5, b5)
  one = Constant<value = float {1.0}>()
  y = Mul(d3, one)
}"""


def everything(data: bool = False) -> onnx.ModelProto:
    """A small network in which every disguise has a place."""
    weights = {
        "w1": (8, 3, 3, 3), "b1": (8,), "w2": (8, 8, 3, 3), "w3": (24, 24, 1, 1), "b3": (24,), "scale": (24,),
        "shift": (24,), "w4": (24, 48), "b4": (48,), "w5": (10, 48), "b5": (10,),
    }  # fmt: skip
    model = network(EVERYTHING, opset=20, ir=9, data=data, **weights)
    model.graph.initializer.append(numpy_helper.from_array(np.array([2, 3]), "axes"))
    return model


def base(zoo: str, file: str) -> onnx.ModelProto:
    """One bundled skeleton."""
    return load(next(found for found in bases() if (found[0], found[2]) == (zoo, file)))


def filled(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same with random weights that keep activations at one size; what held data keeps it."""
    model, random = Net(model).model(), np.random.default_rng(0)
    for tensor in model.graph.initializer:
        if not any(len(getattr(tensor, field)) for field in ("raw_data", "float_data", "int64_data")):
            dims = tuple(tensor.dims)
            spread = math.sqrt(2 / max(1, math.prod(dims[1:])))
            values = random.normal(0, spread, dims) if len(dims) > 1 else random.uniform(0.5, 1.5, dims)
            tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float32), tensor.name))
    return model


def run(model: onnx.ModelProto) -> np.ndarray:
    """What a network with weights returns for a random picture."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    (picture,) = session.get_inputs()
    values = np.random.default_rng(1).standard_normal(picture.shape).astype(np.float32)
    return session.run(None, {picture.name: values})[0]


def counts(model: onnx.ModelProto) -> tuple[int, int]:
    found = measure(model).counts
    return int(found.macs.value), int(found.params.value)


# ---------------------------------------------------------------- disguises


@pytest.fixture(scope="module")
def grounds() -> list[tuple[onnx.ModelProto, np.ndarray]]:
    """Networks with weights, and what they return: one made up, two real."""
    whole = [everything(data=True), base("gluon", "squeezenet1.1.onnx"), base("torchvision", "mobilenet_v3_small.onnx")]
    models = [filled(model) for model in whole]
    return [(model, run(model)) for model in models]


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguise_changes_no_function_and_no_count(
    name: str, grounds: list[tuple[onnx.ModelProto, np.ndarray]]
) -> None:
    applied = 0
    for model, before in grounds:
        assert before.std() > 1e-3 * abs(before).max()  # otherwise nothing is proven
        for seed in range(2):
            try:
                disguised, _ = disguises.apply(name, Net(model), Random(seed))
            except Illegal:
                continue
            after = run(disguised)
            assert abs(after - before).max() <= TOLERANCE * abs(before).max()
            assert counts(disguised) == counts(model)
            assert disguised.SerializeToString() != model.SerializeToString()
            applied += 1
    assert applied


def test_disguises_on_top_of_each_other_change_no_function(
    grounds: list[tuple[onnx.ModelProto, np.ndarray]],
) -> None:
    for model, before in grounds:
        for seed in range(3):
            disguised = model
            for name in Random(seed).sample(sorted(DISGUISES), 8):
                try:
                    disguised, _ = disguises.apply(name, Net(disguised), Random(seed))
                except Illegal:
                    continue
            assert abs(run(disguised) - before).max() <= TOLERANCE * abs(before).max()


def test_zeros_are_not_taken_for_the_pads_of_a_pooling_of_negative_values() -> None:
    """Keras pads ResNet V2's first max-pool with zeros, before any ReLU: there Pad is no disguise."""
    text = """net (float[1,3,8,8] x) => (float[1,4,4,4] y) <int64[8] pads = {0,0,1,1,0,0,1,1}> {
      c = Conv(x, w)  p = Pad(c, pads)  y = MaxPool<kernel_shape=[3,3], strides=[2,2]>(p) }"""
    model = network(text, w=(4, 3, 1, 1))
    with pytest.raises(Illegal, match="does not apply"):
        disguises.apply("pads_inside", Net(model), Random(0))


# ---------------------------------------------------------------- mutations

USUAL = ("torchvision", "resnet18.onnx")
GROUNDS = {
    "ceil_mode": ("gluon", "squeezenet1.0.onnx"),
    "count_include_pad": ("tfmg", "inception_v2.onnx"),
    "drop_bias": ("torchvision", "squeezenet1_1.onnx"),
    "drop_lrn": ("onnx", "zfnet512-9.onnx"),
    "insert_conv": ("gluon", "squeezenet1.0.onnx"),
    "ln_epsilon": ("torchvision", "convnext_tiny.onnx"),
    "mlp_width": ("torchvision", "convnext_tiny.onnx"),
    "shortcut_kind": ("torchvision", "regnet_x_400mf.onnx"),
}
"""where a kind of change has no place in the usual network"""

DEFAULTS = {"strides": [1, 1], "dilations": [1, 1], "group": 1, "pads": [0, 0, 0, 0], "epsilon": 1e-5}
ATTRIBUTES = ("strides", "kernel_shape", "dilations", "group", "pads", "ceil_mode", "count_include_pad", "epsilon")


def planted(name: str, seed: int, model: onnx.ModelProto) -> tuple[Net, Net, Change]:
    """The network before and after one change of a kind, at a place that does."""
    before = Net(model)
    for place in Random(seed).sample(range(sum(1 for _ in MUTATIONS[name](before))), 1) * 20:
        net = Net(model)
        edits = list(MUTATIONS[name](net))
        try:
            change = edits[(place + seed) % len(edits)]()
            finish(net, before)
        except Illegal:
            seed += 1
            continue
        return before, net, change
    raise AssertionError(f"no place for {name}")


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_planted_change_is_legal_and_true(name: str) -> None:
    """onnxruntime builds and runs it, it returns something else, and the nodes have the stated values."""
    model = base(*GROUNDS.get(name, USUAL))
    before, after, change = planted(name, 3, model)
    result, other = run(filled(after.model())), run(filled(model))
    assert np.isfinite(result).all()
    silent = (
        "ln_epsilon",
        "drop_lrn",
    )  # too small to see; on weights that are all one number in the only files with LRN
    assert name in silent or result.shape != other.shape or abs(result - other).max() > 0
    known = after if change.kind == "added" else before
    names = [value.name for value in before.inputs] if change.op == "Input" else list(known.producer)
    assert set(change.nodes) <= set(names)
    assert change.count == (1 if change.pair or change.op == "Block" else len(change.nodes))
    for output in change.nodes:
        if change.kind == "missing":
            assert output not in after.producer
        elif change.kind == "added":
            assert output not in before.producer
            assert after.op(output) == change.right
        elif change.what in ATTRIBUTES and not change.pair:
            for net, stated in ((before, change.left), (after, change.right)):
                assert attribute(net.producer[output], change.what, DEFAULTS.get(change.what, 0)) == pytest.approx(
                    stated
                )
        elif change.what == "op" and change.op != "Shortcut":
            assert (before.op(output), after.op(output)) == (change.left, change.right)
        elif change.what == "out_channels":
            axis = 1 if change.op in ("Conv", "Gemm") else -1
            assert (before.shape(output)[axis], after.shape(output)[axis]) == (change.left, change.right)
    assert counts(before.model()) == counts(model)


def test_a_stride_that_moves_keeps_the_size() -> None:
    before, after, change = planted("stride_swap", 0, base(*USUAL))
    first, second = change.nodes
    assert attribute(before.producer[first], "strides", [1, 1]) == change.left
    assert attribute(after.producer[second], "strides", [1, 1]) == change.left
    assert before.shape(second) == after.shape(second)


@pytest.mark.parametrize(("zoo", "file"), [("gluon", "densenet121.onnx"), ("keras", "MobileNetV2.onnx")])
def test_a_block_that_goes_takes_its_channels_along(zoo: str, file: str) -> None:
    model = base(zoo, file)
    before, after, change = planted("drop_block", 1, model)
    assert set(change.nodes) <= set(change.places[0])
    assert counts(after.model())[0] < counts(model)[0]
    assert run(filled(after.model())).shape == before.shape(before.outputs[0].name)


def test_illegal_networks_are_refused() -> None:
    """What onnx's own inference lets pass: 1 against 7 in a sum, a Reshape to more elements, a wrong bias."""
    sound = "net (float[1,4,7,7] x) => (float[1,4,7,7] y) { c = Conv<strides=[1,1]>(x, w, b)  y = Add(x, c) }"
    one = sound.replace("strides=[1,1]", "strides=[7,7]")
    before = Net(network(sound, w=(4, 4, 1, 1), b=(4,)))
    check(before, before)
    with pytest.raises(Illegal, match="broadcasts"):
        check(Net(network(one, w=(4, 4, 1, 1), b=(4,))), before)
    with pytest.raises(Illegal, match="Conv c"):
        check(Net(network(sound, w=(4, 4, 1, 1), b=(5,))), before)
    grown = "net (float[1,4] x) => (float[1,8] y) <int64[2] to = {1,8}> { y = Reshape(x, to) }"
    with pytest.raises(Illegal, match=r"Reshape|reshape"):
        finish(Net(network(grown)), before)


# ---------------------------------------------------------------- drawing


def test_a_pair_is_its_seed() -> None:
    first, second = draw(2), draw(2)
    assert [model.SerializeToString() for model in first[:2]] == [model.SerializeToString() for model in second[:2]]
    assert first.truth == second.truth
    assert draw(6).truth != first.truth


def test_drawn_pairs_are_legal_and_their_changes_apart() -> None:
    for seed in (0, 6, 12, 22):
        a, b, truth = draw(seed)
        assert counts(a) + counts(b) == (truth.macs[0], truth.params[0], truth.macs[1], truth.params[1])
        assert 1 <= len(truth.disguises) <= 4
        nodes = [name for change in truth.mutations for name in change.nodes]
        assert len(nodes) == len(set(nodes))
        if not truth.mutations:
            assert truth.macs[0] == truth.macs[1]
        net = Net(b)
        check(net, net)


def test_only_one_kind_can_be_asked_for() -> None:
    truth = draw(1, "dilation").truth
    assert [change.mutation for change in truth.mutations] == ["dilation"]
    assert truth.macs[0] == truth.macs[1]


# ---------------------------------------------------------------- scoring


def row(change: Change, truth: Truth, macs: int = 0, params: int = 0) -> dict[str, Any]:
    """The row that a perfect engine would report."""
    names = change.nodes if truth.renamed is None else [truth.renamed.get(name, name) for name in change.nodes]
    return {
        "kind": change.kind, "op": change.op, "what": change.what, "words": "", "count": change.count,
        "group": change.group, "macs_delta": macs, "params_delta": params, "consequences": [],
        "left": None if change.kind == "added" else {"value": change.left, "nodes": change.nodes},
        "right": None if change.kind == "missing" else {"value": change.right, "nodes": names},
    }  # fmt: skip


def perfect(truth: Truth) -> dict[str, Any]:
    """The document that a perfect engine would write; all of the gap is the first change's."""
    gaps = {what: right - left for what, (left, right) in (("macs", truth.macs), ("params", truth.params))}
    shares = [(gaps["macs"], gaps["params"])] + [(0, 0)] * 9
    rows = [row(change, truth, *share) for change, share in zip(truth.mutations, shares, strict=False)]
    return {
        "identical": not rows, "differences": rows, "remainder": {"macs": 0, "params": 0},
        "macs": {"left": truth.macs[0], "right": truth.macs[1], "delta": gaps["macs"]},
        "params": {"left": truth.params[0], "right": truth.params[1], "delta": gaps["params"]},
    }  # fmt: skip


TEXT = """net (float[1,3,8,8] x) => (float[1,4,8,8] y) {
  c1 = Conv<pads=[1,1,1,1]>(x, w1)  r1 = Relu(c1)
  c2 = Conv<pads=[1,1,1,1]>(r1, w2) d2 = Add(c2, b2)  r2 = Relu(d2)
  c3 = Conv<pads=[1,1,1,1]>(r1, w3) r3 = Relu(c3)
  s = Add(r2, r3)  y = Conv(s, w4) }"""


def judged(change: Change | None, **wrong: Any) -> Score:
    """The judgement of a document with a row that is right but for `wrong`; `extra` appends a row to it."""
    weights = {"w1": (4, 3, 3, 3), "w2": (4, 4, 3, 3), "b2": (4, 1, 1), "w3": (4, 4, 3, 3), "w4": (4, 4, 1, 1)}
    model = network(TEXT, **weights)
    planted = [change] if change else []
    truth = Truth(base="", mutations=planted, disguises=[], macs=[100, 90], params=[10, 8], renamed={})
    if not planted:
        truth.macs, truth.params = [100, 100], [10, 10]
    document = perfect(truth)
    extra = wrong.pop("extra", None)
    if wrong.pop("missing", False):
        document["differences"].clear()
    for name, value in wrong.items():
        document["differences"][0][name] = value
    if extra:
        document["differences"].append(extra)
    return score(document, truth, model, model)


CHANGE = Change(mutation="kernel", what="kernel_shape", op="Conv", nodes=["c1"], left=[3, 3], right=[5, 5])
EXTRA = {
    "kind": "rewired", "op": "Add", "what": "wiring", "left": {"nodes": ["s"]}, "right": {"nodes": ["s"]}, "count": 1,
    "macs_delta": 0, "params_delta": 0,
}  # fmt: skip


def test_a_right_document_is_perfect() -> None:
    assert judged(CHANGE).perfect
    assert judged(None).perfect


@pytest.mark.parametrize(
    ("wrong", "verdict"),
    [
        ({"left": {"value": [3, 3], "nodes": ["y"]}}, "place"),
        ({"left": {"value": [3, 3], "nodes": ["c1", "y"]}}, "place"),
        ({"right": {"value": [7, 7], "nodes": ["c1"]}}, "value"),
        ({"right": {"value": 5, "nodes": ["c1"]}}, "value"),
        ({"count": 2}, "count"),
        ({"kind": "missing"}, "kind"),
        ({"what": "pads"}, "what"),
        ({"op": "MaxPool"}, "op"),
        ({"group": "detail"}, "group"),
        ({"missing": True}, "absent"),
    ],
)
def test_a_wrong_row_is_a_miss_and_false(wrong: dict[str, Any], verdict: str) -> None:
    found = judged(CHANGE, **wrong)
    assert found.found == [verdict]
    assert len(found.false) == ("missing" not in wrong)
    assert not found.perfect


def test_an_extra_row_is_false() -> None:
    found = judged(CHANGE, extra=EXTRA)
    assert (found.found, found.false, found.rows) == ([""], [EXTRA], 2)
    assert not found.perfect
    assert judged(None, extra=EXTRA).false == [EXTRA]


def test_a_second_row_about_one_change_is_false() -> None:
    again = judged(CHANGE, extra=row(CHANGE, Truth(base="", mutations=[], disguises=[], macs=[], params=[])))
    assert (again.found, len(again.false)) == ([""], 1)


def test_a_single_change_has_to_have_the_whole_gap() -> None:
    assert not judged(CHANGE, macs_delta=-9).gap
    split = judged(CHANGE, macs_delta=-9, extra=EXTRA | {"macs_delta": -1})
    assert (split.found, split.gap) == ([""], False)
    consequence = {"op": "Conv", "what": "in_channels", "nodes": ["y"], "macs_delta": -4, "params_delta": 0}
    assert judged(CHANGE, macs_delta=-6, consequences=[consequence]).gap


def test_a_layer_may_be_named_by_its_bias_and_twins_cannot_be_told_apart() -> None:
    weights = {"w1": (4, 3, 3, 3), "w2": (4, 4, 3, 3), "b2": (4, 1, 1), "w3": (4, 4, 3, 3), "w4": (4, 4, 1, 1)}
    twins = network(TEXT.replace("d2 = Add(c2, b2)  r2 = Relu(d2)", "r2 = Relu(c2)"), **weights)
    likeness = alike(Net(twins))
    assert likeness["c2"] == likeness["c3"] != likeness["c1"]
    assert likeness["r2"] == likeness["r3"] != likeness["r1"]
    uneven = alike(Net(network(TEXT, **weights)))
    assert uneven["c2"] != uneven["c3"]
    change = Change(mutation="dilation", what="dilations", op="Conv", nodes=["c2"], left=[1, 1], right=[2, 2])
    assert judged(change, left={"value": [1, 1], "nodes": ["d2"]}).perfect
    assert judged(change, left={"value": [1, 1], "nodes": ["c3"]}).found == ["place"]
    truth = Truth(base="", mutations=[change], disguises=[], macs=[1, 1], params=[1, 1], renamed={})
    document = perfect(truth)
    document["differences"][0]["left"]["nodes"] = ["c3"]
    assert score(document, truth, twins, twins).perfect


def test_epsilons_are_one_to_five_digits_and_other_spellings_count() -> None:
    change = Change(
        mutation="bn_epsilon", what="epsilon", op="BatchNormalization", nodes=["r1"], left=1.0009999641624745e-05,
        right=1e-3, group="detail", also={"op": ["Normalization"]},
    )  # fmt: skip
    right = {"op": "Normalization", "left": {"value": 1.001e-05, "nodes": ["r1"]}}
    assert judged(change, **right).perfect
    assert judged(change, left={"value": 1.1e-05, "nodes": ["r1"]}).found == ["value"]


def test_a_block_of_a_run_may_be_any_of_the_run() -> None:
    places = [["c1", "r1", "c2", "r2"]]
    change = Change(mutation="drop_block", what="layer", op="Block", nodes=["c1", "r1"], left="Block", places=places)
    assert judged(change, left={"value": None, "nodes": ["c2", "r2"]}).perfect
    assert judged(change, left={"value": None, "nodes": ["c3"]}).found == ["place"]


def test_a_companion_is_neither_asked_for_nor_false() -> None:
    change = Change(mutation="insert_conv", what="layer", op="Conv", nodes=["c2"], right="Conv", companions=["Relu"])
    companion = EXTRA | {"kind": "added", "op": "Activation", "what": "layer"}
    assert judged(change).perfect
    found = judged(change, extra=companion)
    assert (found.perfect, found.rows) == (True, 1)
    assert judged(change, right={"value": "Conv", "nodes": ["c3"]}).found == ["place"]


def test_a_moved_stride_may_be_told_from_either_layer() -> None:
    change = Change(
        mutation="stride_swap", what="strides", op="Conv", nodes=["c1", "c2"], left=[2, 2], right=[1, 1], pair=True
    )
    one = {"left": {"value": [2, 2], "nodes": ["c1"]}, "right": {"value": [2, 2], "nodes": ["c2"]}}
    assert judged(change).perfect
    assert judged(change, **one).perfect
    assert judged(change, left={"value": [2, 2], "nodes": ["c3"]}).found == ["place"]


def test_the_pairs_of_others_can_be_judged(evidence_pairs: list[Pair]) -> None:
    for a, b, truth in evidence_pairs:
        document = perfect(truth)
        for found in document["differences"]:
            if found["op"] == "Input":  # there the truth states one extent, where the contract has all dims
                for side, model in (("left", a), ("right", b)):
                    dims = model.graph.input[0].type.tensor_type.shape.dim
                    found[side]["value"] = [dim.dim_value for dim in dims]
        assert score(document, truth, a, b).perfect
        document["differences"].append(EXTRA)
        assert not score(document, truth, a, b).perfect
        document["differences"].clear()
        assert score(document, truth, a, b).found == ["absent"] * len(truth.mutations)


@pytest.fixture(scope="module")
def evidence_pairs(evidence: Path) -> list[Pair]:
    """The planted pairs that lie beside the repository."""
    return [read_evidence(folder) for folder in sorted((evidence / "pairs").iterdir())]


# ---------------------------------------------------------------- the command


def test_the_command_counts_what_was_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An engine that finds nothing has recall 0; one that knows the truth has 100 everywhere."""
    nothing = perfect(Truth(base="", mutations=[], disguises=[], macs=[1, 1], params=[1, 1]))
    monkeypatch.setattr(command, "compare", lambda *_: nothing)
    blind = command.judge(6, 1)
    assert "| (all) | 1 | 0.00 | 0.00 |  | 0.00 |" in blind
    assert "seed 6" in blind
    truths = iter([draw(seed).truth for seed in (6, 7)])
    monkeypatch.setattr(command, "compare", lambda *_: perfect(next(truths)))
    out = tmp_path / "table.md"
    monkeypatch.setattr(sys, "argv", ["planted", "--pairs", "2", "--seed", "6", "--out", str(out)])
    command.main()
    text = out.read_text()
    assert "| (all) | 2 | 100.00 | 100.00 | 100.00 | 100.00 |" in text
    assert "seed" not in text


def test_a_tally_names_what_was_missed() -> None:
    tally = Tally()
    truth = Truth(base="zoo/file", mutations=[CHANGE], disguises=["rename"], macs=[1, 1], params=[1, 1])
    tally.add(5, truth, Score(found=["value"], false=[EXTRA], rows=1, gap=True, identical=True))
    assert tally.misses == ["seed 5 zoo/file ['rename']: ['kernel: value'] extra ['rewired Add wiring'] wrong []"]
    assert "| kernel | 1 | 0.00 | 0.00 | 0.00 | 100.00 |" in tally.table()
    assert "| under rename | 1 |" in tally.table()
