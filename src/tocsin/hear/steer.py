"""How likely it is that a sound comes from a direction: the steered likelihood of a block.

A plane wave reaches microphone m late by `-p_m . u / c`. In each frequency bin one source in white
noise is the more likely, the more of the array's power lies along the steering vector of its
direction. With the power b (1: none more than chance, M: all) that vector catches of the coherence
matrix, source and noise level of every bin being unknown, the log-likelihood a look is

    g(b) = -log b - (M - 1) log((M - b) / (M - 1))          (Jaffer 1988; Boehme 1986)

so that every bin weighs by its own measured coherence: the lines of a rotor count, bins of wind
or noise do not, and no band has to be chosen. Further sources are sought in what those before them
leave (alternating projection, Ziskind and Wax 1988). The matrix has a unit diagonal: what one
microphone's gain or noise is does not matter.

Noise of the surroundings comes from everywhere and is alike at near microphones in low bins, where
it would look like a source overhead. How much of the noise is such (sin(kd)/kd, Cook 1955) the
block itself tells, band by band; it is whitened.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.hear.array import F64, Array

C64 = NDArray[np.complex128]

LOWEST_HZ, HIGHEST_HZ = 100.0, 8_000.0
"""Below is wind; of what is above, air takes 10 dB in 100 m (ISO 9613-1, 20 C, 50 %: 10 kHz)."""
FRAME_S = 0.04
DIFFUSE = (0.0, 0.5, 0.9, 0.99)
"""Shares of the noise that may come from everywhere; a block's own bins tell which."""
NEIGHBOURS = 7
"""Bins on either side that help to tell it: lines of a rotor do not."""
UNLIKE = 0.02
"""Share of the power that microphones of one batch do not have in common (1 dB, 5 degrees)."""
LEAK = 3.0
"""Times that share of other sources' power by which a further one must stand out in a bin."""
_FULL = 1e-6


class Bins(NamedTuple):
    """What a block said: coherence matrices (f, m, m), whitened by `whiten` and of trace m; the
    power of each bin (f,), as a share of the block's; how many independent looks each rests on."""

    matrices: C64
    whiten: F64
    power: F64
    looks: float


