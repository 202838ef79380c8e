"""A name's page: its models by network, each claim with its source, a model for each need, what differs, findings."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from madeup import bench, timed
from pages import Read
from zoodiff.accuracy import evidence
from zoodiff.accuracy.statistics import score_interval
from zoodiff.reading.reference import find
from zoodiff.survey import compare
from zoodiff.survey.finding import Finding
from zoodiff.survey.study import Study
from zoodiff.views import architectures


@pytest.fixture(scope="module")
def vgg16(site: Path) -> Read:
    return Read(site / "architectures" / "vgg16.html")


@pytest.fixture(scope="module")
def resnet(site: Path) -> Read:
    return Read(site / "architectures" / "resnet50-v1.html")


def test_models_stand_by_network(vgg16: Read) -> None:
    assert "3 models in 3 zoos. 2 different networks under this name." in vgg16.said
    assert "A alpha:vgg16 71.592 90.382 0.22 M" in vgg16.said
    assert "B gamma:vgg16 71.592 ? 0.44 M" in vgg16.said


def test_each_need_has_a_model_with_a_reason_and_its_limits(vgg16: Read) -> None:
    assert "For the highest accuracy alpha:vgg16 A Claims 71.592 % top-1, the highest of 3 claims" in vgg16.said
    assert "For the least computation alpha:vgg16 A 0.22 M multiply-accumulates at 32 x 32, the fewest" in vgg16.said
    assert "For the network of the paper" in vgg16.said
    assert vgg16.said.count("What would change it: ") >= 2


def test_what_differs_leads_to_both_side_by_side(vgg16: Read) -> None:
    assert "width 8 against 16" in vgg16.said
    (link,) = [link for link in vgg16.values("href") if "../differences/" in link]
    assert link.startswith("../differences/vgg16--gamma-vgg16")


def test_each_model_has_its_claims_with_sources_its_counts_and_preprocessing(resnet: Read) -> None:
    assert "76.130 %: owner/zoo@0123456789ab README.md:7" in resnet.said
    assert "carried since 2022-05-01 or before" in resnet.said
    assert "w1; the zoo also has w2 80.858 %" in resnet.said
    assert "resize to 256 (shorter side), centre crop 224 x 224, mean 0.485/0.456/0.406" in resnet.said
    assert "1x3x64x64" in resnet.said
    assert "MACs 884,816" in resnet.said
    assert "acc@1 80.858 80.858 w2 2022-05-01 owner/zoo@0123456789ab README.md:7" in resnet.said


def test_what_is_not_known_or_borrowed_says_why(site: Path, vgg16: Read) -> None:
    assert "not known: the zoo claims no acc@5" in vgg16.said
    said = Read(site / "architectures" / "alexnet.html").said
    assert "measured on the graph of alpha:alexnet: its file is not to be had" in said


def test_findings_show_evidence_disproof_and_next_step(zoos: None, study: Study, tmp_path: Path) -> None:
    finding = Finding(
        id="some-rule",
        title="they <differ>",
        severity="high",
        confidence="medium",
        architecture="vgg16",
        models=("alpha:vgg16", "beta:VGG16"),
        evidence={"noise_floor": Decimal("0.292"), "macs": {"alpha:v_1": 1234567}, "same": False, "why": None},
        disproof="another count",
        next_step="zoodiff measure alpha:vgg16",
    )
    architectures.write(replace(study, findings=(finding,)), tmp_path)
    said = Read(tmp_path / "architectures" / "vgg16.html").said
    assert said.count("they <differ>") == 2  # above, and in full
    assert "Rule some-rule; confidence medium; alpha:vgg16, beta:VGG16" in said
    for part in ("noise floor 0.292", "alpha:v_1 1,234,567", "same no", "why not known"):
        assert part in said
    assert "another count" in said
    assert "zoodiff measure alpha:vgg16" in said


def test_times_stand_beside_computation_where_they_were_measured(zoos: None, tmp_path: Path) -> None:
    size = {"x": (1, 3, 32, 32)}
    alpha, gamma = find("alpha:vgg16"), find("gamma:vgg16")
    times = bench(timed(alpha.ref, 12.0, size), timed(gamma.ref, 8.0, size))
    architectures.write(compare.audit(["vgg16"], times=times), tmp_path)
    said = Read(tmp_path / "architectures" / "vgg16.html").said
    assert "0.22 M 12.1 12.0 to 12.1 " in said
    assert "gamma:vgg16 was faster: 8.04 ms, this one took 12.1" in said
    assert "Times are medians of one image on" in said
    assert "not timed at its own input size" in (tmp_path / "architectures" / "vgg16.html").read_text()


def test_where_nothing_was_timed_the_page_says_how(vgg16: Read) -> None:
    assert "How long they take is not known here: zoodiff bench MODEL... --out F" in vgg16.said
    assert "Time, ms" not in vgg16.said


def test_what_others_measured_has_its_interval(tmp_path: Path) -> None:
    architectures.write(compare.audit(["resnet50-v1"]), tmp_path)
    said = Read(tmp_path / "architectures" / "resnet50-v1.html").said
    value = next(e.value for e in evidence.of("torchvision", "resnet50", "IMAGENET1K_V2", "acc@1"))
    low, high = score_interval(value)
    assert f"{value} % (95 %: {low:.2f} to {high:.2f}) in " in said
