"""A scripted situation for the screens: one drone comes and goes, others fly, a clock runs.

`python -m tests.serve.feed --port 8641` serves it, to look at the pages without a pipeline.
"""

from __future__ import annotations

import argparse
import asyncio
import math
from collections.abc import Sequence

from msgspec.structs import replace

from tocsin.assess import Casebook, judge
from tocsin.earth import destination
from tocsin.encode.cap import CapSender
from tocsin.encode.cap_book import CapBook
from tocsin.serve import Hub, SiteView, bind, hash_token, make_app, serve
from tocsin.words import (
    BANDS,
    ClaimedIdentity,
    ClassScores,
    Deafness,
    Ellipse,
    FieldOfView,
    HeardWindow,
    Position,
    Reason,
    Receipt,
    Registration,
    SelfTest,
    Sensor,
    SensorHealth,
    SensorKind,
    Track,
    TrackStatus,
    Witness,
    Zone,
)
from tocsin.words.sentences import say

START_T = 1_795_543_200.0
DAM = Position(15.11864, -12.73375, 47.0)
ZONE = Zone(
    id="dam",
    names={"fr": "Barrage de Kaawral", "en": "Kaawral dam", "ar": "سد كاورال"},
    polygon=(
        (-12.73431, 15.11352),
        (-12.73900, 15.11791),
        (-12.73319, 15.12376),
        (-12.72850, 15.11937),
        (-12.73431, 15.11352),
    ),
    floor_m=27.0,
    ceiling_m=297.0,
    languages=("fr", "en", "ar", "ha", "bm"),
)
FRIEND = Registration(serial="7XZQ9AGR104782", label="Coopérative de Kaawral, drone d'épandage")
SENSORS = (
    Sensor("array-01", "acoustic", 15.102226, -12.718381, max_range_m=650.0),
    Sensor("array-05", "acoustic", 15.110258, -12.72695, max_range_m=650.0),
    Sensor("mic-crest", "acoustic", 15.117925, -12.73446, max_range_m=500.0),
    Sensor(
        "rf-dam", "rf", 15.119093, -12.733429, max_range_m=3000.0, fov=FieldOfView(134.0, 200.0)
    ),
    Sensor("radar-wetland", "radar", 15.116949, -12.735429, max_range_m=900.0),
    Sensor("rid-dam", "remote_id", 15.11838, -12.734008, max_range_m=2500.0),
)
SENDER = CapSender(id="tocsin@dam.example", name="Kaawral dam safety")
ENGLISH = "en"


