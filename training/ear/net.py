"""The network: one branch hears colour in time, one hears combs; an average of a few is shipped.

Input      (n, 1, 64, 47) colour and (n, 1, 96, 22) combs of `tocsin.hear.features`
Output     (n,) log-odds that a drone sounds, calibrated by one line (`Shipped`)
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def _first(inside: int, outside: int, stride: tuple[int, int]) -> nn.Sequential:
    # A stride here, not a pool after, halves the time of a training step.
    return nn.Sequential(
        nn.Conv2d(inside, outside, 5, stride=stride, padding=2, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
    )


def _block(inside: int, outside: int, pool: tuple[int, int]) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, padding=1, bias=False),
        nn.BatchNorm2d(outside),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(pool),
    )


class Branch(nn.Module):
    """Four blocks over (frequency, time); where a line lies is told by a ramp beside the input."""

    def __init__(self, widths: tuple[int, ...], pools: tuple[tuple[int, int], ...]) -> None:
        super().__init__()
        self.blocks = nn.Sequential(
            _first(2, widths[0], pools[0]),
            *(_block(a, b, p) for a, b, p in zip(widths, widths[1:], pools[1:], strict=False)),
        )
        self.width = 2 * widths[-1]

    def forward(self, x: Tensor) -> Tensor:
        ramp = torch.linspace(-1.0, 1.0, x.shape[2], device=x.device).view(1, 1, -1, 1)
        x = self.blocks(torch.cat([x, ramp.expand_as(x)], dim=1))
        # Loudest in frequency, then mean and loudest in time: a line may be anywhere, a slap short.
        x = x.amax(dim=2) * 0.5 + x.mean(dim=2) * 0.5
        return torch.cat([x.mean(dim=2), x.amax(dim=2)], dim=1)


class Net(nn.Module):
    """About 110,000 weights; 10 million products a window."""

    def __init__(self) -> None:
        super().__init__()
        self.colour = Branch((16, 32, 48, 64), ((2, 2), (2, 2), (2, 2), (2, 1)))
        self.combs = Branch((12, 24, 32, 48), ((2, 1), (2, 2), (2, 2), (2, 1)))
        self.head = nn.Sequential(
            nn.Dropout(0.3),
            nn.Linear(self.colour.width + self.combs.width, 64),
            nn.ReLU(inplace=True),
            nn.Dropout(0.2),
            nn.Linear(64, 1),
        )

    def forward(self, colour: Tensor, combs: Tensor) -> Tensor:
        both = torch.cat([self.colour(colour), self.combs(combs)], dim=1)
        out: Tensor = self.head(both)[:, 0]
        return out


class Shipped(nn.Module):
    """The mean log-odds of a few networks, on a calibrated scale."""

    def __init__(self, nets: list[Net], slope: float, offset: float) -> None:
        super().__init__()
        self.nets = nn.ModuleList(nets)
        self.slope, self.offset = slope, offset

    def forward(self, colour: Tensor, combs: Tensor) -> Tensor:
        mean = torch.stack([net(colour, combs) for net in self.nets]).mean(dim=0)
        return mean * self.slope + self.offset
