# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "thop==0.1.1.post2209072238",
#   "torch==2.13.0",
#   "torchvision==0.29.1",
#   "numpy>=2",
#   "pillow>=12",
# ]
# [tool.zoodiff]
# version-of = "thop"
# without-dependencies = ["torchvision"]
# from-source = []
# disk-mb = 1500
# ///
"""thop's profile: a hook on each module whose kind it knows."""

from __future__ import annotations

from typing import Any

NAME = "thop"
READS = "torchvision"
PER_MAC = 1
CONVENTION = None
NOTE = "Adds normalization and pooling; multi-head attention and what is inside it count as 0."


def prove() -> None:
    """Raise unless a small convolution counts as what it is."""
    from torch.nn import Conv2d

    said = count(Conv2d(3, 4, 3, bias=False), (1, 3, 8, 8))
    if said != PER_MAC * 4 * 6 * 6 * 3 * 3 * 3:
        raise RuntimeError(f"a convolution of 3,888 multiply-accumulates counts as {said}")


def count(module: Any, shape: tuple[int, ...]) -> int:
    """The first number that it returns, which it calls macs."""
    import torch
    from thop import profile

    macs, _ = profile(module, inputs=(torch.zeros(shape),), verbose=False)
    return int(macs)
