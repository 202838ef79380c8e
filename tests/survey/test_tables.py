"""The tables, against values worked out by hand from the zoos of conftest.py."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from zoodiff.reading import names
from zoodiff.record import Unmeasured
from zoodiff.survey.study import Study
from zoodiff.survey.tables import Rank, matches, table1, top_mac_ratios, top_spreads


def macs(channels: int, size: int) -> int:
    return 27 * channels * size**2 + 10 * channels


def test_table_1_counts_every_zoo_of_a_tie(study: Study) -> None:
    # vgg16: alpha and gamma tie for the highest; resnet50-v1: alpha above beta; alexnet: alpha and gamma are equal
    assert table1(study, "acc@1") == (Rank("alpha", 3, 3, 1), Rank("beta", 2, 0, 2), Rank("gamma", 2, 2, 1))


def test_table_1_leaves_out_zoos_that_claim_nothing(study: Study) -> None:
    assert table1(study, "acc@5") == (Rank("alpha", 2, 2, 0), Rank("beta", 2, 0, 2), Rank("gamma", 0, 0, 0))


def test_table_1_of_macs_leaves_out_stand_ins(study: Study) -> None:
    # vgg16: gamma most, alpha and beta fewest; resnet50-v1: beta most; alexnet: gamma's graph is alpha's
    assert table1(study, "macs") == (Rank("alpha", 2, 0, 2), Rank("beta", 2, 1, 1), Rank("gamma", 1, 1, 0))


def test_shares_are_exact_or_say_why_not() -> None:
    rank = Rank("alpha", 3, 2, 1)
    assert (rank.highest_share, rank.lowest_share) == (Fraction(2, 3), Fraction(1, 3))
    assert isinstance(Rank("gamma", 0, 0, 0).highest_share, Unmeasured)


def test_spreads_are_decimals_largest_first(study: Study) -> None:
    found = top_spreads(study, "acc@1")
    assert [(row.architecture, row.spread) for row in found] == [
        ("resnet50-v1", Decimal("1.230")),
        ("vgg16", Decimal("0.292")),
    ]
    assert [(entry.ref, value) for entry, value in found[1].points] == [
        ("beta:VGG16", Decimal("71.3")),
        ("alpha:vgg16", Decimal("71.592")),
        ("gamma:vgg16", Decimal("71.592")),
    ]
    assert top_spreads(study, "acc@1", most=1) == found[:1]


def test_mac_ratios_are_exact_largest_first(study: Study) -> None:
    found = top_mac_ratios(study)
    assert [(row.architecture, row.ratio) for row in found] == [
        ("resnet50-v1", Fraction(macs(8, 64), macs(8, 32))),
        ("vgg16", Fraction(macs(16, 32), macs(8, 32))),
    ]
    assert [(entry.ref, count) for entry, count in found[0].points] == [
        ("alpha:resnet50_v1", macs(8, 32)),
        ("beta:ResNet50_v1", macs(8, 64)),
    ]


def test_matches_name_the_rule_and_leave_unknown_names_last(study: Study) -> None:
    found = matches(study)
    assert len(found) == 8
    vgg = [match for match in found if match.naming.architecture == "vgg16"]
    assert [(match.naming.zoo, match.zoos) for match in vgg] == [
        (zoo, ("alpha", "beta", "gamma")) for zoo in ("alpha", "beta", "gamma")
    ]
    assert [match.naming.name for match in found if match.left_alone] == ["<img src=x onerror=alert(1)>"]
    assert found[-1].naming.rule == names.LEFT_ALONE
