"""Writes the model card: what the network was trained on, what it finds, and what it misses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .judge import (
    Heard,
    area,
    attended,
    calibration_error,
    f1,
    false_events,
    ranged,
    recall,
    strict,
)
from .recordings import SAME, Clip
from .train import Plan


@dataclass(frozen=True)
class Facts:
    """What was trained and shipped."""

    seed: int
    windows: int
    plan: Plan
    weights: int
    networks: int
    line: tuple[float, float]
    difference: float
    sha256: str
    size: int


def written(facts: Facts, seen: Heard, unseen: Heard, clips: list[Clip]) -> str:
    """The card, from log-odds of held-out folds on the calibrated scale."""
    parts = [_head(facts), _data(facts, clips), _headline(seen, unseen)]
    parts += [
        _false(seen, unseen),
        _per_class(seen),
        _calibrated(seen, unseen),
        _limits(unseen, clips),
    ]
    return "\n\n".join(parts) + "\n"


def _head(facts: Facts) -> str:
    return f"""# The ear's model card

<!-- written by `make ear`; do not edit -->

What it does: tells whether a small drone (multirotor, or electric fixed wing) sounds in one second
of sound from any microphone. What it is for: early warning beside other sensors. It is no proof,
and silence of the ear is no proof of an empty sky.

| | |
|---|---|
| file | `src/tocsin/hear/ear.onnx`, {facts.size:,} bytes |
| SHA-256 | `{facts.sha256}` |
| network | mean of {facts.networks}, {facts.weights:,} weights together; two branches of \
convolutions, over 64 mel bands and over 96 combs of harmonics (`hear/features.py`) |
| output | calibrated log-odds of a drone, window by window; `hear/attention.py` adds what went \
before |
| seed | {facts.seed} |
| training | {facts.windows:,} augmented windows, {facts.plan.epochs} passes, AdamW, one cycle to \
{facts.plan.peak_rate}, averaged weights; `make ear` repeats it |
| torch against onnxruntime | {facts.difference:.1e} in log-odds at most |

One seed, one machine and one set of library versions are meant to give one file; tests show it
for the bank, and no whole training has been run twice to compare. Other processors round
differently."""


def _data(facts: Facts, clips: list[Clip]) -> str:
    rows = []
    for source, licence in (
        ("svanstrom", "CC0, Svanström et al. 2021: 3 drone models, 3 Swedish airports"),
        ("esc10", "CC BY 3.0, each clip CC0 or CC BY, authors in its ATTRIBUTION_README.md"),
        ("bench", "MIT, grigoriev-vladimir/drone-audio-dataset: one motor and propeller, indoors"),
    ):
        ours = [clip for clip in clips if clip.source == source]
        minutes = sum(clip.samples.size for clip in ours) / 16_000 / 60
        drones = sum(clip.drone for clip in ours)
        rows.append(f"| {source} | {len(ours)} | {drones} | {minutes:.1f} | {licence} |")
    table = "\n".join(rows)
    return f"""## Data

| source | clips | with a drone | minutes | licence and origin |
|---|---|---|---|---|
{table}
| synthetic | – | – | – | rotors of `simulate/rotors.py`, other sounds of \
`training/ear/others.py` |

The bench motor without a propeller is in neither class. Half of the {facts.windows:,} windows
hold a drone: recorded, a choir of bench propellers, or synthetic. All go through one chain:
distance with air absorption to 500 m, rooms, a second sound at -15 to 25 dB, wind and handling, a
microphone's colour, band limits, hiss, clipping, Ogg, MP3, mu-law, -60 to -3 dBFS.

