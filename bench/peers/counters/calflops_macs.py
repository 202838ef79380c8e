# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "calflops==0.3.2",
#   "transformers>=4.40",
#   "torch==2.13.0",
#   "torchvision==0.29.1",
#   "numpy>=2",
#   "pillow>=12",
# ]
# [tool.zoodiff]
# version-of = "calflops"
# without-dependencies = ["torchvision"]
# from-source = []
# disk-mb = 1800
# ///
"""calflops' calculate_flops: its MACs, from patched functions of torch."""

from __future__ import annotations

from typing import Any

NAME = "calflops"
READS = "torchvision"
PER_MAC = 1
CONVENTION = None
NOTE = "Attention as one operator counts as 0. It also prints FLOPs, which hold normalization, activations and pooling."


def prove() -> None:
    """Raise unless a small convolution counts as what it is."""
    from torch.nn import Conv2d

    said = count(Conv2d(3, 4, 3, bias=False), (1, 3, 8, 8))
    if said != PER_MAC * 4 * 6 * 6 * 3 * 3 * 3:
        raise RuntimeError(f"a convolution of 3,888 multiply-accumulates counts as {said}")


def count(module: Any, shape: tuple[int, ...]) -> int:
    """Its multiply-accumulates, as a number."""
    from calflops import calculate_flops

    _, macs, _ = calculate_flops(
        model=module, input_shape=shape, output_as_string=False, print_results=False, print_detailed=False
    )
    return int(macs)
