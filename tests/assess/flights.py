"""Made flights for the watch: one zone on flat ground and tracks that fly straight."""

from __future__ import annotations

from tocsin.earth import LocalFrame
from tocsin.words import ClassScores, SensorKind, Track, TrackStatus, Witness, Zone

T0 = 1_780_000_000.0
ORIGIN = LocalFrame(15.0, -13.0)
DRONE = ClassScores(drone=0.95, bird=0.05)


def ring(half_m: float = 500.0) -> tuple[tuple[float, float], ...]:
    corners = [(-half_m, -half_m), (half_m, -half_m), (half_m, half_m), (-half_m, half_m)]
    lats, lons, _ = ORIGIN.to_wgs84([c[0] for c in corners], [c[1] for c in corners], [0.0] * 4)
    return tuple(zip(map(float, lons), map(float, lats), strict=True))


def zone(**changes: object) -> Zone:
    fields: dict[str, object] = {"id": "dam", "names": {"en": "the dam"}, "polygon": ring()}
    return Zone(**(fields | changes))  # type: ignore[arg-type]


def witnesses(t: float, *kinds: SensorKind) -> tuple[Witness, ...]:
    """One witness a mention: `witnesses(t, "acoustic", "rf")`."""
    return tuple(Witness(f"{kind}{i}", kind, t) for i, kind in enumerate(kinds))


def track(
    t: float,
    east_m: float,
    north_m: float,
    ve: float = 0.0,
    vn: float = 0.0,
    *,
    seen_by: tuple[SensorKind, ...] = ("acoustic", "rf"),
    status: TrackStatus = "confirmed",
    name: str = "T1",
    sigma_m: float = 20.0,
    class_: ClassScores = DRONE,
    **changes: object,
) -> Track:
    lat, lon, _ = ORIGIN.to_wgs84(east_m, north_m, 0.0)
    heard = witnesses(t, *seen_by)
    return Track(
        t=t, track=name, status=status, lat=float(lat), lon=float(lon), ve=ve, vn=vn,
        sigma_m=sigma_m, sigma_mps=0.5, class_=class_, witnesses=heard,
        sensors=tuple(w.sensor for w in heard), **changes,  # type: ignore[arg-type]
    )  # fmt: skip
