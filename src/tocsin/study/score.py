"""How good a tracker is against what really flew, in the figures of DESIGN 5.

GOSPA    Rahmathullah, Garcia-Fernandez, Svensson 2017: p = 2, alpha = 2, cut-off c, horizontal
OSPA     Schuhmacher, Vo, Vo 2008: p = 2, same c; of whole tracks in `ospa2`, the picture in `siap`
A figure that cannot be computed is None and says so in the table, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec
import numpy as np

from tocsin.study.columns import (
    F64,
    I32,
    KINDS,
    Reports,
    Told,
    Truth,
    report_columns,
    truth_columns,
)
from tocsin.study.match import Matched, gospa2, match, ospa, rms
from tocsin.study.ospa2 import WINDOW_S, ospa2
from tocsin.study.siap import Siap, siap, stretches
from tocsin.study.truth import Rules, TruthPoint


class Score(msgspec.Struct, frozen=True):
    """The figures of one scene. Metres and seconds; shares from 0 to 1; None: not computable."""

    frames: int
    gospa_m: float | None
    localisation_m: float | None
    missed_m: float | None
    false_m: float | None
    ospa_m: float | None
    rmse_m: float | None
    missed_per_frame: float | None
    false_per_frame: float | None
    covered_share: float | None
    first_confirmation_s: float | None
    never_confirmed: int
    identity_switches: int
    false_tracks: int
    false_tracks_per_hour: float | None
    sigma_honesty: float | None
    ambiguity: float | None
    bird_called_drone_s: int
    bird_tracks_called_drone: int
    liars_found: int | None
    liar_found_after_s: float | None
    honest_called_liar_share: float | None
    gospa_c_m: float
    hold_s: float
    ospa2_m: float | None
    ospa2_window_s: float
    track_segments_per_drone: float | None
    siap: Siap


@dataclass(frozen=True, eq=False)
class Scene:
    """A scene read and matched: what every figure, report and picture is made from."""

    truth: Truth
    reports: Reports
    rules: Rules
    matched: Matched


def read_scene(
    truth: Iterable[TruthPoint],
    tracks: Iterable[Told],
    rules: Rules,
    serials: Mapping[str, str] | None = None,
) -> Scene:
    """Put truth and tracks in columns and assign every second. `serials` tells which flight really
    has which serial number, where the truth itself does not."""
    return match_scene(truth_columns(truth, serials), report_columns(tracks), rules)


def match_scene(truth: Truth, tracks: Reports, rules: Rules) -> Scene:
    """Assign every second of what is in columns already."""
    return Scene(truth, tracks, rules, match(truth, tracks, rules))


def score(truth: Iterable[TruthPoint], tracks: Iterable[Told], rules: Rules) -> Score:
    """All figures of a scene."""
    return score_scene(read_scene(truth, tracks, rules))


def score_scene(scene: Scene) -> Score:
    """All figures of a scene that is matched."""
    matched, rules, c = scene.matched, scene.rules, scene.rules.gospa_c_m
    located, missed, false = gospa2(matched, c)
    paired = np.bincount(matched.pairs.frame, minlength=len(matched.t))
    cared, pairs = int(matched.truths.sum()), len(matched.pairs)
    hours = hours_of(scene)
    ghosts = len(false_tracks(scene))
    delays, never = first_tracked(scene)
    birds = _birds_called_drones(scene)
    found, after, honest = _liars(scene)
    segments = stretches(matched, matched.pairs, scene.truth, scene.reports)
    return Score(
        frames=len(matched.t),
        gospa_m=_mean(np.sqrt(located + missed + false)),
        localisation_m=rms(located),
        missed_m=rms(missed),
        false_m=rms(false),
        ospa_m=_mean(ospa(matched, c)),
        rmse_m=rms(matched.pairs.metres.astype(np.float64) ** 2),
        missed_per_frame=_mean((matched.truths - paired).astype(np.float64)),
        false_per_frame=_mean((matched.tracks - paired).astype(np.float64)),
        covered_share=pairs / cared if cared else None,
        first_confirmation_s=_mean(np.array([delays[k] for k in sorted(delays)])),
        never_confirmed=never,
        identity_switches=_switches(scene),
        false_tracks=ghosts,
        false_tracks_per_hour=ghosts / hours if hours else None,
        sigma_honesty=_honesty(scene),
        ambiguity=int(matched.tracks.sum()) / pairs if pairs else None,
        bird_called_drone_s=len(birds),
        bird_tracks_called_drone=len(set(birds)),
        liars_found=found,
        liar_found_after_s=after,
        honest_called_liar_share=honest,
        gospa_c_m=c,
        hold_s=rules.hold_s,
        ospa2_m=_mean(ospa2(matched, scene.truth, scene.reports, c)),
        ospa2_window_s=WINDOW_S,
        track_segments_per_drone=len(segments) / len({run.flight for run in segments})
        if segments
        else None,
        siap=siap(matched, scene.truth, scene.reports),
    )


def _mean(values: F64) -> float | None:
    return float(np.mean(values)) if len(values) else None


def hours_of(scene: Scene) -> float | None:
    """How long the truth lasts; None of a single second."""
    t = scene.matched.t
    return float(t[-1] - t[0]) / 3600.0 if len(t) > 1 else None


def false_tracks(scene: Scene) -> list[str]:
    """Tracks that counted, and were on nothing in more than half of their frames."""
    reports, matched = scene.reports, scene.matched
    count = len(reports.names)
    counted = np.bincount(reports.who[matched.counted[1]], minlength=count)
    on = np.bincount(reports.who[matched.pairs.report], minlength=count)
    aside = np.bincount(reports.who[matched.bystanders.report], minlength=count)
    # on something: +1, on nothing: -1, on a bystander: +1
    return [reports.names[k] for k in np.flatnonzero(2 * on - counted + aside < 0).tolist()]


def first_tracked(scene: Scene) -> tuple[dict[str, float], int]:
    """Seconds from first under cover to first on track, for each drone; and how many never."""
    first = first_of(scene, *scene.matched.present)
    found = first_of(scene, scene.matched.pairs.frame, scene.matched.pairs.truth)
    delays = {scene.truth.names[k]: found[k] - first[k] for k in found}
    return delays, len(first) - len(found)


def first_of(scene: Scene, frame: I32, row: I32) -> dict[int, float]:
    """The first time of each flight among rows of (frame, truth), which are in order of time."""
    return _first_times(scene.truth.who[row], scene.matched.t[frame])


def _switches(scene: Scene) -> int:
    """How often a drone's track id changed (MOTA's identity switches)."""
    pairs = scene.matched.pairs
    flight, track = scene.truth.who[pairs.truth], scene.reports.who[pairs.report]
    order = np.argsort(flight, kind="stable")  # they are in order of frames
    flight, track = flight[order], track[order]
    return int(np.sum((np.diff(flight) == 0) & (np.diff(track) != 0)))


def _honesty(scene: Scene) -> float | None:
    """Mean of d^2 / (2 sigma^2): 1 if the stated sigma is true, more if it is too proud."""
    pairs = scene.matched.pairs
    sigma = scene.reports.sigma_m[pairs.report]
    good = sigma > 0.0
    return _mean(0.5 * (pairs.metres[good] / sigma[good]).astype(np.float64) ** 2)


def _birds_called_drones(scene: Scene) -> list[int]:
    """The track of each second in which a track on a bird was most likely a drone, or told none."""
    aside, bird = scene.matched.bystanders, KINDS.index("bird")
    wrong = (scene.truth.kind[aside.truth] == bird) & (scene.reports.likely[aside.report] <= 0)
    names: list[int] = scene.reports.who[aside.report[wrong]].tolist()
    return names


def _liars(scene: Scene) -> tuple[int | None, float | None, float | None]:
    """(liars found, seconds from its first report to suspicion 0.5, honest share called liar)."""
    claims, t = scene.reports.claims, scene.reports.t[scene.reports.claims.row]
    lies = np.isin(claims.who, np.flatnonzero(np.isin(claims.names, scene.rules.spoofed_serials)))
    suspect = claims.suspicion >= 0.5
    first = _first_times(claims.who[lies], t[lies])
    found = _first_times(claims.who[lies & suspect], t[lies & suspect])
    honest, accused = int(np.sum(~lies)), int(np.sum(~lies & suspect))
    share = accused / honest if honest else None
    if not scene.rules.spoofed_serials:
        return None, None, share
    return len(found), _mean(np.array([found[k] - first[k] for k in sorted(found)])), share


def _first_times(who: I32, t: F64) -> dict[int, float]:
    """The first time of each, of rows in order of time."""
    each, at = np.unique(who, return_index=True)
    return dict(zip(each.tolist(), t[at].tolist(), strict=True))
