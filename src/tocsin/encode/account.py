"""What an export may say of an evening: tracks, alerts, detections, zones, but nothing sealed.

Sealed     (DESIGN 6.3) where operators, reporters and sensors are. So the writers of exports take
           what they write from here: operator ids, sensor ids and transmitter addresses are left
           out, sensors are told by kind. A direction is left out too: with the track that it saw
           it would give away where the sensor stands.
Claims     what an emitter says of itself has names that begin with `claim`
Units      in the names; `altitude_ellipsoid_m` above the WGS-84 ellipsoid; times are UTC
Unknown    None
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from tocsin.earth import azimuth_distance
from tocsin.words import (
    Alert,
    ClaimedIdentity,
    ClassScores,
    Detection,
    Identity,
    Position,
    Sensor,
    Sigma,
    Track,
    Zone,
)
from tocsin.words.sentences import say

OWN_PLACE_M = 50.0
"""A position so near the sensor that gave it is taken for the sensor's own."""

_NAMES_SOMEONE = frozenset({"label", "operator", "sensor", "who"})
"""Values of a reason that name a person or a sensor: such a reason is told by its code alone."""

_SIGHTED = frozenset({"radar", "rf", "camera", "remote_id", "adsb"})
"""Kinds whose position is that of what flies. A person's report is where the person is, or near."""


class Account(msgspec.Struct, frozen=True):
    """An evening to be exported. `tracks` and `detections` are read once, in their order.

    `name` is what people call the site. `sensors` are needed only to seal their places.
    """

    name: str
    zones: Sequence[Zone] = ()
    tracks: Iterable[Track] = ()
    alerts: Sequence[Alert] = ()
    detections: Iterable[Detection] = ()
    sensors: Sequence[Sensor] = ()


class TrackFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """One report of a track, but for where and when; 1-sigma errors."""

    track: str
    status: str
    speed_mps: float | None = None
    course_deg: float | None = None
    climb_mps: float | None = None
    sigma_m: float | None = None
    sigma_altitude_m: float | None = None
    ellipse_major_m: float | None = None
    ellipse_minor_m: float | None = None
    ellipse_azimuth_deg: float | None = None
    p_drone: float | None = None
    p_bird: float | None = None
    p_aircraft: float | None = None
    p_other: float | None = None
    witness_kinds: tuple[str, ...] = ()
    claimed_serial: str | None = None
    claimed_session: str | None = None
    claimed_icao24: str | None = None
    claimed_callsign: str | None = None
    claim_suspicion: float | None = None
    claim_doubts: tuple[str, ...] = ()


class AlertFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """One statement of an alert, but for where and when."""

    alert: str
    sequence: int
    statement: str
    level: str
    zone: str
    track: str
    automatic: bool
    drill: bool
    public: bool
    sigma_m: float | None = None
    eta_low_s: float | None = None
    eta_likely_s: float | None = None
    eta_high_s: float | None = None
    witness_kinds: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


class DetectionFacts(msgspec.Struct, frozen=True, omit_defaults=True):
    """One sensor's statement, but for where and when: of which kind, and what it claims."""

    sensor_kind: str
    says: str
    sigma_m: float | None = None
    sigma_altitude_m: float | None = None
    p_drone: float | None = None
    p_bird: float | None = None
    p_aircraft: float | None = None
    p_other: float | None = None
    claimed_serial: str | None = None
    claimed_session: str | None = None
    claimed_icao24: str | None = None
    claimed_registration: str | None = None
    claimed_callsign: str | None = None


def utc(t: float) -> str:
    """Unix seconds as RFC 3339 in UTC to the millisecond: 2026-11-20T18:10:54.000Z."""
    whole, milli = divmod(round(t * 1000.0), 1000)
    return f"{datetime.fromtimestamp(whole, UTC):%Y-%m-%dT%H:%M:%S}.{milli:03d}Z"


