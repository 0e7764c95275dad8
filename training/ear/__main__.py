"""`make ear`: recordings → bank → networks by fold, judged → networks of all, shipped → card.

What takes long is kept under the folder `--work` and taken up again; `make clean` forgets it.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from tocsin.hear.features import features

from . import bank as banks
from . import card
from .export import export
from .judge import Heard, calibration
from .net import Net, Shipped
from .recordings import FOLDS, Clip, load, windows
from .train import Plan, judge, train

SEED = 2
WINDOWS = 27_000
SHIPPED = 2
"""Networks whose mean is shipped: all have heard everything, each from its own start."""
SILENT = 1e-5
"""Standard deviation below which a window is deaf, and neither trains nor tests."""

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Reads its options, trains, and writes the network and its card."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--acoustic", type=Path, required=True, help="folder of recordings")
    options.add_argument("--work", type=Path, default=ROOT / "build" / "ear")
    options.add_argument("--network", type=Path, default=ROOT / "src/tocsin/hear/ear.onnx")
    options.add_argument("--card", type=Path, default=ROOT / "docs/reference/ear-model-card.md")
    options.add_argument("--windows", type=int, default=WINDOWS)
    options.add_argument("--epochs", type=int, default=Plan.epochs)
    told = options.parse_args()
    torch.set_num_threads(1)
    told.work.mkdir(parents=True, exist_ok=True)
    clips = load(told.acoustic)
    bank = _bank(clips, told.windows, told.work)
    plan = Plan(epochs=told.epochs)
    seen = _folds(clips, bank, plan, told.work, leave_out=None)
    unseen = _folds(clips, bank, plan, told.work, leave_out="svanstrom")
    slope, offset = calibration(seen)
    everything = np.arange(bank.drone.size)
    nets = [
        _trained(told.work / f"net-all-{k}.pt", bank, everything, SEED + 100 + k, plan)
        for k in range(SHIPPED)
    ]
    difference = export(Shipped(nets, slope, offset), told.network)
    facts = card.Facts(
        seed=SEED,
        windows=told.windows,
        plan=plan,
        weights=sum(p.numel() for net in nets for p in net.parameters()),
        networks=SHIPPED,
        line=(slope, offset),
        difference=difference,
        sha256=hashlib.sha256(told.network.read_bytes()).hexdigest(),
        size=told.network.stat().st_size,
    )
    told.card.write_text(
        card.written(facts, _on_line(seen, slope, offset), _on_line(unseen, slope, offset), clips),
        "utf-8",
    )


def _bank(clips: list[Clip], n: int, work: Path) -> banks.Bank:
    file = work / f"bank-{SEED}-{n}.npz"
    if not file.is_file():
        made = banks.make(clips, n, SEED)
        np.savez(file, **vars(made))
    with np.load(file) as stored:
        return banks.Bank(**{name: stored[name] for name in stored.files})


def _trained(
    file: Path, bank: banks.Bank, rows: npt.NDArray[np.int64], seed: int, plan: Plan
) -> Net:
    """The network kept in `file`, trained first if it is not there."""
    if not file.is_file():
        torch.save(train(bank, rows, seed, plan).state_dict(), file)
    net = Net()
    net.load_state_dict(torch.load(file))
    net.eval()
    return net


def _folds(
    clips: list[Clip], bank: banks.Bank, plan: Plan, work: Path, leave_out: str | None
) -> Heard:
    """Every clip judged by a network that has heard neither it nor anything of its fold.

    `leave_out` keeps the drones of one source from all the networks: its models are new to them.
    """
    parts = []
    for fold in range(FOLDS):
        rows = bank.fold != fold
        if leave_out:
            rows &= ~(bank.drone & (bank.origin == banks.ORIGINS.index(leave_out)))
        file = work / f"net-{'without-' + leave_out if leave_out else 'folds'}-{fold}.pt"
        net = _trained(file, bank, np.flatnonzero(rows), SEED + fold, plan)
        parts += [
            _judged(net, number, clip) for number, clip in enumerate(clips) if clip.fold == fold
        ]
    columns = zip(*(vars(part).values() for part in parts), strict=True)
    return Heard(*(np.concatenate(column) for column in columns))


def _judged(net: Net, number: int, clip: Clip) -> Heard:
    """One clip's windows, as they are, without the deaf ones."""
    sound = windows(clip.samples)
    sound = sound[sound.std(axis=1) > SILENT]
    told = judge(net, *features(sound)) if len(sound) else np.empty(0, np.float32)
    return Heard(
        told.astype(np.float64),
        np.full(told.size, number),
        np.full(told.size, clip.drone),
        np.full(told.size, clip.hard),
        np.full(told.size, clip.source == "svanstrom"),
        np.full(told.size, clip.kind),
    )


def _on_line(heard: Heard, slope: float, offset: float) -> Heard:
    return Heard(heard.log_odds * slope + offset, *list(vars(heard).values())[1:])


if __name__ == "__main__":
    main()
