from __future__ import annotations

import pytest

# x, w, y, attributes; no padding, so that every product has two ones
PLAIN = [
    ((2, 3, 9, 9), (5, 3, 3, 3), (2, 5, 7, 7), {}),
    ((1, 8, 9, 9), (12, 2, 3, 3), (1, 12, 4, 4), {"group": 4, "strides": [2, 2]}),
    ((1, 6, 9, 9), (6, 1, 3, 3), (1, 6, 5, 5), {"group": 6, "dilations": [2, 2]}),
    ((2, 3, 16), (4, 3, 5), (2, 4, 12), {}),
    ((1, 2, 5, 6, 7), (3, 2, 2, 3, 1), (1, 3, 4, 4, 7), {}),
]


@pytest.mark.parametrize(("x", "w", "y", "attributes"), PLAIN)
def test_conv_is_the_number_of_products_that_run(cost, terms, x, w, y, attributes):
    assert cost("Conv", [x, w], [y], **attributes) == (terms("Conv", [x, w], **attributes), 0)


@pytest.mark.parametrize(
    ("x", "w", "y", "attributes"),
    [
        ((1, 3, 4, 4), (3, 5, 3, 3), (1, 5, 9, 9), {"strides": [2, 2]}),
        ((2, 4, 5, 5), (4, 3, 2, 2), (2, 6, 6, 6), {"group": 2}),
    ],
)
def test_transposed_is_the_number_of_products_that_run(cost, terms, x, w, y, attributes):
    assert cost("ConvTranspose", [x, w], [y], **attributes).macs == terms("ConvTranspose", [x, w], **attributes)


def test_padded_positions_count(cost):
    # ResNet's first convolution: 64 x 112 x 112 outputs, 3 x 7 x 7 products each, at the border too
    macs, other = cost(
        "Conv", [(1, 3, 224, 224), (64, 3, 7, 7)], [(1, 64, 112, 112)], pads=(3, 3, 3, 3), strides=(2, 2)
    )
    assert (macs, other) == (118_013_952, 0)


def test_bias_is_one_addition_per_output_element(cost):
    assert cost("Conv", [(1, 3, 8, 8), (4, 3, 1, 1), (4,)], [(1, 4, 8, 8)]).other == 4 * 8 * 8
    assert cost("ConvTranspose", [(1, 3, 4, 4), (3, 5, 2, 2), (5,)], [(1, 5, 8, 8)], strides=(2, 2)) == (960, 320)


def test_deformable_interpolates_every_value_that_it_reads(cost):
    x, w, offset, y = (1, 4, 6, 6), (8, 2, 3, 3), (1, 18, 4, 4), (1, 8, 4, 4)
    read = 4 * 9 * 16
    assert cost("DeformConv", [x, w, offset], [y], group=2) == (8 * 16 * 2 * 9, read * 7)
    with_bias_and_mask = cost("DeformConv", [x, w, offset, (8,), (1, 9, 4, 4)], [y], group=2)
    assert with_bias_and_mask == (8 * 16 * 2 * 9, read * 8 + 8 * 16)


def test_causal_convolution_over_time(cost):
    x, w = (2, 6, 10), (6, 1, 4)
    assert cost("CausalConvWithState", [x, w], [x, (2, 6, 3)]) == (2 * 6 * 10 * 4, 0)
    assert cost("CausalConvWithState", [x, w, (6,)], [x], activation="silu") == (480, 120 * (1 + 5))