**Splits** are by recording: Svanström clips in contiguous blocks of six a class, ESC-10 by its
folds 1 to 3, and clips with sound in common ({len(SAME)} pairs found) in one fold. An augmented
window is mixed of one fold's sounds only. The shipped network has heard all folds; **every figure
here is out of fold**, by single networks, on the recordings as they are."""


def _headline(seen: Heard, unseen: Heard) -> str:
    def table(heard: Heard) -> list[str]:
        field = heard.pick(heard.svanstrom)
        return [
            str(ranged(area, heard)),
            str(ranged(area, field)),
            str(ranged(recall, heard)),
            str(ranged(f1, field)),
            str(ranged(f1, heard)),
        ]

    names = (
        "area under ROC, all recordings",
        "area under ROC, Svanström",
        "recall at 2 % false windows on helicopters and chainsaws",
        "F1, Svanström, p >= 0.5",
        "F1, all recordings, p >= 0.5",
    )
    columns = (table(unseen), table(attended(unseen)), table(seen), table(attended(seen)))
    rows = "\n".join(
        f"| {name} | {' | '.join(column[k] for column in columns)} |"
        for k, name in enumerate(names)
    )
    return f"""## What it finds

*Unseen models*: the networks have heard no Svanström drone and no recording of the tested fold;
where the bench motor is tested they have heard synthetic rotors only. *Known models*: other
recordings of Svanström's drones have been heard, the bench motor has not. Svanström's clips do not
name their drone, so its three models are left out together; nor do they name their session, and the
quiet ones (004 and 006 to 012) sound like one session over two folds, which flatters known models.
*Attention* follows the windows of a
recording. Of its four numbers a grid of eighteen was tried on these folds (weight 0.3, 0.5, 0.7;
rest -1.5, -2.5; three pairs of chances); the weight of 0.4 was then set between two of its points,
so these columns flatter a little. With 0.2, 0.3, 0.5, 0.7 and 1 instead, recall is 0.948, 0.948,
0.935, 0.894 and 0.881 of known models and 0.411, 0.406, 0.377, 0.370 and 0.344 of unseen ones.
Intervals of 95 % over recordings. The mean of two networks that is shipped has not itself been
judged out of fold.

| figure | unseen models | … with attention | known models | … with attention |
|---|---|---|---|---|
{rows}"""


def _false(seen: Heard, unseen: Heard) -> str:
    rows = []
    for name, heard in (
        ("known models, windows alone", seen),
        ("known models, attention", attended(seen)),
        ("unseen models, attention", attended(unseen)),
    ):
        told = false_events(heard)
        rate = told.an_hour
        rows.append(
            f"| {name} | {told.events} | {told.hours:.3f} | {rate.value:.1f} "
            f"({rate.low:.1f} to {rate.high:.1f}) |"
        )
    table = "\n".join(rows)
    return f"""## False events

Through the event layer with its default rules, on all recordings without a drone. So few hours
cannot show 0.2 an hour: with no event at all the interval would reach {3.689 / told.hours:.0f}.
Of these windows {seen.hard[~seen.drone].mean():.0%} are helicopters and chainsaws, far more than a
village hears.

| networks | events | hours | an hour (exact Poisson, 95 %) |
|---|---|---|---|
{table}"""


def _per_class(heard: Heard) -> str:
    told = attended(heard)
    rows = []
    for kind in sorted(set(heard.kind[~heard.drone])):
        here = (heard.kind == kind) & ~heard.drone
        alone = float((heard.log_odds[here] >= 0.0).mean())
        after = float((told.log_odds[here] >= 0.0).mean())
        rows.append(f"| {kind} | {here.sum()} | {alone:.3f} | {after:.3f} |")
    table = "\n".join(rows)
    return f"""## False windows by class

Networks of known models, p >= 0.5.

