"""WAV files of samples, read by the standard library and by libsndfile."""

from __future__ import annotations

import io
import wave

import numpy as np
import pytest
import soundfile

from tocsin.encode.wav import write_wav


@pytest.mark.parametrize(("rate_hz", "channels"), [(16_000, 1), (48_000, 4), (44_100, 2)])
def test_others_read_the_same_samples(rate_hz: int, channels: int) -> None:
    samples = np.random.default_rng(1).integers(-32_768, 32_767, (500, channels), np.int16)
    data = write_wav(samples.astype("<i2").tobytes(), rate_hz, channels)
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (
            rate_hz, channels, 500,
        )  # fmt: skip
        assert file.readframes(500) == samples.tobytes()
    read, rate = soundfile.read(io.BytesIO(data), dtype="int16", always_2d=True)
    assert rate == rate_hz
    assert np.array_equal(read, samples)
