"""The terminal view: the numbers of the made-up zoos stand on the screen, also at 80 columns."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from madeup import bench, measured, timed
from zoodiff.accuracy.evidence import Evidence
from zoodiff.showing import screen
from zoodiff.survey import compare
from zoodiff.survey.study import Study
from zoodiff.views import terminal


@pytest.fixture
def shown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[[Study, int], str]:
    """What a study prints at so many columns."""

    def show(study: Study, columns: int) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        screen.console.cache_clear()
        terminal.show(study)
        screen.console.cache_clear()
        return capsys.readouterr().out

    return show


def test_the_overview(study: Study, shown: Callable[[Study, int], str]) -> None:
    text = shown(study, 100)
    assert "3 architectures are in two or more zoos" in text
    assert "1.230" in text  # ResNet-50: 76.130 against 74.9
    assert "alpha" in text
    assert "1 model without a graph" in text


@pytest.mark.parametrize("columns", [80, 120])
def test_no_line_is_wider_than_the_screen(study: Study, shown: Callable[[Study, int], str], columns: int) -> None:
    assert max(len(line) for line in shown(study, columns).splitlines()) <= columns


def test_one_architecture(zoos: None, shown: Callable[[Study, int], str]) -> None:
    from zoodiff.survey.compare import audit

    text = shown(audit(["alexnet"]), 100)
    assert "A*   gamma:alexnet" in text
    assert "its own file cannot be had" in text
    assert "56.522" in text


def test_other_weights_of_a_model_are_told_with_their_claims(zoos: None, shown: Callable[[Study, int], str]) -> None:
    from zoodiff.survey.compare import audit

    assert "also w2 80.858 %" in " ".join(shown(audit(["resnet50-v1"]), 100).split())


def test_what_others_measured_is_told_beside_the_claim(
    zoos: None, known: list[Evidence], shown: Callable[[Study, int], str]
) -> None:
    known += [measured("71.5", True), measured("70.1", False)]
    out = " ".join(shown(compare.audit(["vgg16"]), 80).split())
    assert "measured by others: 70.1 to 71.5 % (somebody, other preprocessing)" in out


def test_cost_against_time_names_the_machine_and_each_model(zoos: None, shown: Callable[[Study, int], str]) -> None:
    small = {"x": (1, 3, 32, 32)}
    times = bench(timed("alpha:vgg16/w1", 9.0, small), timed("gamma:vgg16/w1", 6.0, small))
    for study in (compare.audit(times=times), compare.audit(["vgg16"], times=times)):
        out = shown(study, 80)
        assert "Cost against time: 2 models on" in out
        assert "2 networks are too few for a rank correlation" in out
        assert "gamma:vgg16/w1" in out
