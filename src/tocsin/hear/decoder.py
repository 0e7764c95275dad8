"""Blocks of sound from many sensors → detections: an `acoustic` presence a second while an event
is on.

Time      the middle of the window: when the sound was at the microphone. It left the drone earlier,
          by 2.9 s a kilometre; the tracker reckons with that. `received` is the end of the block
Class     the ear's probability of the window, calibrated
Level     dB SPL where `full_scale_db` of the microphone is set, else untold: what full scale means
          is different for every recorder
Streams   one a sensor, at most `MOST_STREAMS`. A block that begins more than `LONGEST_GAP_S` off
          where the last one ended begins a new stream; nearer ones only pull the stream's time, as
          blocks that come over a network are stamped unevenly
Errors    Refused "sound" where a block cannot be read, "sound-long" beyond `LONGEST_BLOCK_S`;
          `overlooked` "sound-cut" counts blocks of which only the beginning can be read
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec

from tocsin.errors import FormatError, Refused
from tocsin.hear.events import EventRules
from tocsin.hear.format import LINK
from tocsin.hear.mounting import Mounting
from tocsin.words import ClassScores, Detection, Frame, HeardWindow, Link

if TYPE_CHECKING:  # numpy, the network and libsndfile are loaded when the first sound comes
    from tocsin.hear.listener import Heard, Listener
    from tocsin.hear.pointing import Pointing
    from tocsin.hear.sound import Sound

MOST_STREAMS = 64
LONGEST_GAP_S = 3.0
LONGEST_BLOCK_S = 30.0
SAY_EVERY_S = 1.0
_PULL = 0.1
"""How much of a block's lateness a stream takes over: evens out some ten blocks."""
_HALF_HOP_S = 0.25
"""The times of a stream shift a little while they are pulled."""
_MOST_WINDOWS = 4_096


class EarSettings(EventRules, frozen=True):
    """`[decoder.ear]` sound, listened to for drones.

    full_scale_db: by sensor id, the sound level (dB SPL) at which its samples reach full scale; without it no level is told
    array: by sensor id, how an array of microphones was put up (`[decoder.ear.array.ID]`); its sensor then tells bearings
    """  # noqa: E501

    full_scale_db: dict[str, Annotated[float, msgspec.Meta(ge=60, le=200)]] = msgspec.field(
        default_factory=dict
    )
    array: dict[str, Mounting] = msgspec.field(default_factory=dict)


class _Stream:
    """What is remembered of one sensor."""

    def __init__(self, listener: Listener, layout: tuple[int, int]) -> None:
        self.listener, self.layout = listener, layout
        self.said = float("-inf")
        """The time of the last detection."""


class SoundEar:
    """The decoder of `sound` frames."""

    name = "ear"
    links: tuple[Link, ...] = (LINK,)
    Settings = EarSettings

    def __init__(
        self,
        settings: EarSettings = EarSettings(),  # noqa: B008  frozen
        most_streams: int = MOST_STREAMS,
    ) -> None:
        self.heard = 0
        self.overlooked: Counter[str] = Counter()
        self._settings = settings
        self._most_streams = most_streams
        self._streams: OrderedDict[str, _Stream] = OrderedDict()
        self._windows: deque[HeardWindow] = deque(maxlen=_MOST_WINDOWS)
        self._arrays = _put_up(settings.array) if settings.array else {}

    def decode(self, frame: Frame) -> Sequence[Detection]:
        """What this block lets the ear say. Raises Refused for one that cannot be read."""
        sounds = self._read(frame)
        layout = (sounds[0].rate_hz, sounds[0].samples.shape[1])
        end = frame.t + sum(len(one.samples) for one in sounds) / layout[0]
        stream = self._stream(frame, layout)
        found: list[Detection] = []
        for sound in sounds:
            found += self._say(stream, stream.listener.hear(sound), round(end, 3))
        self.heard += 1
        return found

    def heard_windows(self) -> list[HeardWindow]:
        """Every window that was judged since this was last asked."""
        drained = list(self._windows)
        self._windows.clear()
        return drained

    def _read(self, frame: Frame) -> list[Sound]:
        from tocsin.hear.sound import blocks

        sounds: list[Sound] = []
        seconds = 0.0
        try:
            for sound in blocks(frame.data, frame.origin or frame.sensor):
                sounds.append(sound)
                seconds += len(sound.samples) / sound.rate_hz
                if seconds > LONGEST_BLOCK_S:
                    what = f"a block is longer than {LONGEST_BLOCK_S:g} s"
                    raise Refused("sound-long", what, where=frame.origin)
        except FormatError as error:
            if not sounds:
                raise Refused("sound", error.what, where=frame.origin) from None
            self.overlooked["sound-cut"] += 1
        if not sounds:
            raise Refused("sound", "holds no sound", where=frame.origin)
        return sounds

    def _stream(self, frame: Frame, layout: tuple[int, int]) -> _Stream:
        """The stream that this block goes on, or a new one."""
        stream = self._streams.pop(frame.sensor, None)
        if stream is not None:
            late = frame.t - stream.listener.heard_to
            if stream.layout == layout and abs(late) <= LONGEST_GAP_S:
                stream.listener.start += _PULL * late
            else:
                self._note(stream.listener.finish()[0])
                stream = None
        if stream is None:
            from tocsin.hear.listener import Listener

            listener = Listener(frame.sensor, frame.t, self._settings, bands=True)
            stream = _Stream(listener, layout)
        self._streams[frame.sensor] = stream
        while len(self._streams) > self._most_streams:
            self._streams.popitem(last=False)
        return stream

    def _say(self, stream: _Stream, heard: Sequence[Heard], received: float) -> list[Detection]:
        self._note(heard)
        return [
            told
            for one in heard
            if self._speaks(one.judged) and self._is_time(stream, one.judged)
            for told in self._pointed(one, self._detection(one, received))
        ]

    def _pointed(self, one: Heard, presence: Detection) -> Sequence[Detection]:
        """The bearings of a window at an array; the presence if there are none."""
        array = self._arrays.get(presence.sensor)
        if array is None:
            return (presence,)
        if one.window.native.samples.shape[1] < array.count:
            self.overlooked["sound-channels"] += 1
            return (presence,)
        return array.bearings(one.window.native, presence) or (presence,)

    def _speaks(self, window: HeardWindow) -> bool:
        p = window.p_drone
        return window.event and p is not None and p >= self._settings.off_p

    @staticmethod
    def _is_time(stream: _Stream, window: HeardWindow) -> bool:
        if window.t - stream.said < SAY_EVERY_S - _HALF_HOP_S:
            return False
        stream.said = window.t
        return True

    def _detection(self, one: Heard, received: float) -> Detection:
        window = one.judged
        full_scale_db = self._settings.full_scale_db.get(window.sensor)
        level_db = None
        if full_scale_db is not None and window.level_dbfs is not None:
            level_db = round(window.level_dbfs + full_scale_db, 1)
        return Detection(
            t=round(window.t + window.dur_s / 2.0, 3),
            sensor=window.sensor,
            kind="acoustic",
            class_=ClassScores(drone=window.p_drone),
            level_db=level_db,
            received=received,
        )

    def _note(self, heard: Sequence[Heard]) -> None:
        self._windows.extend(one.judged for one in heard)


def _put_up(arrays: dict[str, Mounting]) -> dict[str, Pointing]:
    """The arrays by sensor. Raises ConfigError for places that make none."""
    from tocsin.hear.pointing import Pointing

    return {
        sensor: Pointing(mounting, f"decoder.ear.array.{sensor}.microphones")
        for sensor, mounting in arrays.items()
    }
