from __future__ import annotations

import pytest

from zoodiff.costs._cost import Uncountable


def test_transform_per_row(cost):
    # 3 rows of 256: 5 n log2 n
    assert cost("DFT", [(3, 256, 1)], [(3, 256, 2)], opset=17, axis=1) == (0, 3 * 5 * 256 * 8)
    assert cost("DFT", [(3, 256, 1)], [(3, 256, 2)], opset=20) == (0, 3 * 5 * 256 * 8)
    assert cost("DFT", [(3, 256, 1), None, ()], [(3, 256, 2)], data={2: 0}) == (0, 256 * 5 * 3 * 2)
    assert cost("DFT", [(3, 200, 1), ()], [(3, 256, 2)], data={1: 256}) == (0, 3 * 5 * 256 * 8)
    with pytest.raises(Uncountable, match="value of 'in1'"):
        cost("DFT", [(3, 200, 1), ()], [(3, 256, 2)])


def test_short_time_transform(cost):
    shapes = [(2, 1000, 1), (), (128,), ()], [(2, 8, 65, 2)]
    frame = 5 * 128 * 7
    assert cost("STFT", *shapes, data={3: 128}) == (0, 16 * (frame + 128))
    assert cost("STFT", [(2, 1000, 1), (), (128,)], shapes[1]) == (0, 16 * (frame + 128))
    assert cost("STFT", [(2, 1000, 1), (), None, ()], shapes[1], data={3: 128}) == (0, 16 * frame)


@pytest.mark.parametrize(("operator", "each"), [("HannWindow", 4), ("HammingWindow", 4), ("BlackmanWindow", 8)])
def test_windows(cost, operator, each):
    assert cost(operator, [()], [(100,)]) == (0, 100 * each)
