"""How far outputs are apart, how far rounding may take them, and which weights make them tell."""

from __future__ import annotations

import math

import numpy as np
import pytest

from zoodiff.proof.agreement import MARGIN, NUDGE, Array, Untelling, agreement, distance, farthest, telling


def test_a_distance_is_a_part_of_the_larger_one() -> None:
    one, other = np.array([1.0, -4.0]), np.array([1.0, -5.0])
    assert distance(one, other) == distance(other, one) == 1 / 5
    assert distance(one, one) == distance(np.zeros(3), np.zeros(3)) == 0
    assert distance(np.zeros(3), np.zeros(4)) == math.inf


def test_what_a_head_makes_of_large_scores_may_be_off_by_as_much_as_they_are() -> None:
    """A Softmax has a derivative of at most 1: an error of its scores by a part of 40 moves it by 40 times that."""
    before, after = [np.array([0.50, 0.25]), np.array([40.0, 8.0])], [np.array([0.48, 0.25]), np.array([40.0, 8.0])]
    assert farthest([before], [after], scored=True) == pytest.approx(0.04 / 40)
    assert farthest([before], [after]) == pytest.approx(0.04)


def runs(error: float = 0.0) -> list[list[Array]]:
    """The outputs for two inputs that differ, the first of them off by a part of the largest."""
    return [[np.array([1.0 + error, 0.5, 0.25, 0.75])], [np.array([0.25, 1.0, 0.5, -0.5])]]


def test_rounding_explains_ten_times_what_a_nudge_moves() -> None:
    found = agreement(runs(), runs(5e-5), lambda part: runs(10 * part))
    assert found.tolerance == pytest.approx(MARGIN * 10 * NUDGE, rel=1e-3)
    assert found.error == pytest.approx(5e-5, rel=1e-3)
    assert found.holds
    assert not agreement(runs(), runs(5e-4), lambda part: runs(10 * part)).holds


def test_what_one_nudge_does_not_explain_the_opposite_one_may() -> None:
    tried: list[float] = []

    def nudged(part: float) -> list[list[Array]]:
        tried.append(part)
        return runs(1e-3 if part < 0 else 0.0)

    assert agreement(runs(), runs(5e-3), nudged).holds
    assert tried == [NUDGE, -NUDGE]


@pytest.mark.parametrize(
    ("before", "moved", "words", "faint"),
    [
        ([[np.array([np.inf])], [np.array([1.0])]], 0.0, "overflow", False),
        ([runs()[0], runs()[0]], 0.0, "hardly depend on the input", True),
        (runs(), 0.01, "magnifies rounding too much", False),
        ([[np.eye(8)[0]], [np.eye(8)[1]]], 0.0, "vanish beside the largest", False),
    ],
)
def test_outputs_that_prove_nothing_are_refused(
    before: list[list[Array]], moved: float, words: str, faint: bool
) -> None:
    with pytest.raises(Untelling, match=words) as caught:
        agreement(before, before, lambda _: [[array + moved for array in one] for one in before])
    assert caught.value.faint == faint


def test_the_first_attempt_counts_if_it_tells() -> None:
    assert telling(lambda gain, scale: (gain, scale)) == (2.0, 1.0)


def searched(low: float, high: float, at: float = 1.0) -> list[tuple[float, float]]:
    """What the search tries where only gains between two tell, and only from a scale on; the last is what it found."""
    tried: list[tuple[float, float]] = []

    def attempt(gain: float, scale: float) -> None:
        tried.append((gain, scale))
        if gain < low:
            raise Untelling("too small", faint=True)
        if gain > high or scale < at:
            raise Untelling("too large")

    telling(attempt)
    return tried


@pytest.mark.parametrize("middle", [0.13, 0.3, 0.7, 1.0, 1.3, 1.6, 2.4, 3.4, 5.0, 9.0, 31.0])
def test_a_band_of_gains_that_tell_is_found(middle: float) -> None:
    assert 0.8 * middle <= searched(0.8 * middle, 1.2 * middle)[-1][0] <= 1.2 * middle


def test_gains_are_halved_until_they_are_too_small_and_bisected_then() -> None:
    assert searched(1.6, 1.7) == [(2.0, 1.0), (1.0, 1.0), (1.41, 1.0), (1.68, 1.0)]


def test_a_band_that_only_larger_inputs_have_is_found() -> None:
    assert searched(0.9, 1.1, at=100.0)[-1] == (1.0, 100.0)


@pytest.mark.parametrize("faint", [True, False])
def test_attempts_are_bounded_and_end_with_their_reason(faint: bool) -> None:
    tried: list[tuple[float, float]] = []

    def attempt(*given: float) -> None:
        tried.append(given)  # type: ignore[arg-type]
        raise Untelling(f"reason {len(tried)}", faint)

    with pytest.raises(Untelling, match="reason 10"):
        telling(attempt)
    assert len(set(tried)) == len(tried) == 10
