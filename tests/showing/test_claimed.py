"""Every claim stands with its source, the one that tables use is marked, and what others measured follows."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from madeup import Ran

Cli = Callable[..., Ran]


def test_claims_are_shown_with_what_others_measured(cli: Cli) -> None:
    out = " ".join(cli("claims", "torchvision:resnet50/IMAGENET1K_V1").out.split())
    assert "Evidence: measured by others" in out
    assert "acc@1 75.062 (37,531 of 50,000)" in out
    assert (
        "shorter side to 256, centre crop, bilinear (as the zoo says): huggingface/pytorch-image-models@aa4b5850" in out
    )
    assert "79.434" not in out  # of other weights
    assert "79.434" in cli("claims", "torchvision:resnet50").out
    document = json.loads(cli("claims", "torchvision:resnet50/IMAGENET1K_V1", "--json").out)
    told = {one["measured_by"] for one in document["models"][0]["evidence"]}
    assert told == {"timm", "imagenet-testbed", "Open Model Zoo", "benchmarking-keras-pytorch"}


def test_the_claim_that_tables_use_is_marked_with_its_reason(cli: Cli, zoos: None) -> None:
    out = cli("claims", "alpha:resnet50_v1").out
    assert "alpha:resnet50_v1/w1  (resnet50-v1)" in out
    assert "*acc@1 76.130   *acc@5 92.862" in out
    assert "  * acc@1 76.130: " in out
    assert re.search(r"weights w2: .*\n    acc@1 80\.858\n", out)


def test_a_metric_without_a_claim_says_why(cli: Cli, zoos: None) -> None:
    assert "acc@5: the zoo claims no acc@5" in cli("claims", "gamma:vgg16").out
