"""What others are held against: a name that more zoos refute stands for nothing."""

from __future__ import annotations

from zoodiff.recognition.known import Known, known, on_paper
from zoodiff.recognition.others import Others, against, distinct
from zoodiff.recognition.sketch import Sketch


def one(zoo: str, architecture: str, exact: str, *, norms: int = 0, folded: str = "", params: int = 100) -> Known:
    """A known network: `exact` stands for its structure."""
    named = f"{zoo}:{architecture}"
    return Known(named, zoo, architecture, 10 * params, params, 4 * params, 3, Sketch(exact, folded, norms, {}, {}))


def test_a_name_is_refuted_by_one_that_more_zoos_use() -> None:
    """Two zoos call the graph 1.1; the one that calls it 1.0 has another graph elsewhere that is 1.0."""
    right = [one("a", "net-1.1", "x"), one("b", "net-1.1", "x"), one("a", "net-1.0", "y")]
    others = Others([*right, one("c", "net-1.0", "x")])
    assert list(others.networks) == right
    assert others.zoos == {"net-1.1": {"a", "b"}, "net-1.0": {"a"}}


def test_a_name_of_which_as_many_zoos_are_sure_is_not_refuted() -> None:
    both = [one("a", "small", "x"), one("b", "tiny", "x")]
    assert list(Others(both).networks) == both


def test_networks_are_found_by_structure_also_without_normalization() -> None:
    plain, normal = one("a", "vgg", "x"), one("a", "vgg-bn", "y", norms=8, folded="x")
    others = Others([plain, normal])
    assert others.exact == {"x": [plain], "y": [normal]}
    assert others.folded == {"x": [normal]}


def test_those_of_other_zoos_stand_beside_one() -> None:
    mine, theirs, again = one("a", "net", "x"), one("b", "net", "y"), one("c", "net", "y")
    assert Others([mine, theirs, again]).beside("a") == [theirs]
    assert distinct([theirs, again, one("c", "net", "y", params=7)]) == [theirs, one("c", "net", "y", params=7)]


def test_all_zoos_and_papers_are_held_against() -> None:
    """A zoo's mislabelled network is not: its name is refuted."""
    refs = {other.ref for other in against().networks}
    assert refs <= {other.ref for other in (*known(), *on_paper())}
    assert {"paper:alexnet-2012", "torchvision:resnet50/IMAGENET1K_V2"} <= refs
