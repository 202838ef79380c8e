# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "fvcore==0.1.5.post20221221",
#   "torch==2.13.0",
#   "torchvision==0.29.1",
#   "numpy>=2",
#   "pillow>=12",
# ]
# [tool.zoodiff]
# version-of = "fvcore"
# without-dependencies = ["torchvision"]
# from-source = ["fvcore", "iopath"]
# disk-mb = 1500
# ///
"""fvcore's FlopCountAnalysis, called as its own page shows it: the operators that torch traces."""

from __future__ import annotations

from typing import Any

NAME = "fvcore"
READS = "torchvision"
PER_MAC = 1
CONVENTION = "fvcore"
NOTE = "Its flops are multiply-accumulates; adds normalization; torch's fused attention counts as 0."


def prove() -> None:
    """Raise unless a small convolution counts as what it is."""
    from torch.nn import Conv2d

    said = count(Conv2d(3, 4, 3, bias=False), (1, 3, 8, 8))
    if said != PER_MAC * 4 * 6 * 6 * 3 * 3 * 3:
        raise RuntimeError(f"a convolution of 3,888 multiply-accumulates counts as {said}")


def count(module: Any, shape: tuple[int, ...]) -> int:
    """The sum over all operators."""
    import torch
    from fvcore.nn import FlopCountAnalysis

    said = FlopCountAnalysis(module, torch.zeros(shape))
    return int(said.unsupported_ops_warnings(False).uncalled_modules_warnings(False).total())
