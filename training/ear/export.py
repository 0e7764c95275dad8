"""Writes the network as ONNX, one file with everything in it, and proves that it says the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import torch

from tocsin.hear.features import COMB_STEPS, COMBS, MEL_STEPS, MELS

from .net import Shipped

OPSET = 18
LARGEST_BYTES = 2 * 1024 * 1024
AGREE = 1e-4
"""Log-odds by which torch and onnxruntime may differ."""


def export(net: Shipped, file: Path) -> float:
    """Writes `file` and returns the largest difference from torch on noise."""
    net.eval()
    rng = torch.Generator().manual_seed(1)
    colour = torch.randn(5, 1, MELS, MEL_STEPS, generator=rng)
    combs = 0.3 * torch.randn(5, 1, COMBS, COMB_STEPS, generator=rng)
    many = torch.export.Dim("windows", min=1, max=4_096)
    program = torch.onnx.export(
        net,
        (colour, combs),
        dynamo=True,
        input_names=["colour", "combs"],
        output_names=["log_odds"],
        opset_version=OPSET,
        dynamic_shapes=({0: many}, {0: many}),
        external_data=False,
        verbose=False,
    )
    assert program is not None
    program.save(str(file), external_data=False)
    size = file.stat().st_size
    if size > LARGEST_BYTES:
        raise SystemExit(f"{file} has {size} bytes, more than {LARGEST_BYTES}")
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    told = session.run(None, {"colour": colour.numpy(), "combs": combs.numpy()})[0]
    with torch.inference_mode():
        difference = float(np.abs(told - net(colour, combs).numpy()).max())
    if difference > AGREE:
        raise SystemExit(f"{file} differs from torch by {difference}")
    return difference