class Steering:
    """Bins, noise and steering vectors of one array at one sample rate."""

    def __init__(self, array: Array, rate_hz: int, mps: float, place_m: float) -> None:
        self.size = 1 << round(np.log2(FRAME_S * rate_hz))
        self.window = np.hanning(self.size + 1)[:-1]
        hz = np.fft.rfftfreq(self.size, 1.0 / rate_hz)
        self.kept = (hz >= LOWEST_HZ) & (hz <= min(HIGHEST_HZ, 0.45 * rate_hz))
        self.hz = hz[self.kept]
        self.wave = 2.0 * np.pi * self.hz / mps
        self.places = array.places
        apart = np.sqrt(((array.places[:, None] - array.places[None]) ** 2).sum(axis=2))
        alike = np.sinc(self.wave[:, None, None] * apart / np.pi)
        shares = np.array(DIFFUSE)[:, None, None, None]
        noise = shares * alike + (1.0 - shares) * np.eye(len(apart))
        values, vectors = np.linalg.eigh(noise)
        self.whiten = np.einsum("cfij,cfj,cfkj->cfik", vectors, values**-0.5, vectors)
        self.volume = np.log(values).sum(axis=2)
        # a steering vector is known no better than the microphones' places and phases
        self.blur = 1.0 - (1.0 - UNLIKE) * np.exp(-((self.wave * place_m) ** 2))

    def listen(self, samples: F64) -> Bins | None:
        """The bins of a block (n, m), of at least four frames; None where it holds too little."""
        hop = self.size // 2
        frames = (len(samples) - self.size) // hop + 1
        if frames < 4:
            return None
        where = np.arange(frames)[:, None] * hop + np.arange(self.size)
        spectra = np.fft.rfft(samples.T[:, where] * self.window, axis=2)[:, :, self.kept]
        cross = np.einsum("akf,bkf->fab", spectra, spectra.conj(), optimize=True)
        own = np.einsum("faa->fa", cross).real
        scale = 1.0 / np.sqrt(np.maximum(own, 1e-30))
        alike = cross * scale[:, :, None] * scale[:, None, :]
        alike *= (1.0 - self.blur)[:, None, None]
        alike += self.blur[:, None, None] * np.eye(len(own[0]))
        whiten, white = self._whitened(alike)
        power = own.mean(axis=1)
        # half overlapping Hann frames: each bin and frame is worth half of an independent one
        return Bins(white, whiten, power / max(float(power.sum()), 1e-30), 0.5 * frames)

    def _whitened(self, alike: C64) -> tuple[F64, C64]:
        """Whitening (f, m, m) by the noise that suits a block best, and its whitened matrices."""
        m = len(self.places)
        each = self.whiten @ alike @ self.whiten
        trace = np.maximum(np.einsum("cfaa->cf", each).real, 1e-30)
        likely = -self.volume - m * np.log(trace)
        near = np.pad(likely, ((0, 0), (NEIGHBOURS, NEIGHBOURS)), mode="edge")
        near = np.lib.stride_tricks.sliding_window_view(near, 2 * NEIGHBOURS + 1, axis=1)
        best = np.argmax(np.median(near, axis=2), axis=0)
        bins = np.arange(alike.shape[0])
        return self.whiten[best, bins], each[best, bins] * (m / trace[best, bins])[:, None, None]

    def vectors(self, bins: Bins, slowness: F64, chosen: NDArray[np.int64]) -> C64:
        """Whitened steering vectors (f, d, m) of unit length of the chosen bins, for directions
        (d, 3)."""
        path = slowness @ self.places.T
        steer = np.exp(1j * self.wave[chosen][:, None, None] * path) @ bins.whiten[chosen]
        steer /= np.sqrt((np.abs(steer) ** 2).sum(axis=2, keepdims=True))
        return np.asarray(steer)

    def evidence(
        self, bins: Bins, slowness: F64, chosen: NDArray[np.int64], others: F64 | None = None
    ) -> F64:
        """Gain in log-likelihood (d, f) of a source in each direction, beside `others` (q, 3)."""
        steer = self.vectors(bins, slowness, chosen)
        matrices, m = bins.matrices[chosen], len(self.places)
        if others is None or not len(others):
            caught = np.einsum("fdm,fmn,fdn->fd", steer.conj(), matrices, steer, optimize=True).real
            return _gain(caught, caught, np.full(len(chosen), float(m)), m).T * bins.looks
        basis, _ = np.linalg.qr(np.swapaxes(self.vectors(bins, others, chosen), 1, 2))
        along = np.einsum("fmq,fdm->fdq", basis.conj(), steer)
        steer = steer - np.einsum("fmq,fdq->fdm", basis, along)
        steer /= np.sqrt(np.maximum((np.abs(steer) ** 2).sum(axis=2, keepdims=True), 1e-9))
        inner = np.swapaxes(basis.conj(), 1, 2) @ matrices @ basis
        image = np.einsum("fmn,fdn->fdm", matrices, steer)
        caught = np.einsum("fdm,fdm->fd", steer.conj(), image).real
        mixed = np.einsum("fmq,fdm->fdq", basis.conj(), image)
        shared = np.einsum(
            "fdq,fqp,fdp->fd", mixed.conj(), np.linalg.inv(inner), mixed, optimize=True
        ).real
        first = np.einsum("fqq->f", inner).real
        # what the others leave because their vectors are not quite right is no further source
        caught = np.where(caught > LEAK * (self.blur[chosen] * first)[:, None], caught, 0.0)
        left = m - first
        return _gain(caught, caught - shared, left, m - basis.shape[2]).T * bins.looks


def _gain(caught: F64, own: F64, left: F64, room: int) -> F64:
    """g of the head for power `caught` (f, d) of `left` (f,) in `room` dimensions, of which `own`
    is not explained by other sources."""
    left = np.maximum(left, 1e-9)[:, None]
    before = left / room
    after = np.maximum(left - caught, _FULL * left) / (room - 1)
    own = np.maximum(own, after)
    gain = room * np.log(before) - (room - 1) * np.log(after) - np.log(own)
    return np.where(caught > before, np.maximum(gain, 0.0), 0.0)
