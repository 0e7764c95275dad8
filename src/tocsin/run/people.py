"""The door of the people: reports of the page and of text messages become detections of a cell.

What comes in is a cell, a direction and what was noticed; what goes on is a line of
`detections.ndjson` of kind "human". Who sent it stays outside: the address or telephone number is
hashed with a key that lives in memory for a day, to limit how many one sender can send and to how
many cells, and is then forgotten. It is in no frame, no journal and no log.
"""

from __future__ import annotations

import hashlib
import math
import secrets
from collections import Counter, OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tocsin.assess import CellView, Crowd
from tocsin.decode.ndjson import write_line
from tocsin.decode.report_text import read_report_text
from tocsin.earth import azimuth_distance
from tocsin.errors import ConfigError, Refused
from tocsin.ports import Clock
from tocsin.run.settings import PostTable, ReportsTable
from tocsin.serve.reports import Answer, PageReport
from tocsin.words import (
    CELL_SIGMA_M,
    Bearing,
    ClassScores,
    Detection,
    Frame,
    Position,
    Said,
    Sigma,
    SourceHealth,
    Zone,
    cell_middle,
    cell_of,
)

if TYPE_CHECKING:
    from tocsin.run.config import SiteConfig

NAME = "people"
COMPASS_SIGMA_DEG = 25.0
"""A person points to within 20 degrees, a phone's compass among cars and tin roofs to within 15."""
ROSE_SIGMA_DEG = 28.0
"""One of eight: 45 / sqrt(12) = 13 degrees, and knowing where north is to within 25."""
OLDEST_S = 3600.0
"""A report that waited longer on a phone is thanked for and left out."""

_DAY_S = 86_400.0
_HOUR_S = 3600.0
_MOST_SENDERS = 20_000
_LIKELY: dict[Said, float] = {"heard": 0.6, "seen": 0.75, "dropped": 0.9, "gone": 0.5}


class Senders:
    """How often somebody unknown has sent lately, by a hash that nobody can undo tomorrow."""

    def __init__(self, most_an_hour: int) -> None:
        self._most = most_an_hour
        self._key, self._key_day = b"", -1
        self._seen: OrderedDict[bytes, tuple[str, list[float]]] = OrderedDict()

    def allows(self, sender: str, cell: str, now: float) -> bool:
        """Whether this sender may report of this cell: of one cell in an hour, not too often."""
        day = math.floor(now / _DAY_S)
        if day != self._key_day:  # the old key is gone, and with it every trace of yesterday
            self._key, self._key_day = secrets.token_bytes(32), day
            self._seen.clear()
        name = hashlib.blake2b(sender.encode(), key=self._key, digest_size=16).digest()
        home, times = self._seen.pop(name, (cell, []))
        times = [t for t in times if now - t < _HOUR_S]
        home = home if times else cell
        allowed = home == cell and len(times) < self._most
        if allowed:
            times.append(now)
        self._seen[name] = home, times
        while len(self._seen) > _MOST_SENDERS:
            self._seen.popitem(last=False)
        return allowed


