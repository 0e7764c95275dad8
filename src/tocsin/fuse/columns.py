"""The loom's columns: one array a quantity, one row a track, a sensor, a detection or a claim.

All lengths are metres in one Cartesian frame (east, north, up at the house's middle). It is exact
at any distance, since WGS-84 is *rotated* into it, never flattened; what differs from place to
place is only the local vertical, which every sensor and fix brings along (`SENSOR_ROTATION`).
Times are seconds since the table's `epoch` (a whole Unix second), so that a float keeps 1e-9 s.
Unknown is NaN.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.words import SensorKind, TrackStatus

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MODES = 2
"""Motion models that interact: 0 steady, 1 manoeuvring."""

# Columns of a detection -------------------------------------------------------------------------
D_T, D_RECEIVED, D_AZ, D_EL, D_RANGE, D_RATE = 0, 1, 2, 3, 4, 5  # s, s, rad, rad, m, m/s
D_SIG_AZ, D_SIG_EL, D_SIG_RANGE, D_SIG_RATE = 6, 7, 8, 9  # 1-sigma of the same
D_E, D_N, D_U, D_SIG_H, D_SIG_ALT = 10, 11, 12, 13, 14  # a fix: metres; NaN sigma: no height
D_DRONE, D_BIRD, D_AIRCRAFT, D_OTHER = 15, 16, 17, 18  # likelihood of each class, 1 if untold
D_LEVEL, D_VE, D_VN, D_VU, D_SIG_V, D_SIGNAL = 19, 20, 21, 22, 23, 24  # dB, claimed m/s, dBm
D_WIDTH = 25
DI_SENSOR, DI_TYPE, DI_CLAIM, DI_SOURCE = 0, 1, 2, 3
DI_WIDTH = 4
BEARING, FIX, PRESENCE = 0, 1, 2

# Columns of a sensor ----------------------------------------------------------------------------
S_E, S_N, S_U = 0, 1, 2
SENSOR_ROTATION = 3  # nine numbers: frame to the sensor's own east, north, up
S_MAX_RANGE, S_PD, S_CLUTTER, S_PERIOD = 12, 13, 14, 15
S_AZ_MID, S_AZ_HALF, S_EL_MIN, S_EL_MAX = 16, 17, 18, 19  # rad
S_LAST, S_HEARD = 20, 21  # last scan counted (real or silent), last time anything came
S_BIAS_AZ, S_BIAS_T, S_VAR_AZ, S_VAR_T = 22, 23, 24, 25  # north error, clock lag: rad, s
S_WIDTH = 26
SI_KIND, SI_PLACED, SI_HEIGHT_KNOWN = 0, 1, 2
SI_WIDTH = 3
RADAR, RF, ACOUSTIC, CAMERA, REMOTE_ID, ADSB, HUMAN = range(7)
KINDS: tuple[SensorKind, ...] = ("radar", "rf", "acoustic", "camera", "remote_id", "adsb", "human")

# Columns of a track -----------------------------------------------------------------------------
T_TIME, T_SCORE, T_FIRST, T_HIT, T_REPORT, T_PACE, T_PHYSICAL = 0, 1, 2, 3, 4, 5, 6
T_CLASS = 7  # four log-likelihoods: drone, bird, aircraft, other
T_UNSEEN, T_RATE, T_START, T_SPARE = 11, 12, 13, 14
T_WIDTH = 15
TI_UID, TI_STATUS, TI_HITS, TI_CLAIM, TI_HEIGHT, TI_SENSORS, TI_REPORTED = 0, 1, 2, 3, 4, 5, 6
TI_TWIN = 7
TI_WIDTH = 8
TENTATIVE, CONFIRMED, COASTING, ENDED = 0, 1, 2, 3
STATUSES: tuple[TrackStatus, ...] = ("tentative", "confirmed", "coasting", "ended")
WITNESSES = 12

# Columns of a claimed identity ------------------------------------------------------------------
C_E, C_N, C_U, C_T = 0, 1, 2, 3  # last claimed place
C_E2, C_N2, C_T2 = 4, 5, 6  # the other place, when one serial speaks from two
C_JUMP, C_TWICE, C_OFF, C_UNSEEN, C_SERIAL, C_SHARED, C_CLOCK, C_SPEED, C_DEAF = range(7, 16)
C_JUMP_MPS, C_TWICE_M, C_OFF_M, C_SHARED_N, C_CLAIMED_MPS, C_MOVED_MPS, C_DEAF_N = range(16, 23)
C_WIDTH = 23
CI_ROW, CI_HONEST = 0, 1
CI_WIDTH = 2

# Columns of a report ----------------------------------------------------------------------------
R_T, R_E, R_N, R_U, R_VE, R_VN, R_VU = 0, 1, 2, 3, 4, 5, 6
R_PEE, R_PEN, R_PNN, R_PUU, R_PV, R_FIRST = 7, 8, 9, 10, 11, 12
R_CLASS = 13
R_CLAIM = 17  # C_WIDTH numbers of the claim
R_WITNESS_T = R_CLAIM + C_WIDTH
R_WIDTH = R_WITNESS_T + WITNESSES
RI_UID, RI_STATUS, RI_CLAIM, RI_HEIGHT, RI_KINDS = 0, 1, 2, 3, 4
RI_WITNESS = 5
RI_WIDTH = RI_WITNESS + WITNESSES


class Sensors(NamedTuple):
    """Who listens: `f` (S_WIDTH floats a row), `i` (SI_WIDTH integers a row)."""

    f: Floats
    i: Ints


class Tracks(NamedTuple):
    """What flies, rows [0, count): states, covariances and weights of the motion models."""

    x: Floats  # row, mode, 6: east, north, up, and their rates
    P: Floats  # row, mode, 6, 6
    mu: Floats  # row, mode
    f: Floats
    i: Ints
    witness: Ints  # row, WITNESSES: sensor rows, -1 none
    witness_t: Floats


class Claims(NamedTuple):
    """What emitters say they are, one row a serial, session or address."""

    f: Floats
    i: Ints


class Pending(NamedTuple):
    """Lone bearings of the last seconds, waiting for another sensor's to cross them: a ring."""

    f: Floats  # row, D_WIDTH
    i: Ints  # row, DI_WIDTH


class Reports(NamedTuple):
    """What changed: rows for the edge of the room to turn into words."""

    f: Floats
    i: Ints


# The table's own numbers ------------------------------------------------------------------------
N_TRACKS, N_UIDS, N_PENDING, N_REPORTS, N_CLAIMS = 0, 1, 2, 3, 4
N_WIDTH = 8
W_CLOCK, W_SECOND = 0, 1  # data time reached; last whole second told
W_SOUND, W_SOUND_SCORE = 2, 3
W_WIDTH = 8