def track_facts(track: Track) -> TrackFacts:
    """What may be said of one report."""
    speed = math.hypot(track.ve, track.vn)
    course = round(math.degrees(math.atan2(track.ve, track.vn)) % 360.0, 1) % 360.0
    p, claim, ellipse = track.class_, track.identity or ClaimedIdentity(), track.ellipse
    return TrackFacts(
        track=track.track,
        status=track.status,
        speed_mps=round(speed, 3),
        course_deg=course if speed > 0.0 else None,
        climb_mps=track.vu,
        sigma_m=track.sigma_m,
        sigma_altitude_m=track.sigma_alt_m,
        ellipse_major_m=None if ellipse is None else ellipse.major_m,
        ellipse_minor_m=None if ellipse is None else ellipse.minor_m,
        ellipse_azimuth_deg=None if ellipse is None else ellipse.azimuth_deg,
        p_drone=p.drone,
        p_bird=p.bird,
        p_aircraft=p.aircraft,
        p_other=p.other,
        witness_kinds=tuple(sorted({witness.kind for witness in track.witnesses})),
        claimed_serial=claim.serial,
        claimed_session=claim.session,
        claimed_icao24=claim.icao24,
        claimed_callsign=claim.callsign,
        claim_suspicion=None if track.identity is None else claim.suspicion,
        claim_doubts=doubts(claim),
    )


def alert_facts(alert: Alert) -> AlertFacts:
    """What may be said of one statement."""
    low, likely, high = alert.eta_s or (None, None, None)
    return AlertFacts(
        alert=alert.alert,
        sequence=alert.sequence,
        statement=alert.kind,
        level=alert.level,
        zone=alert.zone,
        track=alert.track,
        automatic=alert.automatic,
        drill=alert.drill,
        public=alert.public,
        sigma_m=alert.sigma_m,
        eta_low_s=low,
        eta_likely_s=likely,
        eta_high_s=high,
        witness_kinds=tuple(sorted({witness.kind for witness in alert.witnesses})),
        reasons=reasons(alert),
    )


def detection_facts(detection: Detection) -> DetectionFacts:
    """What may be said of one detection."""
    p, who = detection.class_ or ClassScores(), detection.identity or Identity()
    sigma = detection.sigma if detection.statement == "fix" else Sigma()
    return DetectionFacts(
        sensor_kind=detection.kind,
        says=detection.statement,
        sigma_m=sigma.horizontal_m,
        sigma_altitude_m=sigma.alt_m,
        p_drone=p.drone,
        p_bird=p.bird,
        p_aircraft=p.aircraft,
        p_other=p.other,
        claimed_serial=who.serial,
        claimed_session=who.session,
        claimed_icao24=who.icao24,
        claimed_registration=who.registration,
        claimed_callsign=who.callsign,
    )


class Seal:
    """Knows where sensors stand, so that a place which a detection gives can be let through."""

    def __init__(self, sensors: Sequence[Sensor]) -> None:
        self._sites = {sensor.id: sensor for sensor in sensors}

    def place(self, detection: Detection) -> Position | None:
        """Where what flies was seen; None if that is unknown or is the sensor's or a person's."""
        place = detection.position
        if place is None or detection.statement != "fix" or detection.kind not in _SIGHTED:
            return None
        site = self._sites.get(detection.sensor)
        if site is not None:
            _, far_m = azimuth_distance(site.lat, site.lon, place.lat, place.lon)
            if far_m <= OWN_PLACE_M:
                return None
        return place


def is_standing(alert: Alert) -> bool:
    """Whether a statement leaves its alert standing."""
    return alert.level != "all-clear" and alert.kind != "cancel"


def reasons(alert: Alert) -> tuple[str, ...]:
    """Why, in plain English, without the names of people and sensors."""
    if not alert.because:
        return alert.reasons
    return tuple(
        reason.code if _NAMES_SOMEONE & reason.values.keys() else say(reason)
        for reason in alert.because
    )


def doubts(claim: ClaimedIdentity) -> tuple[str, ...]:
    """Why a claim is doubted, in plain English, without the names of people and sensors."""
    if not claim.because:
        return claim.reasons
    return tuple(
        reason.code if _NAMES_SOMEONE & reason.values.keys() else say(reason)
        for reason in claim.because
    )


def top_class(scores: ClassScores) -> str | None:
    """The class that is likelier than all others together; None if there is none."""
    known = {
        "drone": scores.drone,
        "bird": scores.bird,
        "aircraft": scores.aircraft,
        "other": scores.other,
    }
    return next((name for name, p in known.items() if p is not None and p > 0.5), None)
