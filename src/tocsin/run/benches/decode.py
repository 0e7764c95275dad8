"""How fast Remote ID is read: messages a second on one core, from frames and from a capture.

Every frame differs from the one before: other places, counters and check sums, as on the air.
A pack counts as the messages in it, not as one. Each figure is the best of five passes, because
a shared machine only ever makes it slower. Beside it tshark reads the same bytes; it takes the
Wi-Fi layers apart and leaves the Remote ID in them as it is.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from tocsin.decode import capture
from tocsin.decode.ndjson import write_line
from tocsin.decode.remote_id import RemoteId, read_transmission
from tocsin.encode import bluetooth, ieee80211, pcapng, remote_id
from tocsin.errors import DecodeError
from tocsin.run.benches import Figure
from tocsin.words import Frame

_FRAMES = 4000
_TSHARK_FRAMES = 20_000
_PASSES = 5
_GOAL = ">= 100000"
_AIRCRAFT = 40
_RECORDINGS = (
    "linux_transmitter/wireless_RID_test_linux_transmitter.pcapng",
    "odid_dissector_samples/odid_wifi_bcn_sample.pcap",
    "odid_dissector_samples/odid_bt5_lr_sample.pcapng",
)


def measure() -> list[Figure]:
    """Messages a second by transport, on recordings where they are found, and beside tshark."""
    figures = [
        _figure("Wi-Fi beacons with packs of six", _beacons(_FRAMES)),
        _figure("Wi-Fi NAN, one message a frame", _nan_singles(_FRAMES)),
        _figure("Bluetooth legacy, one message a frame", _adverts(_FRAMES)),
        _figure("Bluetooth long range, packs of six", _long_range(_FRAMES)),
    ]
    folder = Path(os.environ.get("TOCSIN_SHARED", "../shared")) / "data" / "remote_id"
    for path in _RECORDINGS:
        if (folder / path).is_file():
            frames = list(capture.frames((folder / path).read_bytes(), Path(path).name))
            figures.append(_figure(f"recording {Path(path).name}, repeated", _repeated(frames)))
    return figures + _beside_tshark()


def _messages(step: int) -> list[bytes]:
    """Six messages of one of forty aircraft, which moves from step to step."""
    aircraft, turn = step % _AIRCRAFT, step // _AIRCRAFT
    return [
        remote_id.basic_id(f"1581F4XYZ{aircraft:08d}"),
        remote_id.location(
            13.0 + aircraft * 0.01 + turn * 1e-5,
            -12.0 - turn * 1e-5,
            alt_m=50.0 + turn % 50,
            height_m=30.0 + turn % 50,
            direction_deg=float(step * 7 % 360),
            speed_mps=step % 60 / 4,
            climb_mps=step % 9 / 2,
            horizontal_bound_m=10.0,
            vertical_bound_m=25.0,
            speed_bound_mps=1.0,
            after_hour_s=1600.0 + turn % 1000,
        ),
        remote_id.self_id("survey"),
        remote_id.system(13.0, -12.0, sent_t=1_780_000_000.0 + turn),
        remote_id.operator_id(f"SEN-OP-{aircraft:04d}"),
        remote_id.authentication(bytes(17), signed_t=1_780_000_000.0 + turn)[0],
    ]


def _address(step: int) -> str:
    return f"02:00:00:00:00:{step % _AIRCRAFT:02x}"


def _t(step: int) -> float:
    return 1_780_000_000.0 + step / _AIRCRAFT


def _beacons(count: int) -> list[Frame]:
    return [
        Frame(
            ieee80211.beacon(
                remote_id.pack(_messages(step)),
                _address(step),
                _t(step),
                counter=step,
                signal_dbm=-60.0,
            ),
            "wifi",
            _t(step),
            "radiotap",
        )
        for step in range(count)
    ]


def _nan_singles(count: int) -> list[Frame]:
    """Basic IDs and Locations in turn, each alone in a pack of one."""
    return [
        Frame(
            ieee80211.nan_action(
                remote_id.pack([_messages(step // 2)[step % 2]]),
                _address(step // 2),
                _t(step // 2),
                counter=step,
                signal_dbm=-60.0,
            ),
            "wifi",
            _t(step // 2),
            "radiotap",
        )
        for step in range(count)
    ]


def _adverts(count: int) -> list[Frame]:
    """Basic IDs and Locations in turn."""
    return [
        Frame(
            bluetooth.legacy_advert(
                _messages(step // 2)[step % 2], _address(step // 2), _t(step // 2), counter=step
            ),
            "ble",
            _t(step // 2),
            "nordic_ble",
        )
        for step in range(count)
    ]


def _long_range(count: int) -> list[Frame]:
    return [
        Frame(
            bluetooth.long_range_advert(
                remote_id.pack(_messages(step)), _address(step), _t(step), counter=step
            ),
            "ble",
            _t(step),
            "nordic_ble",
        )
        for step in range(count)
    ]


def _repeated(frames: list[Frame]) -> list[Frame]:
    return frames * max(1, _FRAMES // len(frames))


def _count(frames: list[Frame]) -> int:
    """Messages in the frames that can be read; the others cost time and count for nothing."""
    count = 0
    for frame in frames:
        try:
            heard = read_transmission(frame)
        except DecodeError:
            continue
        count += 0 if heard is None else sum(map(len, heard.groups))
    return count


def _best(work: Callable[[], None]) -> float:
    """Seconds of the fastest pass."""
    times = []
    for _ in range(_PASSES):
        start = perf_counter()
        work()
        times.append(perf_counter() - start)
    return min(times)


def _figure(name: str, frames: list[Frame]) -> Figure:
    def road() -> None:
        decode = RemoteId().decode
        for frame in frames:
            try:
                decode(frame)
            except DecodeError:
                continue

    messages, seconds = _count(frames), _best(road)
    return Figure(
        bench="decode",
        name=f"Remote ID, {name}",
        value=round(messages / seconds),
        unit="messages/s",
        goal=_GOAL,
        note=f"{messages / len(frames):.1f} messages and {seconds / len(frames) * 1e6:.1f} us "
        "a frame, frame to detections, one core",
    )


def _beside_tshark() -> list[Figure]:
    """A capture to NDJSON lines, in memory, against tshark on the same bytes in a file.

    Twice: tshark's one line a frame, which is its quickest and knows nothing of Remote ID, and
    its JSON, which like ours writes down every field it has read.
    """
    frames = _beacons(_TSHARK_FRAMES)
    data = pcapng.capture(frames)

    def road() -> None:
        decode = RemoteId().decode
        for frame in capture.frames(data, "bench.pcapng"):
            for detection in decode(frame):
                write_line(detection)

    ours = len(frames) / _best(road)
    figures = []
    for what, options in (("one line a frame", []), ("JSON", ["-T", "json"])):
        seconds = _tshark_seconds(data, options)
        theirs = None if seconds is None else len(frames) / seconds
        against = None if theirs is None else f"tshark {theirs:,.0f} frames/s, no Remote ID"
        figures.append(
            Figure(
                bench="decode",
                name=f"capture to detections.ndjson, beside tshark's {what}",
                value=round(ours),
                unit="frames/s",
                against=against,
                ratio=None if theirs is None else round(ours / theirs, 2),
                note=f"{len(frames)} Wi-Fi beacons, six messages each",
            )
        )
    return figures


def _tshark_seconds(data: bytes, options: list[str]) -> float | None:
    """Wall time of tshark over a capture, its start included; None where there is no tshark."""
    tshark = shutil.which("tshark")
    if tshark is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.pcapng"
        file.write_bytes(data)
        start = perf_counter()
        subprocess.run(  # noqa: S603
            [tshark, "-n", "-r", str(file), *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        return perf_counter() - start
