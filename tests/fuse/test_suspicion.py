"""Suspicion: each lie is found for its own reason, and who behaves is never called a liar."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from tests.fuse.scenes import T0, Path, claim, dam, every, river, run, scan, sensor

from tocsin.fuse.serial import breaks_standard
from tocsin.words import Bearing, ClaimedIdentity, ClaimedMotion, Detection, Sensor, Sigma, Track

GOOD, OTHER = "158174FG0001", "7XZQ3ABC"
RADAR = sensor("radar", "radar", (0.0, 0.0, 10.0), max_range_m=3500.0, p_detect=0.9,
               clutter_per_scan=2.0, scan_period_s=1.0)  # fmt: skip
RECEIVER = sensor("rid", "remote_id", (0.0, 0.0, 10.0), max_range_m=5000.0, p_detect=0.9,
                  scan_period_s=1.0)  # fmt: skip


def circle(at: float) -> tuple[float, float, float]:
    """Round and round at 12 m/s on 60 m: nothing that an honest drone flies turns harder."""
    return 600.0 + 60.0 * math.sin(0.2 * at), 900.0 + 60.0 * math.cos(0.2 * at), 70.0


def still(e: float, n: float) -> Path:
    return lambda _: (e, n, 60.0)


def telling(path: Path, said: list[Detection], share: float, rng: np.random.Generator,
            ) -> list[Detection]:  # fmt: skip
    """The claims with a velocity: the true one times `share`, 0.5 m/s off."""
    told = []
    for d in said:
        at = d.t - T0
        (e, n, _), (f, m, _) = path(at - 0.05), path(at + 0.05)
        motion = ClaimedMotion(
            share * (f - e) / 0.1 + rng.normal(0.0, 0.5),
            share * (m - n) / 0.1 + rng.normal(0.0, 0.5), 0.0, 0.5,
        )  # fmt: skip
        told.append(msgspec.structs.replace(d, motion=motion))
    return told


def said_of(changes: list[Track], serial: str) -> list[tuple[float, ClaimedIdentity]]:
    return [
        (t.t - T0, t.identity) for t in changes if t.identity is not None
        and t.identity.serial == serial
    ]  # fmt: skip


def worst(changes: list[Track], serial: str) -> float:
    return max(who.suspicion for _, who in said_of(changes, serial))


def codes(changes: list[Track], serial: str) -> set[str]:
    return {reason.code for _, who in said_of(changes, serial) for reason in who.because}


@pytest.mark.parametrize(
    "serial", ["158174FG0001", "7XZQ9AGR104782", "4TKB8Z3M7Q1W5", "MFR1EABCDEFGHJKLMNP"]
)
def test_numbers_that_the_standard_allows(serial: str) -> None:
    assert not breaks_standard(serial)


@pytest.mark.parametrize(
    "serial", ["HONEST002", "1581", "1581G4FG0001", "158173FGI", "158173FGO", "158173FG", "15817"]
)
def test_numbers_that_it_does_not(serial: str) -> None:
    assert breaks_standard(serial)


def test_a_bad_number_is_told_and_never_enough() -> None:
    rng = np.random.default_rng(31)
    seen = scan(RADAR, river, every(1.0, 0.0, 30.0), rng)
    _, changes = run([RADAR], seen + claim(river, every(1.0, 0.3, 30.0), rng, "HONEST002"))
    assert codes(changes, "HONEST002") == {"bad-serial"}
    assert 0.0 < worst(changes, "HONEST002") < 0.5


def with_signal(
    said: list[Detection], path: Path, rng: np.random.Generator, fixed_dbm: float | None
) -> list[Detection]:
    """Free-space strength of the claimed distance and 2.5 dB of flutter, or one for all."""
    told = []
    for d in said:
        e, n, u = path(d.t - T0)
        loss = 20.0 * math.log10(math.hypot(e, n, u)) + 40.2
        dbm = 18.0 - loss if fixed_dbm is None else fixed_dbm
        told.append(msgspec.structs.replace(d, signal_dbm=dbm + rng.normal(0.0, 2.5)))
    return told


@pytest.mark.parametrize("lies", [True, False])
def test_many_aircraft_with_one_signal(lies: bool) -> None:
    rng = np.random.default_rng(32)
    seen = []
    names = [f"7XZQ3AB{k}" for k in range(8)]
    for k, name in enumerate(names):
        path = still(200.0 * (k + 1), 250.0 * (k % 3))
        said = claim(path, every(1.0, 0.1 * k, 30.0), rng, name)
        seen += with_signal(said, path, rng, -58.0 if lies else None)
    _, changes = run([RECEIVER], seen)
    for name in names:
        assert (worst(changes, name) >= 0.5) is lies
        assert ("shared-signal" in codes(changes, name)) is lies
    if lies:
        first = min(at for at, who in said_of(changes, names[0]) if who.suspicion >= 0.5)
        assert first < 12.0


def mutter(ears: list[Sensor], rng: np.random.Generator) -> list[Detection]:
    """A false bearing of each ear now and then: proof that it lives."""
    return [
        Detection(T0 + at, ear.id, ear.kind, bearing=Bearing(rng.uniform(0.0, 360.0)),
                  sigma=Sigma(azimuth_deg=3.0))
        for ear in ears for at in every(6.0, rng.uniform(0.0, 6.0), 40.0)
    ]  # fmt: skip


def test_microphones_that_must_hear_a_claim_and_do_not() -> None:
    rng = np.random.default_rng(33)
    ears = [s for s in dam() if s.kind == "acoustic"]
    here = claim(still(50.0, 550.0), every(1.0, 8.3, 40.0), rng, OTHER)
    far = claim(still(9000.0, 550.0), every(1.0, 8.4, 40.0), rng, GOOD)
    _, changes = run(ears, mutter(ears, rng) + here + far)
    assert "silent-to-microphones" in codes(changes, OTHER)
    found = next(who for at, who in said_of(changes, OTHER) if who.suspicion >= 0.5)
    assert "no microphone hears it where 3 should" in found.reasons
    assert all(at < 25.0 or who.suspicion >= 0.5 for at, who in said_of(changes, OTHER))
    assert worst(changes, GOOD) == 0.0


def test_dead_microphones_accuse_nobody() -> None:
    rng = np.random.default_rng(34)
    ears = [s for s in dam() if s.kind == "acoustic"]
    _, changes = run(ears, claim(still(50.0, 550.0), every(1.0, 8.3, 40.0), rng, OTHER))
    assert worst(changes, OTHER) == 0.0


def stamped(said: list[Detection], age: list[float]) -> list[Detection]:
    return [
        msgspec.structs.replace(d, claimed_t=round(d.t - age[k % len(age)], 1))
        for k, d in enumerate(said)
    ]


@pytest.mark.parametrize(
    ("age", "lies"),
    [([0.2, 0.9, 0.4], False), ([0.1, 30.0, 2.0, 17.0], True), ([], True)],
)
def test_a_clock_that_runs_backwards_or_stands(age: list[float], lies: bool) -> None:
    rng = np.random.default_rng(35)
    said = claim(river, every(1.0, 0.0, 60.0), rng, GOOD)
    frozen = [msgspec.structs.replace(d, claimed_t=T0) for d in said]
    said = stamped(said, age) if age else frozen
    _, changes = run([], said)
    assert ("clock-regress" in codes(changes, GOOD)) is lies
    assert (worst(changes, GOOD) >= 0.5) is lies


@pytest.mark.parametrize(("share", "path"), [(1.0, circle), (1.0, river), (0.0, river)])
def test_a_claimed_speed_is_held_against_the_claimed_places(share: float, path: Path) -> None:
    rng = np.random.default_rng(36)
    said = [d for d in claim(path, every(1.0, 0.0, 60.0), rng, GOOD) if rng.random() < 0.8]
    _, changes = run([], telling(path, said, share, rng))
    lies = share != 1.0
    assert ("speed-contradicts" in codes(changes, GOOD)) is lies
    assert (worst(changes, GOOD) >= 0.5) is lies
    if lies:
        told = said_of(changes, GOOD)[-1][1].because[0].values
        assert abs(float(told["speed_mps"]) - 15.1) < 3.0
        assert float(told["claimed_mps"]) < 2.0


def test_one_report_at_two_receivers_is_one_report() -> None:
    rng = np.random.default_rng(37)
    once = stamped(claim(river, every(1.0, 0.0, 40.0), rng, GOOD), [0.2])
    again = [
        msgspec.structs.replace(d, sensor="rid2", t=d.t + 0.05, received=d.t + 0.05 + (k % 4) * 0.4,
                                claimed_t=d.claimed_t)
        for k, d in enumerate(once)
    ]  # fmt: skip
    _, alone = run([], once)
    _, both = run([], once + again)
    assert worst(both, GOOD) == 0.0
    assert len({t.track for t in both}) == 1
    assert both[-2].sigma_m > 0.9 * alone[-2].sigma_m
    assert {w.sensor for w in both[-2].witnesses} == {"rid", "rid2"}


def test_doubt_fades_while_the_emitter_behaves() -> None:
    rng = np.random.default_rng(38)
    said = claim(river, every(1.0, 0.3, 60.0), rng, GOOD)
    hop = claim(lambda t: (river(t)[0] + 900.0, river(t)[1], 80.0), [5.6], rng, GOOD)
    _, changes = run([RADAR], scan(RADAR, river, every(1.0, 0.0, 60.0), rng) + said + hop)
    told = said_of(changes, GOOD)
    assert max(who.suspicion for _, who in told) >= 0.5
    assert told[-1][1].suspicion < 0.3


def test_a_liar_that_mirrors_the_true_drone_is_found() -> None:
    rng = np.random.default_rng(39)
    seen = scan(RADAR, river, every(1.0, 0.0, 60.0), rng)
    shadow = claim(lambda t: (river(t)[0] + 150.0, river(t)[1], 80.0), every(1.0, 3.3, 60.0), rng,
                   OTHER)  # fmt: skip
    _, changes = run([RADAR], seen + shadow)
    first = min(at for at, who in said_of(changes, OTHER) if who.suspicion >= 0.5)
    assert first < 14.0
    sure = {t.track for t in changes if t.status == "confirmed" and t.t > T0 + 15.0}
    assert len(sure) == 1


def test_the_flight_of_another_day_is_not_believed() -> None:
    """A replayed honest flight, with the number of a friend who flies elsewhere now."""
    rng = np.random.default_rng(40)
    seen = scan(RADAR, river, every(1.0, 0.0, 60.0), rng)
    true = claim(river, every(1.0, 0.3, 60.0), rng, GOOD)
    replay = claim(circle, every(1.0, 10.7, 60.0), rng, GOOD)
    _, changes = run([RADAR], seen + true + replay)
    late = [who for at, who in said_of(changes, GOOD) if at > 20.0]
    assert late
    assert all(who.suspicion >= 0.5 for who in late)
    assert "serial-twice" in codes(changes, GOOD)
