"""The ear itself: seconds of sound in, probabilities that a drone sounds in them out.

Network    `ear.onnx` beside this file, run by onnxruntime on one thread; how it was trained and
           what it misses: docs/reference/ear-model-card.md
Input      windows of 16,000 samples at 16 kHz, any level, DC does not matter
Output     calibrated probability a window, each judged alone; `Attention` adds what went before
"""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import numpy.typing as npt
import onnxruntime

from tocsin.hear.features import F32, WINDOW, features

F64 = npt.NDArray[np.float64]

_AT_ONCE = 4
"""Windows judged in one call: more fall out of the processor's cache and take a third longer."""


class Ear:
    """Judges windows of sound one by one; keeps nothing between them."""

    def __init__(self) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        options.enable_cpu_mem_arena = False  # a site's memory is worth more than some percent
        network = (files("tocsin.hear") / "ear.onnx").read_bytes()
        self._session = onnxruntime.InferenceSession(
            network, options, providers=["CPUExecutionProvider"]
        )

    def log_odds(self, windows: F32) -> F64:
        """(n, 16000) samples → (n,) calibrated log-odds of a drone."""
        if windows.ndim != 2 or windows.shape[1] != WINDOW:
            raise ValueError(f"windows are (n, {WINDOW}), not {windows.shape}")
        told = np.empty(len(windows))
        for start in range(0, len(windows), _AT_ONCE):
            part = slice(start, start + _AT_ONCE)
            colour, combs = features(np.asarray(windows[part], np.float32))
            told[part] = self._session.run(None, {"colour": colour, "combs": combs})[0]
        return told

    def probabilities(self, windows: F32) -> F32:
        """(n, 16000) samples → (n,) calibrated probabilities of a drone."""
        return np.asarray(1.0 / (1.0 + np.exp(-self.log_odds(windows))), np.float32)