| class | windows | alone | with attention |
|---|---|---|---|
{table}"""


def _calibrated(seen: Heard, unseen: Heard) -> str:
    parts = []
    for name, heard in (("known models", seen), ("unseen models", unseen)):
        error, rows = calibration_error(heard)
        lines = "\n".join(f"| {p:.2f} | {share:.2f} | {n} |" for p, share, n in rows)
        parts.append(
            f"{name.capitalize()}: expected calibration error {error:.3f}.\n\n"
            f"| mean p | share with a drone | windows |\n|---|---|---|\n{lines}"
        )
    threshold = 1.0 / (1.0 + np.exp(-strict(seen)))
    return (
        "## Calibration\n\nOne line (Platt) through the held-out log-odds of the networks of known "
        f"models, where {seen.drone.mean():.0%} of the windows hold a drone. "
        f"At p >= {threshold:.2f} no more than 2 % of windows of helicopters and chainsaws pass "
        "(networks of known models).\n\n" + "\n\n".join(parts)
    )


def _limits(unseen: Heard, clips: list[Clip]) -> str:
    level = strict(unseen)
    missed = []
    for number, clip in enumerate(clips):
        here = unseen.clip == number
        if clip.drone and here.any():
            share = float((unseen.log_odds[here] > level).mean())
            if share < 0.5:
                missed.append(f"{clip.name} ({share:.0%})")
    return f"""## Known failures

Recordings of which the networks that never heard such a drone find less than half at the strict
threshold: {", ".join(missed) or "none"}. Svanström's clips do not name their model or distance;
those between -47 and -56 dBFS probably hold a drone so far away that little stands above the hiss.

It has heard no petrol engine as a drone, no jet, no more than four real drone models; no hour of
any one place. Chainsaws at a steady speed, rain on hard ground and tonal birds are what it most
often mistakes. It does not tell drones apart, nor how far they are.

## What was tried

Three banks were judged on these same folds, and the third is shipped, so known models flatter by
that choice too. Recall at 2 % false windows, windows alone, one network a fold:

| bank | known models, Svanström | unseen models, Svanström |
|---|---|---|
| 24,000 windows, speeds 0.8 to 1.2 | 0.98 (first fold only, a wider network) | 0.11 |
| 27,000, speeds 0.65 to 1.6, a fifth of the drones choirs, fewer bare recordings | 0.45 | 0.13 |
| as shipped: speeds as at first, a tenth choirs, more engines that rev | see above | see above |

Several things changed from bank to bank, so none of them is shown to be the cause; in the second,
chainsaws passed far more often. Trained without Svanström's drones, the shipped recipe finds more
than half of the windows of five of the ten loud clips and almost none of the quiet ones.

Why made rotors do not stand in for flown ones is known in part. Made craft are too steady: the
levels of their mel bands vary by 0.20 to 0.28 bels in a second (middle half), those of loud
Svanström clips by 0.23 to 0.33 and of quiet ones by 0.36 to 0.45. Combs of 172 Hz as clear as a
made craft's (salience 1.7, clips 017 and 018) are still judged near even: chainsaws set the
threshold. Most quiet clips have a salience of 0.5, which a field without a drone has too, and a
hump at 4.5 to 6.5 kHz that the four BACKGROUND clips looked at have not: known models may be
recognised there by their session.

A fourth bank was tried at 7,500 windows, against as many of the shipped one, without Svanström's
drones, one network each: turbulence (seven bands that swell and fade by 1 to 7 dB on 60 % of the
sounds), a third coded at low quality, no second sound louder than 10 dB over the first, and a
third of the made craft large. With attention, over the three folds, area was 0.90 against 0.87 and
recall 0.28 against 0.30; alone, 0.87 against 0.84 and 0.11 against 0.15. It found no more at the
strict threshold and was not trained at full size, so it was not shipped.

A big slow hexacopter (80 Hz of blade pass), made and rendered at 50 m, was not heard by the
shipped network, though large craft are 15 % of the made ones.

**Recordings of other collections** were used neither to train nor to test. Of the public
repositories looked at, saraalemadi/DroneAudioDataset and augmented-human-lab/DroneAudioSet-code
hold no licence; in eynat-f/FinalProject, BrageSolem/Acoustic-drone-detection,
jwehlen-cell/drone-audio-sensor and AraratKazarian/Drone-Sound-Detection-Capstone-Project no file
LICENSE was found; the sounds of PhaseResponse/drone-acoustic-analysis are made ones. There is
therefore no outside figure."""
