"""The ONNX Model Zoo's "SqueezeNet 1.0" is SqueezeNet 1.1.

Three grounds: its count equals that of the zoo's SqueezeNet 1.1, a comparison by structure finds no difference between
the two, and its file is too small for the weights of 1.0 (`zoodiff identify onnx:squeezenet1.0-12`). The study's ratio
has fvcore above the line and onnx-opcounter below it; the evidence has it in one convention too.
"""

from __future__ import annotations

from decimal import Decimal

from zoodiff.comparison.diffing import diff
from zoodiff.recognition.identify import identify
from zoodiff.record import Unmeasured
from zoodiff.statements._costs import MACS
from zoodiff.statements._graphs import causes
from zoodiff.survey.original import Statement
from zoodiff.survey.then import Answer, Then, costs

RESTS_ON = "counts"
OLD, NEW = "squeezenet-1.0", "squeezenet-1.1"
MILLION = Decimal(10**6)


def answer(then: Then, told: Statement) -> Answer:
    """The count, the ratio, and whether the two ONNX models are one network."""
    tools, alike = then.counts(), then.counts(MACS)
    torchvision, onnx = tools[OLD]["torchvision"], tools[OLD]["onnx"]
    called_old, called_new = then.entries[OLD]["onnx"], then.entries[NEW]["onnx"]
    difference = diff(called_old.network, called_new.network)
    identified = identify(called_old.network)
    other = causes(difference)
    bytes_ = called_old.weights.bytes if called_old.weights else Unmeasured("the zoo does not state it")
    ratio, of_macs = torchvision / onnx, alike[OLD]["torchvision"] / alike[OLD]["onnx"]
    same = "no difference in structure" if not other else f"{len(other)} differences in structure"
    why = (
        f"ONNX's two models have {same}, and of the first identification says: {identified.reason}. The ratio is "
        f"{ratio:.4f} across two tools and {of_macs:.4f} in one convention; {told.given['advertised']} is advertised."
    )
    return Answer(
        {
            "torchvision_millions": torchvision / MILLION,
            "ratio": ratio,
            "onnx_counts_equal": onnx == tools[NEW]["onnx"],
            "onnx_is_1_1": not other and identified.match is not None and identified.match.architecture == NEW,
        },
        why,
        {
            "models": [costs(entry) for name in (OLD, NEW) for entry in then.entries[name].values()],
            "ratio_in_one_convention": of_macs,
            "differences_of_the_two_of_onnx": other,
            "differences_from_torchvision": causes(diff(called_old.network, then.entries[OLD]["torchvision"].network)),
            "bytes": bytes_,
            "identified": {"verdict": identified.verdict, "reason": identified.reason},
        },
    )
