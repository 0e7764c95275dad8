"""One small evening for all exports, with a secret in every sealed field."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tocsin.encode.account import Account
from tocsin.encode.courageous import Height, write_courageous
from tocsin.encode.csv_lines import write_alerts_csv, write_tracks_csv
from tocsin.encode.geojson import write_geojson
from tocsin.encode.kml import write_kml
from tocsin.encode.misp import write_misp
from tocsin.encode.stix import write_stix
from tocsin.words import (
    Alert,
    Bearing,
    ClaimedIdentity,
    ClassScores,
    Detection,
    Ellipse,
    Identity,
    Position,
    Reason,
    Sensor,
    Sigma,
    Track,
    Witness,
    Zone,
)

T0 = 1_795_198_200.0  # 20 November 2026, 18:10 UTC
SECRET = (14.7654321, -17.3456789)
"""Where an operator, a reporter or a sensor is: these digits may leave in no export."""

SECRET_NAMES = ("OP-SECRET-417", "secret-site", "5c:a9:41:10:47:82", "Aminata", "Mamadou")
SECRET_DIGITS = ("7654321", "3456789", "77.125", "33.375")

SENSORS = (
    Sensor("secret-site-mic", "acoustic", *SECRET),
    Sensor("secret-site-radar", "radar", *SECRET),
    Sensor("secret-site-rf", "rf", *SECRET),
)
DRONE = ClassScores(drone=0.97, bird=0.01, aircraft=0.0, other=0.02)
CLAIM = ClaimedIdentity(
    serial="=HYPERLINK(1)",
    operator="OP-SECRET-417",
    suspicion=0.4,
    reasons=("the operator OP-SECRET-417 is elsewhere",),
    because=(Reason("unseen"), Reason("friendly", {"label": "Aminata"})),
)
WITNESSES = (
    Witness("secret-site-mic", "acoustic", T0),
    Witness("secret-site-rf", "rf", T0),
)


def report(k: int, **changes: object) -> Track:
    """The k-th report of a drone that flies east and climbs, one each second."""
    values: dict[str, object] = {
        "t": T0 + k,
        "track": "T1",
        "status": "tentative" if k == 0 else "confirmed",
        "lat": 15.0 + k * 1e-5,
        "lon": -12.0 + k * 1e-4,
        "ve": 10.8,
        "vn": 1.1,
        "sigma_m": 4.5,
        "alt_m": 50.0 + k,
        "vu": 1.0,
        "class_": DRONE,
        "identity": CLAIM,
        "sensors": ("secret-site-mic", "secret-site-rf"),
        "sigma_alt_m": 6.0,
        "ellipse": Ellipse(6.0, 3.0, 90.0),
        "witnesses": WITNESSES,
        "first_t": T0 - 0.5,
    }
    return Track(**{**values, **changes})  # type: ignore[arg-type]


TRACKS = (
    *(report(k) for k in range(12)),
    report(3, track="T2", alt_m=None, vu=None, identity=None, ellipse=None, status="confirmed"),
    report(4, track="T2", alt_m=None, vu=None, identity=None, ellipse=None, status="ended"),
    report(5, track="T3", identity=None, class_=ClassScores(bird=0.9, drone=0.1)),
    report(6, track="T4", identity=None, status="tentative", class_=ClassScores()),
)
ALERTS = (
    Alert(
        t=T0 + 2,
        alert="dam-T1",
        zone="dam",
        track="T1",
        level="warning",
        kind="new",
        reasons=("closing", "heard by secret-site-mic"),
        eta_s=(20.0, 40.0, 60.0),
        because=(
            Reason("closing", {"speed_mps": 10.8, "distance_m": 900, "from_deg": 270}),
            Reason("sensor-silent", {"sensor": "secret-site-mic", "time_s": 3}),
            Reason("acknowledged", {"who": "Mamadou"}),
        ),
        witnesses=WITNESSES,
        position=Position(15.00002, -11.9998, 52.0),
        sigma_m=4.5,
        first_t=T0 + 2,
    ),
    Alert(
        t=T0 + 9,
        alert="dam-T1",
        zone="dam",
        track="T1",
        level="all-clear",
        kind="update",
        reasons=("has left and is going away",),
        sequence=2,
    ),
)
DETECTIONS = (
    Detection(
        T0,
        "secret-site-rid",
        "remote_id",
        position=Position(15.0, -12.0, 50.0),
        sigma=Sigma(horizontal_m=5.0, alt_m=5.0),
        identity=Identity(serial="=HYPERLINK(1)", operator="OP-SECRET-417"),
        source="5c:a9:41:10:47:82",
    ),
    Detection(T0, "secret-site-mic", "acoustic", Position(*SECRET), sigma=Sigma(horizontal_m=200)),
    Detection(T0, "a-reporter", "human", Position(*SECRET), sigma=Sigma(horizontal_m=300.0)),
    Detection(T0, "secret-site-rf", "rf", Position(*SECRET), sigma=Sigma(horizontal_m=900.0)),
    Detection(
        T0,
        "secret-site-radar",
        "radar",
        bearing=Bearing(azimuth_deg=77.125, range_m=33.375),
        sigma=Sigma(azimuth_deg=1.0, range_m=5.0),
    ),
)
ZONE = Zone(
    "dam",
    {"fr": "Barrage & <digue>", "en": "Dam & <dyke>"},
    ((-12.01, 14.99), (-12.01, 15.01), (-11.99, 15.01), (-11.99, 14.99)),  # clockwise
    floor_m=20.0,
    ceiling_m=300.0,
)


def evening() -> Account:
    """A fresh account, since its tracks are read once."""
    return Account("Kaawral", (ZONE,), iter(TRACKS), ALERTS, iter(DETECTIONS), SENSORS)


def courageous(account: Account) -> Iterator[bytes]:
    """COURAGEOUS with the disclosed place of these tests."""
    return write_courageous(account, Height(15.1, -12.1, 20.0))


WRITERS: dict[str, Callable[[Account], Iterator[bytes]]] = {
    "geojson": write_geojson,
    "kml": write_kml,
    "tracks-csv": write_tracks_csv,
    "alerts-csv": write_alerts_csv,
    "courageous": courageous,
    "stix": write_stix,
    "misp": write_misp,
}
