"""What a track is to us: a threat to judge, a friend, a bird, an aircraft, or a doubtful claim."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from tocsin.earth import ZoneShape
from tocsin.words import Reason, Registration, Rules, Standing, Track

SUSPECT = 0.5
"""Suspicion from which a claimed identity is shown as doubtful and is no friend any more."""

_PERMIT_MARGIN_SIGMAS = 2.0  # a friend near its fence is not a trespasser for a noisy fix
_KEEP_FACTOR = 0.6  # a threat stays one until its drone probability falls to 60 % of the threshold


class Verdict(msgspec.Struct, frozen=True):
    """A standing with its reasons, and the friend's label if it is one."""

    standing: Standing
    because: tuple[Reason, ...] = ()
    label: str | None = None


class FriendList:
    """Registered serials with their permits, prepared for asking."""

    def __init__(self, registrations: Mapping[str, Registration]) -> None:
        self._friends = {
            serial: (r, None if r.area is None else ZoneShape(r.area))
            for serial, r in registrations.items()
        }

    def permit(self, track: Track) -> tuple[Registration | None, bool]:
        """The registration that the track claims, and whether what it does fits the permit."""
        serial = None if track.identity is None else track.identity.serial
        if serial is None or serial not in self._friends:
            return None, False
        friend, area = self._friends[serial]
        within_time = (friend.from_t or -math.inf) <= track.t <= (friend.until_t or math.inf)
        slow_enough = math.hypot(track.ve, track.vn) <= friend.max_speed_mps
        low_enough = (
            friend.ceiling_m is None
            or track.alt_m is None
            or track.alt_m - _PERMIT_MARGIN_SIGMAS * (track.sigma_alt_m or 0.0) <= friend.ceiling_m
        )
        return friend, within_time and slow_enough and low_enough and _within(area, track)


def _within(area: ZoneShape | None, track: Track) -> bool:
    if area is None:
        return True
    east, north, _ = area.frame.to_enu(track.lat, track.lon, 0.0)
    return area.distance_m(float(east), float(north)) <= _PERMIT_MARGIN_SIGMAS * track.sigma_m


def stand(track: Track, friends: FriendList, rules: Rules, *, was_threat: bool) -> Verdict:
    """How the track stands, whatever the zone. `was_threat` gives the class its hysteresis."""
    scores = track.class_
    p_drone, p_bird, p_aircraft = (p or 0.0 for p in (scores.drone, scores.bird, scores.aircraft))
    threshold = rules.min_p_drone * (_KEEP_FACTOR if was_threat else 1.0)
    if p_drone < threshold or (not was_threat and max(p_bird, p_aircraft) > p_drone):
        if max(p_bird, p_aircraft) < threshold:
            return Verdict("unsure")
        return Verdict("bird" if p_bird >= p_aircraft else "aircraft")
    suspicion = 0.0 if track.identity is None else track.identity.suspicion
    friend, fits = friends.permit(track)
    if suspicion >= SUSPECT and track.identity is not None:
        serial = track.identity.serial or track.identity.session or "?"
        doubt = Reason("suspect-identity", {"serial": serial})
        return Verdict("suspect", (doubt, *track.identity.because))
    if friend is not None and fits:
        return Verdict("friend", (Reason("friendly", {"label": friend.label}),), friend.label)
    if friend is not None:
        return Verdict("threat", (Reason("friend-out-of-permit", {"label": friend.label}),))
    if track.identity is not None and track.identity.serial is not None:
        serial = track.identity.serial
        return Verdict("threat", (Reason("unknown-identity", {"serial": serial}),))
    return Verdict("threat", (Reason("no-identity"),))
