# /// script
# requires-python = ">=3.11,<3.15"
# dependencies = [
#   "ptflops==0.7.5",
#   "torch==2.13.0",
#   "torchvision==0.29.1",
#   "numpy>=2",
#   "pillow>=12",
# ]
# [tool.zoodiff]
# version-of = "ptflops"
# without-dependencies = ["torchvision"]
# from-source = []
# disk-mb = 1500
# ///
"""ptflops' get_model_complexity_info with its own defaults: hooks on modules, and patched functions."""

from __future__ import annotations

from typing import Any

NAME = "ptflops"
READS = "torchvision"
PER_MAC = 1
CONVENTION = None
NOTE = "Adds biases, normalization, activations and pooling."


def prove() -> None:
    """Raise unless a small convolution counts as what it is."""
    from torch.nn import Conv2d

    from zoodiff.zoos import torchvision

    torchvision.names()  # ptflops imports torchvision, which has to be told of a torch of another build first
    said = count(Conv2d(3, 4, 3, bias=False), (1, 3, 8, 8))
    if said != PER_MAC * 4 * 6 * 6 * 3 * 3 * 3:
        raise RuntimeError(f"a convolution of 3,888 multiply-accumulates counts as {said}")


def count(module: Any, shape: tuple[int, ...]) -> int:
    """Its multiply-accumulates, as a number."""
    from ptflops import get_model_complexity_info

    macs, _ = get_model_complexity_info(module, shape[1:], as_strings=False, print_per_layer_stat=False)
    return int(macs)
