"""A short fuzz of every installed decoder and format, and the inputs that once broke one.

The long runs are `python -m tests.fuzz` (docs/how-to/fuzz-a-decoder.md), which also watch time and
memory; here only what is the same on every machine is held.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.fuzz.made import SETTINGS
from tests.fuzz.mutate import Mutator
from tests.fuzz.seeds import T0, seeds
from tests.fuzz.trial import targets, try_target
from tests.shared import SHARED, VECTORS

from tocsin.decode.ndjson import read_line, write_line
from tocsin.errors import DecodeError, FormatError
from tocsin.ports import Decoder
from tocsin.run.reading import installed_decoders
from tocsin.run.recordings import installed_formats
from tocsin.words import Frame

FRAMES = 1200
NO_SEEDS = {"format:mode-s-iq"}
"""Radio samples are in no vector: it is given noise, which tells nothing."""
DECODERS = [one.name for one in installed_decoders(SETTINGS)]
FORMATS = {one.name: one for one in installed_formats()}


def decoder_named(name: str) -> Decoder:
    return next(one for one in installed_decoders(SETTINGS) if one.name == name)


@pytest.mark.parametrize("target", targets())
def test_broken_messages_are_refused_and_counted(target: str) -> None:
    outcome = try_target(target, FRAMES, 20261124, shared=False)
    assert [(fault.what, fault.data[:200], fault.detail) for fault in outcome.faults] == []
    assert outcome.frames >= FRAMES, "no seed was found: add one to tests/fuzz/made.py"
    # The fuzz reaches both ends, or it tests nothing.
    assert outcome.heard > 0 or target in NO_SEEDS


@pytest.mark.parametrize("name", DECODERS)
def test_the_seeds_of_a_decoder_reach_its_detections(name: str) -> None:
    decoder, found = decoder_named(name), seeds(shared=(SHARED / "data").is_dir()).frames
    told = 0
    for link in decoder.links:
        for frame in found.get(link, []):
            with contextlib.suppress(DecodeError):
                told += len(decoder.decode(frame))
    if not told and not (SHARED / "data").is_dir():
        pytest.skip(f"no shared recording of {name}, and no vectors with detections")
    assert told > 0


@pytest.mark.parametrize("name", DECODERS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_bytes_give_detections_or_a_decode_error(name: str, data: st.DataObject) -> None:
    """Hypothesis cuts true messages at places of its choice, and lays bytes of its own between."""
    decoder = decoder_named(name)
    link = data.draw(st.sampled_from(decoder.links))
    true = [frame.data for frame in seeds(shared=False).frames.get(link, [])] or [b""]
    pieces = data.draw(st.lists(st.one_of(st.binary(max_size=64), _piece(true)), max_size=4))
    t = data.draw(st.floats(min_value=-1e9, max_value=4e9))
    with contextlib.suppress(DecodeError):
        for detection in decoder.decode(Frame(b"".join(pieces), "s", t, link)):
            read_line(write_line(detection))


def _piece(true: list[bytes]) -> st.SearchStrategy[bytes]:
    cut = st.tuples(st.integers(0, 200), st.integers(0, 400))
    return st.tuples(st.sampled_from(true), cut).map(lambda t: t[0][t[1][0] : sum(t[1])])


def found() -> Iterator[tuple[str, str, bytes]]:
    for path in sorted((VECTORS / "found").glob("*.ndjson")):
        for line in path.read_bytes().splitlines():
            row = json.loads(line)
            yield row["was"], row["link"], bytes.fromhex(row["data"])


@pytest.mark.parametrize(("was", "link", "data"), list(found()))
def test_what_was_found_once_is_mended(was: str, link: str, data: bytes) -> None:
    if link.startswith("format:"):
        form = FORMATS[link.removeprefix("format:")]
        form.sniff(data[:4096])
        form.datagram(data)
        whole, cut = form.splitter(), form.splitter()
        if whole is not None and cut is not None:
            assert whole.feed(data) == [m for b in data for m in cut.feed(bytes([b]))]
        with contextlib.suppress(FormatError):
            list(form.frames(data, "f", sensor="s", start=T0, skipped=Counter()))
        return
    for decoder in installed_decoders(SETTINGS):
        if link in decoder.links:
            with contextlib.suppress(DecodeError):
                for detection in decoder.decode(Frame(data, "s", T0, link)):
                    read_line(write_line(detection))


def test_the_same_seed_breaks_the_same_bytes() -> None:
    true = [frame.data for frame in seeds(shared=False).frames["radiotap"]]

    def broken() -> list[bytes]:
        chance = Mutator("7")
        return [chance.break_(one, true) for one in true]

    assert broken() == broken()
    assert broken() != true
