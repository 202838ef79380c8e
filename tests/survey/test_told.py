"""What a zoo claims of its models is one document, in which values are decimal strings."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

from madeup import Ran
from zoodiff.survey.told import claims_of, document

Cli = Callable[..., Ran]


def test_the_document(cli: Cli, zoos: None) -> None:
    made = document(claims_of("alpha:resnet50_v1"))
    assert (made["format"], made["kind"]) == (1, "claims")
    (model,) = made["models"]
    assert (model["ref"], model["architecture"]) == ("alpha:resnet50_v1/w1", "resnet50-v1")
    assert [claim["value"] for claim in model["claims"]] == ["76.130", "92.862", "80.858"]
    assert model["chosen"]["acc@1"]["claim"] == model["claims"][0]
    assert json.loads(cli("claims", "alpha:resnet50_v1", "--json").out) == json.loads(json.dumps(made))


def test_a_metric_without_a_claim_has_its_reason(zoos: None) -> None:
    (model,) = document(claims_of("gamma:vgg16"))["models"]
    assert model["chosen"]["acc@5"] == {"type": "Unmeasured", "reason": "the zoo claims no acc@5"}
    assert model["evidence"] == ()


def test_claims_of_a_model_and_of_an_architecture(zoos: None) -> None:
    [told] = claims_of("alpha:resnet50_v1")
    assert {claim.value for claim in told.claims} == {Decimal("76.130"), Decimal("92.862"), Decimal("80.858")}
    assert [told.ref for told in claims_of("resnet50")] == ["alpha:resnet50_v1/w1", "beta:ResNet50_v1/w1"]
