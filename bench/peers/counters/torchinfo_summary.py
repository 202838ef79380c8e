# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "torchinfo==1.8.0",
#   "torch==2.13.0",
#   "torchvision==0.29.1",
#   "numpy>=2",
#   "pillow>=12",
# ]
# [tool.zoodiff]
# version-of = "torchinfo"
# without-dependencies = ["torchvision"]
# from-source = []
# disk-mb = 1500
# ///
"""torchinfo's summary: its *total mult-adds*, from each module's parameters and output."""

from __future__ import annotations

from typing import Any

NAME = "torchinfo"
READS = "torchvision"
PER_MAC = 1
CONVENTION = None
NOTE = (
    "Adds biases; a linear layer counts once, however many tokens pass it; multi-head attention and what is inside it "
    "count as 0."
)


def prove() -> None:
    """Raise unless a small convolution counts as what it is."""
    from torch.nn import Conv2d

    said = count(Conv2d(3, 4, 3, bias=False), (1, 3, 8, 8))
    if said != PER_MAC * 4 * 6 * 6 * 3 * 3 * 3:
        raise RuntimeError(f"a convolution of 3,888 multiply-accumulates counts as {said}")


def count(module: Any, shape: tuple[int, ...]) -> int:
    """Total mult-adds."""
    from torchinfo import summary

    return int(summary(module, input_size=shape, verbose=0).total_mult_adds)
