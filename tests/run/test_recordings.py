"""Which format a recording is of is told by its content."""

from __future__ import annotations

import pytest

from tocsin.errors import FormatError
from tocsin.run import recordings


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "ndjson"),
        (b"\n\n", "ndjson"),
        (b'\xef\xbb\xbf{"t":1}', "ndjson"),
        (b"\xd4\xc3\xb2\xa1", "capture"),
        (b"\x0a\x0d\x0d\x0a", "capture"),
    ],
)
def test_recordings_are_told_by_their_content(data: bytes, kind: str) -> None:
    assert recordings.sniff(data).name == kind


@pytest.mark.parametrize(
    ("data", "said"), [(b"hello", "no format"), (b"\x1f\x8b\x08", "gzip"), (b"t,lat", "no format")]
)
def test_what_is_no_recording_is_refused(data: bytes, said: str) -> None:
    with pytest.raises(FormatError, match=said):
        recordings.frames(data, "x")
