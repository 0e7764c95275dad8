"""Trains one network on a bank: mixing, masks, one cycle of learning rate, averaged weights."""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from .bank import Bank
from .net import Net

F32 = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Plan:
    """How long and how hard: an epoch is one pass over the rows that a fold may hear."""

    epochs: int = 4
    batch: int = 64
    peak_rate: float = 3e-3
    decay: float = 0.02
    mixup: float = 0.3
    smoothing: float = 0.02
    average: float = 0.998


def train(bank: Bank, rows: npt.NDArray[np.int64], seed: int, plan: Plan) -> Net:
    """A network that has heard `rows` of `bank`, with averaged weights, ready to judge."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    net = Net()
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    mean = copy.deepcopy(net)
    steps = max(len(rows) // plan.batch, 1)
    optimiser = torch.optim.AdamW(net.parameters(), lr=plan.peak_rate, weight_decay=plan.decay)
    rate = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, plan.peak_rate, total_steps=steps * plan.epochs, pct_start=0.2
    )
    step = 0
    for _ in range(plan.epochs):
        order = rng.permutation(rows)
        for number in range(steps):
            chosen = order[number * plan.batch : (number + 1) * plan.batch]
            loss = _loss(net, bank, chosen, rng, plan)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            rate.step()
            step += 1
            _follow(mean, net, min(plan.average, step / (step + 20.0)))
    mean.eval()
    return mean


def judge(net: Net, colour: F32, combs: F32) -> F32:
    """Raw log-odds of many windows."""
    out = []
    with torch.inference_mode():
        for start in range(0, len(colour), 256):
            part = slice(start, start + 256)
            out.append(net(torch.from_numpy(colour[part]), torch.from_numpy(combs[part])).numpy())
    return np.concatenate(out) if out else np.empty(0, np.float32)


def _loss(
    net: Net, bank: Bank, chosen: npt.NDArray[np.int64], rng: np.random.Generator, plan: Plan
) -> Tensor:
    colour = torch.from_numpy(bank.colour[chosen].astype(np.float32))
    combs = torch.from_numpy(bank.combs[chosen].astype(np.float32))
    truth = torch.from_numpy(bank.drone[chosen].astype(np.float32))
    truth = truth * (1.0 - 2.0 * plan.smoothing) + plan.smoothing
    _mask(colour, rng)
    if rng.random() < 0.5:
        share = torch.from_numpy(rng.beta(plan.mixup, plan.mixup, len(chosen)).astype(np.float32))
        other = torch.from_numpy(rng.permutation(len(chosen)))
        wide = share.view(-1, 1, 1, 1)
        colour = wide * colour + (1.0 - wide) * colour[other]
        combs = wide * combs + (1.0 - wide) * combs[other]
        truth = share * truth + (1.0 - share) * truth[other]
    return binary_cross_entropy_with_logits(net(colour, combs), truth)


def _mask(colour: Tensor, rng: np.random.Generator) -> None:
    """SpecAugment (Park et al. 2019): a band and a span of time are hidden at their mean."""
    for _ in range(2):
        low = int(rng.integers(0, 56))
        colour[rng.random(len(colour)) < 0.5, :, low : low + int(rng.integers(1, 10))] = 0.0
    start = int(rng.integers(0, 40))
    colour[rng.random(len(colour)) < 0.5, :, :, start : start + int(rng.integers(1, 10))] = 0.0


def _follow(mean: Net, net: Net, keep: float) -> None:
    with torch.no_grad():
        for ours, theirs in zip(mean.parameters(), net.parameters(), strict=True):
            ours.lerp_(theirs, 1.0 - keep)
        for kept, fresh in zip(mean.buffers(), net.buffers(), strict=True):
            kept.copy_(fresh)
