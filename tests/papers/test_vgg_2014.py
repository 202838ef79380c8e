"""VGG: depths by their letters, and counts of others who built it."""

from __future__ import annotations

import pytest

from zoodiff.measuring.measurement import measure
from zoodiff.reading.reference import find

DEPTHS = {"vgg11": 11, "vgg13": 13, "vgg16-c": 16, "vgg16": 16, "vgg19": 19}


@pytest.mark.parametrize("name", DEPTHS)
def test_depth(name: str) -> None:
    assert measure(f"paper:{name}").counts.layers == DEPTHS[name]


def test_parameters_are_those_that_torchvision_publishes() -> None:
    published = {"vgg11": 132_863_336, "vgg13": 133_047_848, "vgg16": 138_357_544, "vgg19": 143_667_240}
    assert {name: measure(f"paper:{name}").counts.params.value for name in published} == published


def test_c_has_one_by_ones_and_a_lrn_one_response_normalization() -> None:
    kernels = [node.attributes["kernel_shape"] for node in find("paper:vgg16-c").graph().nodes if node.op == "Conv"]
    assert [at for at, kernel in enumerate(kernels) if kernel == (1, 1)] == [6, 9, 12]
    assert [node.op for node in find("paper:vgg11-lrn").graph().nodes][:4] == ["Conv", "Relu", "LRN", "MaxPool"]


def test_multiply_adds_are_those_that_others_print() -> None:
    """Howard et al. 2017, table 8: 15300 million, which leave the fully-connected layers out."""
    shares = {share.op: share.macs for share in measure("paper:vgg16").counts.by_op}
    assert shares["Conv"] // 10**8 == 153