class Feed:
    """Steps a second at a time and tells the hub what a pipeline would."""

    def __init__(self, *, speed: float = 1.0) -> None:
        self.site = SiteView(
            name="Barrage de Kaawral",
            zones=(ZONE,),
            friends={FRIEND.serial: FRIEND.label},
            sensors=SENSORS,
            cap_sender=SENDER,
        )
        self.hub = Hub(self.site, mode="demo", speed=speed)
        self.book = Casebook([ZONE], [FRIEND])
        self.caps = CapBook(SENDER)
        self.t = START_T
        self.ticks = 0

    def step(self) -> None:
        """One second."""
        self.t += 1.0
        self.ticks += 1
        tracks = self._tracks(self.t - START_T)
        alerts, standings = judge(self.book, tracks, self.t)
        self.hub.tell_tracks(self.t, tracks)
        self.hub.tell_standings(self.t, standings)
        for alert in alerts:
            message = self.caps.compose(alert, ZONE)
            self.hub.tell_cap(alert.alert, alert.sequence, message.xml, message)
        self.hub.tell_alerts(self.t, alerts)
        for alert in alerts:
            self.hub.tell_receipt(
                Receipt("cap", alert.alert, alert.sequence, alert.level, self.t, delivered=True)
            )
            if alert.level == "alarm":
                failed = Receipt(
                    "siren", alert.alert, alert.sequence, alert.level, self.t, delivered=False,
                    attempts=3, detail="relay did not answer",
                )  # fmt: skip
                self.hub.tell_receipt(failed)
        self.hub.tell_hearing(self._windows(self.t - START_T))
        if self.ticks % 5 == 1:
            self.hub.tell_health(self._health())

    def run(self, seconds: int) -> None:
        """Many seconds at once."""
        for _ in range(seconds):
            self.step()

    def _tracks(self, s: float) -> list[Track]:
        tracks = []
        if 5 <= s < 220:  # in from 2.3 km to the south-east at 15 m/s, over, and away north-west
            far = 2300.0 - 15.0 * (s - 5)
            sigma = max(18.0, 160.0 - 1.6 * s)
            kinds: Sequence[tuple[str, SensorKind]] = (
                [("rf-dam", "rf")] if s < 30 else [("rf-dam", "rf"), ("array-05", "acoustic")]
            )
            status: TrackStatus = "ended" if s >= 219 else "tentative" if s < 12 else "confirmed"
            tracks.append(self._track("T7", far, 135.0, -15.0, sigma, kinds, status, drone=0.93))
        sway = 150.0 * math.sin(s / 25.0)
        claim = ClaimedIdentity(serial=FRIEND.serial)
        tracks.append(
            self._track(
                "T3", 1500.0 + sway, 262.0, 6.0 * math.cos(s / 25.0), 8.0,
                [("rid-dam", "remote_id"), ("array-01", "acoustic")], "confirmed",
                drone=0.97, claim=claim,
            )
        )  # fmt: skip
        tracks += [
            self._track(
                f"B{number}",
                500.0 + 70 * number + 40 * math.sin(s / 9 + number),
                215.0 + 6 * number + 5 * math.sin(s / 14),
                3.0,
                7.0,
                [("radar-wetland", "radar")],
                "confirmed",
                drone=0.03,
                bird=0.95,
            )
            for number in range(3)
        ]
        if s > 60:
            because = (
                Reason("impossible-jump", {"speed_mps": 240.0}),
                Reason("silent-to-microphones", {"count": 3}),
            )
            doubt = ClaimedIdentity(
                serial="1581F5FKD229400A8",
                suspicion=0.92,
                reasons=tuple(say(one, ENGLISH) for one in because),
                because=because,
            )
            far = 900.0 + 500.0 * math.sin(s * 1.7)
            tracks.append(
                self._track(
                    "T9", far, 60.0, -9.0, 12.0, [("rid-dam", "remote_id")], "confirmed",
                    drone=0.8, claim=doubt,
                )
            )  # fmt: skip
        return tracks

    def _track(
        self,
        name: str,
        far_m: float,
        azimuth_deg: float,
        speed_mps: float,
        sigma_m: float,
        kinds: Sequence[tuple[str, SensorKind]],
        status: TrackStatus,
        *,
        drone: float,
        bird: float = 0.02,
        claim: ClaimedIdentity | None = None,
    ) -> Track:
        """A track on a ray from the dam, moving along it."""
        east = math.sin(math.radians(azimuth_deg))
        north = math.cos(math.radians(azimuth_deg))
        lat, lon = destination(DAM.lat, DAM.lon, azimuth_deg, far_m)
        return Track(
            t=self.t,
            track=name,
            status=status,
            lat=lat,
            lon=lon,
            alt_m=107.0,
            ve=east * speed_mps,
            vn=north * speed_mps,
            vu=0.0,
            sigma_m=sigma_m,
            sigma_mps=1.5,
            class_=ClassScores(drone=drone, bird=bird),
            identity=claim,
            sensors=tuple(sensor for sensor, _ in kinds),
            ellipse=Ellipse(sigma_m * 1.3, sigma_m * 0.5, azimuth_deg),
            witnesses=tuple(Witness(sensor, kind, self.t) for sensor, kind in kinds),
            first_t=START_T + 5,
        )

    def _windows(self, s: float) -> list[HeardWindow]:
        """A drone at array-05 from 40 s to 90 s; mic-crest clips in the second half of a minute."""
        made = []
        for at in (s, s + 0.5):
            near = max(0.0, 1.0 - abs(at - 65.0) / 25.0)
            bands = tuple(
                -58.0 - 0.9 * band + 2.5 * math.sin(37.1 * at + 5.3 * band)
                + 2.0 * math.sin(at / 7.0) + near * max(0.0, 26.0 - 9.0 * abs(band % 5 - 1))
                for band in range(BANDS)
            )  # fmt: skip
            p = 0.04 + 0.93 * near**0.3 if near > 0.0 else 0.03 + 0.02 * math.sin(at)
            made.append(
                HeardWindow(
                    "array-05", START_T + at, 1.0, p, -44.0 + 18.0 * near,
                    178.0 + 4.0 * math.sin(at / 3.0) if near > 0.2 else None,
                    bands_db=bands, event=p > 0.6, threshold=0.7,
                )
            )  # fmt: skip
            deaf: Deafness | None = "clipping" if at % 60.0 > 30.0 else None
            made.append(
                HeardWindow(
                    "mic-crest", START_T + at, 1.0, None if deaf else 0.05,
                    -1.0 if deaf else -50.0, deaf=deaf, bands_db=bands, threshold=0.7,
                )
            )  # fmt: skip
        return made

    def _health(self) -> list[SensorHealth]:
        s = self.t - START_T
        told = []
        for one in SENSORS:
            well = SensorHealth(one.id, one.kind, "alive", last_data_t=self.t, seen=9, decoded=9)
            if one.id == "array-01":
                well = replace(well, state="silent", last_data_t=START_T)
            elif one.id == "mic-crest" and s % 60.0 > 33.0:
                well = replace(well, state="deaf", why="clipping", since_t=self.t - s % 60.0 + 30.0)
            elif one.id == "array-05":
                well = replace(well, self_test=SelfTest(one.id, START_T, passed=True))
            told.append(well)
        return told


async def play(port: int, speed: float, token: str) -> None:
    """Serve the situation, over and over."""
    feed = Feed(speed=speed)
    listener = bind("127.0.0.1", port)
    serving = asyncio.create_task(serve(make_app(feed.hub, hash_token(token)), feed.hub, listener))
    print(f"open http://127.0.0.1:{listener.getsockname()[1]}/#token={token}", flush=True)
    while not serving.done():
        feed.step()
        await asyncio.sleep(1.0 / speed)
    await serving


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=8641)
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--token", default="look-at-the-pages")
    given = parser.parse_args()
    asyncio.run(play(given.port, given.speed, given.token))
