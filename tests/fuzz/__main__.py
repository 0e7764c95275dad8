"""`python -m tests.fuzz`: break true messages at random, and see that every promise is kept.

For each installed decoder and format: inputs, messages read, detections, refusals by rule, the
slowest input in milliseconds of processor time and the growth of resident memory, each in its own
process. Ends with 1 if a promise was broken; `--keep` writes the inputs that broke one.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import click
from tests.fuzz.seeds import seeds
from tests.fuzz.trial import LONGEST_MS, MOST_GROWTH_MIB, Outcome, targets, try_target

_RULES_SHOWN = 6


@click.command()
@click.option("--frames", default=20_000, show_default=True, help="inputs to each target")
@click.option("--seed", default=1, show_default=True, help="another seed, other faults")
@click.option("--only", multiple=True, help="decoder:NAME, format:NAME, or a part of it")
@click.option("--no-shared", is_flag=True, help="seeds from this repository alone")
@click.option("--keep", type=click.Path(path_type=Path), help="file that faults are added to")
@click.option("--json", "as_json", is_flag=True, help="one JSON object a target")
def command(
    frames: int, seed: int, only: Sequence[str], no_shared: bool, keep: Path | None, as_json: bool
) -> None:
    """Fire broken messages at every installed decoder and format."""
    found = seeds(shared=not no_shared)
    gc.collect()
    gc.freeze()
    click.echo(f"seeds: {_counts(found.files)}; {_counts(found.frames)}", err=True)
    chosen = [one for one in targets() if not only or any(part in one for part in only)]
    context = multiprocessing.get_context("fork")  # the seeds are read once
    bad, total = False, 0
    for target in chosen:
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            outcome = pool.submit(try_target, target, frames, seed, shared=not no_shared).result()
        total += outcome.frames
        bad = _tell(outcome, as_json) or bad
        if keep is not None:
            _keep(outcome, keep)
    click.echo(f"{total:,} inputs in all", err=True)
    sys.exit(1 if bad else 0)


def _counts(by_name: dict[str, list]) -> str:  # type: ignore[type-arg]
    return ", ".join(f"{name} {len(some)}" for name, some in sorted(by_name.items()))


def _tell(outcome: Outcome, as_json: bool) -> bool:
    """Print one target; whether a promise was broken."""
    rules = ", ".join(f"{rule} {n}" for rule, n in outcome.refused.most_common(_RULES_SHOWN))
    if as_json:
        row = {
            "target": outcome.target, "inputs": outcome.frames, "heard": outcome.heard,
            "detections": outcome.detections, "refused": dict(outcome.refused.most_common()),
            "slowest_ms": round(outcome.slowest_ms, 2), "growth_mib": round(outcome.growth_mib, 1),
            "cpu_s": round(outcome.cpu_s, 1), "faults": [fault.what for fault in outcome.faults],
        }  # fmt: skip
        click.echo(json.dumps(row))
    else:
        click.echo(
            f"{outcome.target}: {outcome.frames:,} inputs, {outcome.heard:,} read, "
            f"{outcome.detections:,} detections, {outcome.refused.total():,} refused ({rules}); "
            f"slowest {outcome.slowest_ms:.2f} ms, growth {outcome.growth_mib:.1f} MiB, "
            f"{outcome.cpu_s:.0f} s"
        )
    for fault in outcome.faults:
        shown = fault.data[:200].hex() + ("…" if len(fault.data) > 200 else "")
        click.echo(f"  BROKEN {fault.what} [{fault.link}] {shown}\n{fault.detail}", err=True)
    if not outcome.frames:
        click.echo(f"  BROKEN {outcome.target}: no seed was found for it", err=True)
    slow, grown = outcome.slowest_ms > LONGEST_MS, outcome.growth_mib > MOST_GROWTH_MIB
    return bool(outcome.faults) or not outcome.frames or slow or grown


def _keep(outcome: Outcome, file: Path) -> None:
    with file.open("a") as lines:
        for fault in outcome.faults:
            row = {"link": fault.link, "was": f"{fault.target}: {fault.what}"}
            lines.write(json.dumps(row | {"data": fault.data.hex()}) + "\n")


if __name__ == "__main__":
    command()
