"""How fast ASTERIX is read: records a second on one core, to detections and to all their items.

Read are the recordings of real networks where they are found, else tracks of our own. Beside it
tshark prints the same capture as JSON, its start taken off; and libasterix reads the same records
where `TOCSIN_LIBASTERIX` names an interpreter that has it: once only cut into items, once with the
value of every field. Seconds are the processor's; best of five passes (foreign: of two).
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import process_time

from tocsin.decode import capture
from tocsin.decode.asterix import Asterix
from tocsin.decode.asterix.blocks import chain, read_items
from tocsin.encode.asterix import Source, TrackNumbers, track_blocks
from tocsin.run.benches import Figure
from tocsin.words import Frame, Track

_PASSES = 5
_LEAST_RECORDS = 20_000
_TSHARK_FRAMES = 20_000
_PCAP_HEAD_BYTES = 24
_RECORDINGS = {"048, 034": "cat_034_048.pcap", "062, 065": "cat_062_065.pcap"}
_PORTS = (10001, 21113, 21131, 22113, 22131)
_LIBASTERIX = """
import json, sys, time
import asterix.base as base, asterix.generated as specs
kinds = {34: specs.Cat_034_1_29, 48: specs.Cat_048_1_32, 62: specs.Cat_062_1_21,
         65: specs.Cat_065_1_6}
def values(part):
    if isinstance(part, base.Element): return [part.as_uint()]
    if isinstance(part, base.Explicit): return [part.bs.to_bytes()]
    if isinstance(part, base.Repetitive): inner = part.arg
    elif isinstance(part, base.Compound): inner = [one.arg.arg for one in part.arg.values()]
    else:
        flat = part.arg if isinstance(part, base.Group) else [x for y in part.arg for x in y]
        inner = [one.arg.arg.arg for one in flat if isinstance(one, base.Item)]
    return [leaf for one in inner for leaf in values(one)]
def read(full):
    count = 0
    for block in blocks:
        bits = base.Bits.from_bytes(block[3:])
        kind = kinds[block[0]].cv_uap.cv_record
        while len(bits):
            record, bits = kind.parse(base.ParsingMode.StrictParsing, bits)
            count += 1
            if full:
                for name in kind.cv_items_dict:
                    item = record._get_item(name)
                    if item is not None: values(item.arg.arg)
    return count
blocks = [bytes.fromhex(text) for text in json.load(sys.stdin)]
found = []
for full in (False, True):
    best = 1e9
    for _ in range(2):
        start = time.process_time(); count = read(full)
        best = min(best, (time.process_time() - start) / count)
    found.append(1 / best)
print(json.dumps(found))
"""


def measure() -> list[Figure]:
    """Records a second by category, beside the foreign decoders that are found."""
    folder = (
        Path(os.environ.get("TOCSIN_SHARED", "../shared")) / "data/surveillance/asterix_croatia"
    )
    figures: list[Figure] = []
    for what, name in _RECORDINGS.items():
        if (folder / name).is_file():
            data = (folder / name).read_bytes()
            frames = list(capture.frames(data, name, sensor="s"))
            ours = _figures(f"CAT {what}, {name}", frames)
            figures += ours + _beside_tshark(what, data, frames) + _beside_libasterix(frames, ours)
    return figures or _figures("CAT 062, tracks of ours", _tracks())


def _figures(name: str, frames: Sequence[Frame]) -> list[Figure]:
    decoder = Asterix()

    def detections() -> int:
        before = decoder.heard
        for frame in frames:
            decoder.decode(frame)
        return decoder.heard - before

    def items() -> int:
        return sum(len(read_items(frame.data)) for frame in frames)

    return [
        Figure("asterix", f"{name}: to detections", _rate(detections), "records/s"),
        Figure("asterix", f"{name}: every item", _rate(items), "records/s"),
    ]


def _rate(read: Callable[[], int]) -> float:
    turns = max(1, _LEAST_RECORDS // read())
    best = 0.0
    for _ in range(_PASSES):
        start = process_time()
        count = sum(read() for _ in range(turns))
        best = max(best, count / (process_time() - start))
    return round(best)


def _beside_libasterix(frames: Sequence[Frame], ours: Sequence[Figure]) -> list[Figure]:
    python = os.environ.get("TOCSIN_LIBASTERIX")
    if not python:
        return []
    blocks = [
        frame.data[start:end].hex() for frame in frames for _, start, end in chain(frame.data) or ()
    ]
    out = subprocess.run(  # noqa: S603, the user names the interpreter
        [python, "-c", _LIBASTERIX], input=json.dumps(blocks), capture_output=True, text=True
    )
    if out.returncode != 0:
        return []
    rates: list[float] = json.loads(out.stdout)
    return [
        Figure(
            "asterix",
            f"{figure.name}, beside libasterix",
            figure.value,
            "records/s",
            goal="20 x libasterix",
            against=f"libasterix, {how}: {rate:.0f} records/s",
            ratio=round(figure.value / rate, 1),
        )
        for figure, rate, how in zip(ours, rates, ("items cut", "every value"), strict=True)
    ]


def _beside_tshark(what: str, data: bytes, frames: Sequence[Frame]) -> list[Figure]:
    tshark = shutil.which("tshark")
    if tshark is None:
        return []
    turns = max(1, _TSHARK_FRAMES // len(frames))
    with tempfile.TemporaryDirectory() as folder:
        long, short = Path(folder) / "long.pcap", Path(folder) / "short.pcap"
        long.write_bytes(data[:_PCAP_HEAD_BYTES] + data[_PCAP_HEAD_BYTES:] * turns)
        short.write_bytes(data)
        whole_s = min(_tshark_s(tshark, long) for _ in range(2))
        start_s = min(_tshark_s(tshark, short) for _ in range(2))
        theirs_s = (whole_s - start_s) / (len(frames) * (turns - 1))
        capture_data = long.read_bytes()
    best_s = 1e9
    for _ in range(2):
        start = process_time()
        decoder = Asterix()
        for frame in capture.frames(capture_data, "long.pcap"):
            decoder.decode(frame)
        best_s = min(best_s, (process_time() - start) / (len(frames) * turns))
    return [
        Figure(
            "asterix",
            f"CAT {what}: capture to detections, beside tshark",
            round(1 / best_s),
            "frames/s",
            goal="10 x tshark",
            against=f"tshark -T json: {1 / theirs_s:.0f} frames/s",
            ratio=round(theirs_s / best_s, 1),
        )
    ]


def _tshark_s(tshark: str, file: Path) -> float:
    """Seconds of the processor, its children's included."""
    ports = [word for port in _PORTS for word in ("-d", f"udp.port=={port},asterix")]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603, found by its name on the path
        [tshark, "-r", str(file), "-T", "json", *ports],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _tracks() -> list[Frame]:
    tracks = [
        Track(
            t=1_780_000_000.0 + k * 0.01,
            track=str(k % 40),
            status="confirmed",
            lat=13.0 + k * 1e-5,
            lon=-12.0,
            ve=5.0,
            vn=-3.0,
            sigma_m=12.0,
            alt_m=100.0,
        )
        for k in range(4000)
    ]
    blocks = track_blocks(tracks, Source(25, 100), TrackNumbers())
    return [Frame(block, "s", tracks[0].t, "asterix") for block in blocks]
