"""A staged handful of Remote ID frames over all four transports, the same every time."""

from __future__ import annotations

from tocsin.encode import bluetooth, ieee80211, remote_id
from tocsin.words import Frame

T0 = 1_780_000_000.0
SERIAL = "1581F4XYZ00000001"
ADDRESS = "02:00:00:00:00:01"


def messages(version: int = 2, step: int = 0) -> list[bytes]:
    """Basic ID, Location, Self ID, System, Operator ID and two pages of signature."""
    return [
        remote_id.basic_id(SERIAL, version=version),
        remote_id.location(
            13.2 + step * 1e-4,
            -12.1,
            alt_m=60.5,
            pressure_alt_m=41.0,
            height_m=30.0,
            height_reference="ground",
            direction_deg=(271 + 40 * step) % 360,
            speed_mps=10.25 + 30 * step,
            climb_mps=-1.5,
            horizontal_bound_m=10.0,
            vertical_bound_m=25.0,
            pressure_bound_m=45.0,
            speed_bound_mps=1.0,
            after_hour_s=1600.0 + step / 10,
            time_bound_s=0.5,
            version=version,
        ),
        remote_id.self_id("crop spraying", version=version),
        remote_id.system(
            13.1999,
            -12.0999,
            operator_alt_m=15.0,
            operator_place="live",
            area_count=3,
            area_radius_m=120.0,
            area_ceiling_m=120.0,
            area_floor_m=0.0,
            classification="eu",
            eu_category="open",
            eu_class="C3",
            sent_t=T0 + step,
            version=version,
        ),
        remote_id.operator_id("SEN-OP-0042", version=version),
        *remote_id.authentication(bytes(range(30)), signed_t=T0, version=version),
    ]


def frames() -> list[Frame]:
    """Beacons, NAN action frames, legacy and long-range adverts; every version in each."""
    made: list[Frame] = []

    def add(data: bytes, sensor: str, t: float) -> None:
        made.append(Frame(data, sensor, t, "radiotap" if sensor == "wifi" else "nordic_ble"))

    for step in range(6):
        version = step % 3
        said = messages(version, step)
        pack = remote_id.pack(said, version=version)
        t = T0 + step
        add(
            ieee80211.beacon(pack, ADDRESS, t, counter=step, signal_dbm=-60.0 - step),
            "wifi",
            t,
        )
        t += 0.1
        add(ieee80211.nan_action(pack, ADDRESS, t, counter=step, signal_dbm=-70.0), "wifi", t)
        t += 0.1
        add(bluetooth.long_range_advert(pack, ADDRESS, t, counter=step), "ble", t)
        for number, message in enumerate(said):
            t = T0 + step + 0.3 + number / 50
            add(bluetooth.legacy_advert(message, ADDRESS, t, counter=step), "ble", t)
    # The unknown of every field, from a second aircraft.
    nothing = [remote_id.location(None, None, status="undeclared"), remote_id.system(None, None)]
    t = T0 + 6
    add(ieee80211.beacon(remote_id.pack(nothing), "02:00:00:00:00:02", t), "wifi", t)
    return made
