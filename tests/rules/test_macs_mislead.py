"""Models whose times are in the other order than their cost are found; without times nothing is said."""

from __future__ import annotations

from madeup import bench, timed
from zoodiff.survey import compare
from zoodiff.timing.latency import Latency


def at(ref: str, milliseconds: float, size: int = 32) -> Latency:
    return timed(ref, milliseconds, {"x": (1, 3, size, size)})


def test_a_model_with_fewer_that_takes_longer(zoos: None) -> None:
    """Of VGG-16 one zoo's graph has twice the channels of the others'."""
    times = bench(at("alpha:vgg16/w1", 9.0), at("beta:VGG16/w1", 3.0), at("gamma:vgg16/w1", 6.0))
    [finding] = [f for f in compare.audit(times=times).findings if f.id == "macs-mislead"]
    assert finding.models == ("alpha:vgg16/w1", "gamma:vgg16/w1")
    assert finding.evidence["time_ratio"] == 1.5
    assert finding.evidence["macs_ratio"] == 2.0
    assert finding.evidence["threads"] == 1


def test_times_in_the_order_of_cost_and_no_times_stay_silent(zoos: None) -> None:
    times = bench(at("alpha:vgg16/w1", 3.0), at("gamma:vgg16/w1", 6.0))
    for given in (times, None):
        assert not [f for f in compare.audit(times=given).findings if f.id == "macs-mislead"]
