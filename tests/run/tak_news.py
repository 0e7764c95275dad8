"""What our peer tells a TAK server in these tests: tracks with every digit, a zone, an alarm."""

from __future__ import annotations

from tocsin.words import Alert, ClaimedIdentity, ClassScores, Position, Reason, Track, Witness, Zone


def tracks(t: float) -> list[Track]:
    witnesses = (Witness("radar-1", "radar", t), Witness("eye", "camera", t))
    return [
        Track(
            t, "T1", "confirmed", 15.1234567, -13.7654321, 3.0, -4.0, 12.34, alt_m=123.45,
            vu=0.5, sigma_alt_m=9.87, class_=ClassScores(drone=0.93), witnesses=witnesses,
        ),
        Track(
            t, "T2", "coasting", -89.9999999, 179.9999999, 0.0, 71.25, 250.0,
            class_=ClassScores(aircraft=0.8), identity=ClaimedIdentity(icao24="39ac47"),
        ),
        Track(t, "T3", "confirmed", 15.0, -13.0, 1.0, 0.0, 5.0, class_=ClassScores(bird=0.9)),
    ]  # fmt: skip


def gone(t: float) -> list[Track]:
    return [Track(t + 6, "T1", "ended", 15.1234567, -13.7654321, 3.0, -4.0, 12.34)]


def zone() -> Zone:
    corners = ((-13.002, 14.998), (-12.998, 14.998), (-12.998, 15.002), (-13.002, 15.002))
    return Zone("clinic", {"en": "the clinic"}, corners)


def alarm(t: float) -> Alert:
    return Alert(
        t, "clinic-1", "clinic", "T1", "alarm", "new",
        ("closing at 11 m/s, 2.4 km away, from the south-east",),
        because=(
            Reason("closing", {"speed_mps": 11.0, "distance_m": 2400, "from_deg": 135}),
            Reason("suspect-identity", {"serial": "1581F4QZA11111111111"}),
        ),
        position=Position(15.1234567, -13.7654321, 123.45), sigma_m=12.34, public=True,
    )  # fmt: skip


def all_clear(t: float) -> Alert:
    return Alert(t + 3, "clinic-1", "clinic", "T1", "all-clear", "update", ("left",), sequence=2)
