# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "torch==2.13.0",
#   "torchvision==0.29.1",
#   "numpy>=2",
#   "pillow>=12",
# ]
# [tool.zoodiff]
# version-of = "torch"
# without-dependencies = ["torchvision"]
# from-source = []
# disk-mb = 1500
# ///
"""torch's own FlopCounterMode (torch.utils.flop_counter): the operators that torch runs, 2 per multiply-accumulate."""

from __future__ import annotations

from typing import Any

NAME = "FlopCounterMode of torch"
READS = "torchvision"
PER_MAC = 2
CONVENTION = None
NOTE = "Convolutions and matrix products; on a CPU attention is one operator that it does not know."


def prove() -> None:
    """Raise unless a small convolution counts as what it is."""
    from torch.nn import Conv2d

    said = count(Conv2d(3, 4, 3, bias=False), (1, 3, 8, 8))
    if said != PER_MAC * 4 * 6 * 6 * 3 * 3 * 3:
        raise RuntimeError(f"a convolution of 3,888 multiply-accumulates counts as {said}")


def count(module: Any, shape: tuple[int, ...]) -> int:
    """Its total flops."""
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:  # not under torch.no_grad, as its page shows it
        module(torch.zeros(shape))
    return int(counter.get_total_flops())
