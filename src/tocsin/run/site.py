"""From settings to words: a sound `tocsin.toml` becomes zones, friends, sensors and a sender."""

from __future__ import annotations

import msgspec

from tocsin.assess import Casebook, Crowd, CrowdRules, Drills, Groups, Ladder, Outcry
from tocsin.encode.cap import CapSender
from tocsin.encode.legal import legal_words
from tocsin.fuse import new_table
from tocsin.run.config import ChannelSettings, SiteConfig
from tocsin.run.pipeline import Bell, House, Memory, Screens
from tocsin.run.reading import ReadingDesk, installed_decoders
from tocsin.run.scribe import Scribe
from tocsin.run.sensors_file import read_sensors
from tocsin.run.settings import DrillTable, FriendTable, RulesTable, ZoneTable
from tocsin.words import (
    Drill,
    Hours,
    Manners,
    Registration,
    Rules,
    Sensor,
    Zone,
    read_hours,
    read_moment,
)


class Site(msgspec.Struct, frozen=True):
    """What a house is built from; nothing here changes while it runs."""

    name: str
    languages: tuple[str, ...]
    sensors: tuple[Sensor, ...]
    zones: tuple[Zone, ...]
    friends: tuple[Registration, ...]
    sender: CapSender
    air_c: float = 20.0
    decoders: dict[str, msgspec.Struct] = {}
    drills: tuple[Drill, ...] = ()
    manners: dict[str, Manners] = {}
    crowd: CrowdRules = CrowdRules()


def read_site(config: SiteConfig) -> Site:
    """The site that a sound config describes. Raises ConfigError if sensors.json has gone bad."""
    languages = tuple(config.site.languages)
    zones = tuple(
        _zone(table, rules, config) for table, rules in zip(config.zones, config.rules, strict=True)
    )
    names = config.cap.sender_name
    sender_name = next((names[tag] for tag in languages if tag in names), config.site.name)
    return Site(
        name=config.site.name,
        languages=languages,
        sensors=read_sensors(config.sensors_file),
        zones=zones,
        friends=tuple(_friend(table) for table in config.friends),
        sender=CapSender(id=config.cap.sender, name=sender_name),
        air_c=config.site.air_c,
        decoders=config.decoders,
        drills=tuple(drill for table in config.drills if (drill := _drill(table))),
        manners={one.id: _manners(one) for one in config.channels},
        crowd=CrowdRules(config.reports.least_cells, config.reports.most_a_minute),
    )


def build_house(site: Site, memory: Memory, bell: Bell, screens: Screens) -> House:
    """A house of this site with the given doors, with empty tracks and an empty casebook."""
    book = Casebook(site.zones, site.friends)
    return House(
        desk=ReadingDesk(installed_decoders(site.decoders)),
        tracks=new_table(site.sensors, air_c=site.air_c),
        casebook=book,
        people=Outcry(Crowd(site.sensors, site.crowd), book),
        groups=Groups(),
        drills=Drills(site.drills, site.zones),
        ladder=Ladder(site.zones, site.manners),
        scribe=Scribe(site.zones, site.sender),
        memory=memory,
        bell=bell,
        screens=screens,
    )


def _zone(table: ZoneTable, rules: RulesTable, config: SiteConfig) -> Zone:
    site = config.site
    legal = legal_words(site.country, authority=config.cap.authority)
    hours = [read_hours(text) for text in table.hours]
    return Zone(
        id=table.id,
        names=dict(table.names),
        polygon=tuple(table.polygon),
        floor_m=table.floor_m,
        ceiling_m=table.ceiling_m,
        hours=tuple(h for h in hours if isinstance(h, Hours)),
        rules=Rules(**msgspec.structs.asdict(rules)),
        tell=tuple(table.tell),
        languages=tuple(table.languages) or tuple(site.languages),
        ladder=tuple(table.ladder),
        approval=table.approval,
        legal={
            tag: {**legal.get(tag, {}), **site.words.get(tag, {})} for tag in legal | site.words
        },
        arabic_digits=site.arabic_digits,
    )


def _drill(table: DrillTable) -> Drill | None:
    moment = read_moment(table.at)
    if moment is None:
        return None
    days, at_min = moment
    return Drill(table.zone, at_min, days, table.first_week, table.level, table.lasts_s)


def _manners(channel: ChannelSettings) -> Manners:
    quiet = [read_hours(str(text)) for text in channel.settings.get("quiet", ())]
    cool_down_s = float(channel.settings.get("cool_down_s", 0.0))
    return Manners(tuple(h for h in quiet if h is not None), cool_down_s)


def _friend(table: FriendTable) -> Registration:
    return Registration(
        serial=table.serial,
        label=table.label,
        area=None if table.area is None else tuple(table.area),
        ceiling_m=table.ceiling_m,
        from_t=None if table.valid_from is None else table.valid_from.timestamp(),
        until_t=None if table.valid_until is None else table.valid_until.timestamp(),
        max_speed_mps=table.max_speed_mps,
    )
