from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from networks import network
from zoodiff.fault import Refusal
from zoodiff.readers import onnx as reader
from zoodiff.reading.values import SMALL, held
from zoodiff.record import Constant

NUMBERS = [
    kind
    for kind in (*range(1, 17), TensorProto.INT4, TensorProto.UINT4)
    if kind not in (TensorProto.STRING, TensorProto.COMPLEX64, TensorProto.COMPLEX128)
]


@pytest.mark.parametrize("kind", NUMBERS, ids=[TensorProto.DataType.Name(kind) for kind in NUMBERS])
@pytest.mark.parametrize("raw", [False, True])
def test_values_of_every_type_are_found_wherever_they_are(kind: int, raw: bool) -> None:
    stored = np.array([0, 1, 1], helper.tensor_dtype_to_np_dtype(kind))
    tensor = onnx.numpy_helper.from_array(stored, "t")
    if not raw:
        tensor = helper.make_tensor("t", kind, (3,), [0, 1, 1])
        assert not tensor.raw_data
    constant = Constant("t", "", (3,), held(tensor, (3,)))
    assert constant.data is not None
    assert constant.data.dtype == stored.dtype
    assert constant.data.astype(np.float64).tolist() == [0, 1, 1]
    assert constant.stored == constant.data.tobytes()


def test_what_is_not_there_or_too_large_has_no_values() -> None:
    assert held(TensorProto(data_type=TensorProto.FLOAT, dims=[3]), (3,)) is None
    assert held(helper.make_tensor("t", TensorProto.STRING, (1,), [b"a"]), (1,)) is None
    large = onnx.numpy_helper.from_array(np.zeros(SMALL + 1, np.float32))
    assert held(large, (SMALL + 1,)) is None
    outside = TensorProto(data_type=TensorProto.FLOAT, dims=[0], data_location=TensorProto.EXTERNAL)
    assert held(outside, (0,)) is None


def test_values_that_do_not_fit_are_refused() -> None:
    tensor = TensorProto(name="t", data_type=TensorProto.FLOAT, dims=[3], raw_data=bytes(8))
    with pytest.raises(Refusal, match="'t' is damaged"):
        held(tensor, (3,))


def test_large_values_are_not_computed() -> None:
    """A chain on constants that would make gigabytes is left alone."""
    model = network("""net (float[1,4] x) => (float[] y) {
        s = Constant <value_ints=[50000,50000]> ()
        big = ConstantOfShape (s)
        more = Add (big, big)
        u = NonZero (more)
        y = Relu (x)
    }""")
    assert reader.from_proto(model, "net").shape("more") == (50000, 50000)