class PeopleDoor:
    """A source whose messages come from people."""

    name = NAME

    def __init__(
        self,
        table: ReportsTable,
        posts: Sequence[PostTable],
        zones: Sequence[Zone],
        clock: Clock,
        languages: Sequence[str],
        gateway_token: str = "",
    ) -> None:
        self._table, self._clock = table, clock
        self.acknowledges = table.acknowledge
        self.gateway_hash = (
            hashlib.sha256(gateway_token.encode()).hexdigest() if gateway_token else ""
        )
        self._posts = {post.number: cell_of(post.lat, post.lon) for post in posts}
        self._middles = [_middle(zone) for zone in zones]
        self.languages = tuple(languages)
        self._senders = Senders(table.most_an_hour)
        self._waiting: list[Frame] = []
        self._seen = 0
        self._refused: Counter[str] = Counter()
        self._crowd: Crowd | None = None

    async def open(self) -> None:
        """There is nothing to open: the pages bring it."""

    def attend(self, crowd: Crowd) -> None:
        """Whose weights the desk is shown."""
        self._crowd = crowd

    def drain(self) -> list[Frame]:
        """What came since last time."""
        frames, self._waiting = self._waiting, []
        return frames

    def health(self) -> SourceHealth:
        """Always there; how many came and why some were refused."""
        return SourceHealth(
            NAME, "reports", connected=True, seen=self._seen, refused=dict(self._refused)
        )

    async def close(self) -> None:
        """Forget who sent."""
        self._senders = Senders(self._table.most_an_hour)

    def take_page(self, report: PageReport, sender: str) -> Answer:
        """A report of the page."""
        self._seen += 1
        cell = self._cell(report.post, report.lat, report.lon)
        if cell is None:
            return self._refuse("report-place", "unclear")
        sigma = COMPASS_SIGMA_DEG if report.compass else ROSE_SIGMA_DEG
        return self._admit(cell, report.said, report.azimuth_deg, sigma, report.age_s, sender)

    def take_text(self, text: str, sender: str) -> Answer:
        """A text message. Without a post it has no place and is only counted."""
        self._seen += 1
        try:
            told = read_report_text(text)
        except Refused as error:
            return self._refuse(error.rule, "unclear")
        cell = self._cell(told.post, None, None)
        if cell is None:
            return self._refuse("report-place", "unclear")
        return self._admit(cell, told.said, told.azimuth_deg, ROSE_SIGMA_DEG, 0.0, sender)

    def cells(self) -> list[CellView]:
        """The last hour by cell, for the desk."""
        return [] if self._crowd is None else self._crowd.view(self._clock.now())

    def _cell(self, post: int | None, lat: float | None, lon: float | None) -> str | None:
        """A post's cell, or the phone's where this site takes them and a zone is near."""
        if post is not None:
            return self._posts.get(post)
        if lat is None or lon is None or not self._table.anywhere:
            return None
        reach_m = self._table.reach_m
        near = any(azimuth_distance(a, b, lat, lon)[1] <= reach_m for a, b in self._middles)
        return cell_of(lat, lon) if near else None

    def _admit(
        self,
        cell: str,
        said: Said,
        azimuth_deg: float | None,
        sigma_deg: float,
        age_s: float,
        sender: str,
    ) -> Answer:
        now = self._clock.now()
        if not self._senders.allows(sender, cell, now):
            return self._refuse("report-many", "many")
        if age_s > OLDEST_S:
            return self._refuse("report-old", "thanks")
        middle = cell_middle(cell)
        assert middle is not None
        drone = _LIKELY[said]
        told = Detection(
            t=round(now - age_s),
            sensor=cell,
            kind="human",
            position=Position(*middle),
            bearing=None if azimuth_deg is None else Bearing(round(azimuth_deg % 360.0)),
            sigma=Sigma(
                horizontal_m=CELL_SIGMA_M,
                azimuth_deg=None if azimuth_deg is None else sigma_deg,
            ),
            class_=ClassScores(drone=drone, other=round(1.0 - drone, 2)),
            received=round(now, 3),
            said=said,
        )
        line = write_line(told)
        self._waiting.append(Frame(line, sensor=cell, t=now, link="ndjson", source=NAME))
        return "thanks"

    def _refuse(self, rule: str, answer: Answer) -> Answer:
        self._refused[rule] += 1
        return answer


def open_people(config: SiteConfig, zones: Sequence[Zone], clock: Clock) -> PeopleDoor | None:
    """The door, where the site takes reports. Raises ConfigError for a token that is not there."""
    table = config.reports
    if not table.accept:
        return None
    token = ""
    if table.gateway_token_file:
        try:
            token = (config.folder / table.gateway_token_file).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ConfigError("the gateway's token cannot be read", key="reports") from None
    return PeopleDoor(table, config.posts, zones, clock, config.site.languages, token)


def _middle(zone: Zone) -> tuple[float, float]:
    corners = zone.polygon
    return sum(c[1] for c in corners) / len(corners), sum(c[0] for c in corners) / len(corners)
