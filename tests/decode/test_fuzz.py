"""Twenty thousand frames and captures broken at random, from a fixed seed: nothing but counted
refusals. Longer runs (over four million frames) found a JSON line nested too deeply, now a test."""

from __future__ import annotations

import contextlib
import random

from tests.encode.example_frames import frames as example_frames
from tests.shared import VECTORS

from tocsin.decode.remote_id import RemoteId
from tocsin.errors import DecodeError, FormatError
from tocsin.run import recordings
from tocsin.words import Frame

_BYTES = (0x00, 0x01, 0x7F, 0x80, 0xFF, 0xDD, 0xF2, 0x19)


def broken(data: bytes, chance: random.Random) -> bytes:
    """One to five bits flipped, bytes set, cut out, put in or doubled."""
    wrong = bytearray(data)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(wrong) + 1)
        some = chance.randint(1, 40)
        match chance.randrange(5):
            case 0 if at < len(wrong):
                wrong[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(wrong):
                wrong[at] = chance.choice(_BYTES)
            case 2:
                del wrong[at : at + some]
            case 3:
                wrong[at:at] = chance.randbytes(some)
            case _:
                wrong[at:at] = wrong[at : at + some]
    return bytes(wrong)


def seeds() -> list[Frame]:
    """Frames with their heads and, as nothing else would get past the check sum, without."""
    made = example_frames()
    bare = [Frame(f.data[23:-4], f.sensor, f.t, "ieee80211") for f in made if f.link == "radiotap"]
    plain = [Frame(f.data[17:], f.sensor, f.t, "ble_ll") for f in made if f.link == "nordic_ble"]
    return made + bare + plain


def test_broken_frames() -> None:
    chance = random.Random(20261124)
    decoder = RemoteId()
    detections = refused = 0
    frames = seeds()
    for number in range(20_000):
        seed = chance.choice(frames)
        frame = Frame(broken(seed.data, chance), "s", seed.t + number / 1000, seed.link)
        try:
            found = decoder.decode(frame)
        except DecodeError:
            refused += 1
            continue
        detections += len(found)
        for detection in found:
            assert detection.position is not None
            assert abs(detection.position.lat) <= 90
            assert abs(detection.position.lon) <= 180
    # The fuzz reaches both ends of the decoder, or it tests nothing.
    assert detections > 500
    assert refused > 2000


def test_broken_captures() -> None:
    chance = random.Random(7)
    data = (VECTORS / "remote_id" / "ours.pcapng").read_bytes()[:2048]
    frames = 0
    for _ in range(1000):
        with contextlib.suppress(FormatError):
            for _ in recordings.frames(data[:4] + broken(data[4:], chance)):
                frames += 1
    assert frames > 1000
