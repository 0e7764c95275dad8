"""The loom's columns: one structured array a thing, one row a track, a sensor, a statement.

All lengths are metres in one Cartesian frame (east, north, up at the house's middle). It is exact
at any distance, since WGS-84 is *rotated* into it, never flattened; what differs from place to
place is only the local vertical, which every sensor and fix brings along. Angles are radians.
Times are seconds since the table's epoch (a whole Unix second), so that a float keeps 1e-9 s.
Unknown is NaN. Every field is 8 bytes wide, so that a whole array can be seen as plain numbers.

The classes beside the dtypes say the same to the type checker; no object of them is ever made.
"""

from __future__ import annotations

from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from tocsin.words.batch import WITNESSES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

MODES = 5
"""Manners of flight that interact: steady, manoeuvring, turning left and right, hovering."""
EARS = 256  # so many microphones around one thing are asked at most
STRANDS = 4
"""Ranging sensors whose own view of one track is kept apart while others fly near it."""
STRAND_ROOM = 4096
BLURS = 4
"""Resolutions that a sensor may have (see `resolve`)."""
VIEWS = 3  # radars whose last word on a track is kept, to hold them against each other
ROWS = 6
BEARING, FIX, PRESENCE = 0, 1, 2
RADAR, RF, ACOUSTIC, CAMERA, REMOTE_ID, ADSB, HUMAN = range(7)
TENTATIVE, CONFIRMED, COASTING, ENDED = 0, 1, 2, 3
DOUBTS = 9
JUMP, TWICE, OFF, UNSEEN, SERIAL, SIGNAL, MUTE, CLOCK, SPEED = range(DOUBTS)
"""What can speak against a claim, in the order of `doubt`."""

_F, _I = np.float64, np.int64
_Row = TypeVar("_Row", covariant=True)


class Rows(Protocol[_Row]):
    """A structured array, seen as rows with named fields."""

    @property
    def shape(self) -> tuple[int, ...]: ...

    def __getitem__(self, row: int) -> _Row: ...

    def __setitem__(self, row: int, value: object) -> None: ...


class SensorRow(Protocol):
    """Who listens. `reach` is NaN where unknown; `stray` is how many statements a look brings that
    belong to nothing, learned from what `clutter` states; `last` is the last look counted,
    `heard` when anything last came; `north_error` and `clock_lag` are what we found it to be
    off by, from the normal equations in `normal`; `askew` the probabilities that it is turned
    and that it is late. `dead` is a bare microphone's log-odds of being out of order, `strays` its
    statements that nothing explained, `spoke` and `before` the last two, `call_t`, `call_level` one
    that waits. `partner` is the radar it is held against (a row, -1 none), `shared` what they
    taught each other (see `mutual`), `sharp` its last azimuth sigma; `blur` the log-weights of the
    resolutions it may have."""

    place: Floats
    turn: Floats
    reach: float
    pd: float
    clutter: float
    period: float
    stray: float
    az_mid: float
    az_half: float
    el_min: float
    el_max: float
    last: float
    heard: float
    north_error: float
    clock_lag: float
    north_var: float
    clock_var: float
    normal: Floats
    askew: Floats
    dead: float
    strays: float
    spoke: float
    before: float
    call_t: float
    call_level: float
    shared: Floats
    sharp: float
    blur: Floats
    kind: int
    placed: int
    height_known: int
    bare: int
    partner: int


SENSOR = np.dtype([
    ("place", _F, 3), ("turn", _F, 9), ("reach", _F), ("pd", _F), ("clutter", _F), ("period", _F),
    ("stray", _F), ("az_mid", _F), ("az_half", _F), ("el_min", _F), ("el_max", _F),
    ("last", _F), ("heard", _F), ("north_error", _F), ("clock_lag", _F), ("north_var", _F),
    ("clock_var", _F), ("normal", _F, 5), ("askew", _F, 2), ("dead", _F), ("strays", _F),
    ("spoke", _F), ("before", _F), ("call_t", _F), ("call_level", _F), ("shared", _F, 14),
    ("sharp", _F), ("blur", _F, BLURS),
    ("kind", _I), ("placed", _I), ("height_known", _I), ("bare", _I), ("partner", _I),
], align=True)  # fmt: skip


class StatementRow(Protocol):
    """What one detection says. `likely` are the likelihoods of drone, bird, aircraft, other."""

    t: float
    received: float
    az: float
    el: float
    range: float
    rate: float
    sig_az: float
    sig_el: float
    sig_range: float
    sig_rate: float
    place: Floats
    sig_h: float
    sig_alt: float
    likely: Floats
    level: float
    motion: Floats
    sig_v: float
    signal: float
    said: float
    sensor: int
    kind: int
    claim: int
    source: int

    def copy(self) -> StatementRow: ...


STATEMENT = np.dtype([
    ("t", _F), ("received", _F), ("az", _F), ("el", _F), ("range", _F), ("rate", _F),
    ("sig_az", _F), ("sig_el", _F), ("sig_range", _F), ("sig_rate", _F),
    ("place", _F, 3), ("sig_h", _F), ("sig_alt", _F), ("likely", _F, 4), ("level", _F),
    ("motion", _F, 3), ("sig_v", _F), ("signal", _F), ("said", _F),
    ("sensor", _I), ("kind", _I), ("claim", _I), ("source", _I),
], align=True)  # fmt: skip


class TrackRow(Protocol):
    """What flies: states `x` (mode, 6: place and its rates), covariances `P`, weights `mu`.

    `score` is the log-odds that it exists, `rate` the share of looks that hit it, `pace` the
    seconds between looks, `physical` when something other than a claim last agreed, `unseen` the
    evidence of silence against a claim and `mute` the part of it that microphones gave, `lost` that
    of radars since their last hit, `crowded` when a statement last fitted another track too,
    `doubt` how much less sure its place is (m2: ee, en, nn) because the likeliest pairing may be
    wrong, `likely` class log-likelihoods, `own` when it last had an echo to itself and `shared` one
    with others, `kinds` a bit a kind of sensor that agreed, `strand` its strands and `bank` its
    bank of guesses (-1: none), `said` what radars last said of its place, as they said it (t; e, n;
    ee, en, nn), and `viewer` which. `lone` is the sensor whose bearings alone began it (-1: none),
    `line`, `line_cov` what those tell at `line_t`, `aside` when another sensor last agreed."""

    x: Floats
    P: Floats
    mu: Floats
    time: float
    score: float
    start: float
    first: float
    hit: float
    told: float
    pace: float
    physical: float
    unseen: float
    mute: float
    lost: float
    rate: float
    crowded: float
    doubt: Floats
    likely: Floats
    own: float
    shared: float
    uid: int
    status: int
    hits: int
    claim: int
    height: int
    kinds: int
    reported: int
    strand: Ints
    witness: Ints
    witness_t: Floats
    said: Floats
    viewer: Ints
    line: Floats
    line_cov: Floats
    line_t: float
    aside: float
    bank: int
    lone: int


TRACK = np.dtype([
    ("x", _F, (MODES, 6)), ("P", _F, (MODES, 6, 6)), ("mu", _F, MODES),
    ("time", _F), ("score", _F), ("start", _F), ("first", _F), ("hit", _F), ("told", _F),
    ("pace", _F), ("physical", _F), ("unseen", _F), ("mute", _F), ("lost", _F), ("rate", _F),
    ("crowded", _F), ("doubt", _F, 3), ("likely", _F, 4), ("own", _F), ("shared", _F),
    ("uid", _I), ("status", _I), ("hits", _I), ("claim", _I), ("height", _I), ("kinds", _I),
    ("reported", _I), ("strand", _I, STRANDS), ("witness", _I, WITNESSES),
    ("witness_t", _F, WITNESSES), ("said", _F, (VIEWS, 6)), ("viewer", _I, VIEWS), ("line", _F, 4),
    ("line_cov", _F, (4, 4)), ("line_t", _F), ("aside", _F), ("bank", _I), ("lone", _I),
], align=True)  # fmt: skip


class StrandRow(Protocol):
    """What one ranging sensor alone says of one track: state `x` (6) and covariance `P` at `time`
    from its own `hits`. `row` is the track it is counted to."""

    x: Floats
    P: Floats
    time: float
    sensor: int
    row: int
    hits: int


STRAND = np.dtype([
    ("x", _F, 6), ("P", _F, (6, 6)), ("time", _F), ("sensor", _I), ("row", _I), ("hits", _I),
], align=True)  # fmt: skip


class ClaimRow(Protocol):
    """What one emitter says it is: its last place, the other place it spoke from, and what speaks
    against it (`doubt`, with the two numbers of each sentence in `figure`).

    `path` and `speed` are its places smoothed. `clock` is its last time stamp and `clock_t` when
    that came; `walk` adds up its claimed speeds (and keeps the last) since `walk_from`; `signal` is
    the mean strength, dBm, at the receiver `hearer`, `afar` what its distance should make of it.
    `row` is its track, -1 for none."""

    place: Floats
    t: float
    other: Floats
    other_t: float
    path: Floats
    speed: Floats
    path_t: float
    sig: float
    clock: float
    clock_t: float
    walk: Floats
    walk_t: float
    walk_from: float
    walk_place: Floats
    walk_jumps: float
    signal: float
    signals: float
    afar: float
    doubt: Floats
    figure: Floats
    row: int
    fixes: int
    aircraft: int
    hearer: int


CLAIM = np.dtype([
    ("place", _F, 3), ("t", _F), ("other", _F, 3), ("other_t", _F),
    ("path", _F, 3), ("speed", _F, 3), ("path_t", _F), ("sig", _F),
    ("clock", _F), ("clock_t", _F), ("walk", _F, 4), ("walk_t", _F), ("walk_from", _F),
    ("walk_place", _F, 3), ("walk_jumps", _F), ("signal", _F), ("signals", _F), ("afar", _F),
    ("doubt", _F, DOUBTS), ("figure", _F, (DOUBTS, 2)),
    ("row", _I), ("fixes", _I), ("aircraft", _I), ("hearer", _I),
], align=True)  # fmt: skip


class ReportRow(Protocol):
    """One report: the track at `t`, its covariances, and the claim as it stands."""

    t: float
    place: Floats
    motion: Floats
    ee: float
    en: float
    nn: float
    uu: float
    vv: float
    first: float
    likely: Floats
    uid: int
    status: int
    claim: int
    height: int
    kinds: int
    witness: Ints
    witness_t: Floats
    doubt: Floats
    figure: Floats
    flock: float


REPORT = np.dtype([
    ("t", _F), ("place", _F, 3), ("motion", _F, 3), ("ee", _F), ("en", _F), ("nn", _F),
    ("uu", _F), ("vv", _F), ("first", _F), ("likely", _F, 4),
    ("uid", _I), ("status", _I), ("claim", _I), ("height", _I), ("kinds", _I),
    ("witness", _I, WITNESSES), ("witness_t", _F, WITNESSES),
    ("doubt", _F, DOUBTS), ("figure", _F, (DOUBTS, 2)), ("flock", _F),
], align=True)  # fmt: skip


class StateRow(Protocol):
    """The table's own numbers: how many rows are in use, and how far data time has come.

    `second` is the last whole second told; `pending` counts lone bearings ever kept; `sound` scales
    the delay of sound (1: physics); `flock` is how many nats likelier a bird is here than a
    drone."""

    tracks: int
    uids: int
    pending: int
    reports: int
    claims: int
    strands: int
    banks: int
    now: float
    second: float
    sound: float
    flock: float
    cell: float


STATE = np.dtype([
    ("tracks", _I), ("uids", _I), ("pending", _I), ("reports", _I), ("claims", _I),
    ("strands", _I), ("banks", _I), ("now", _F), ("second", _F), ("sound", _F), ("flock", _F),
    ("cell", _F),
], align=True)  # fmt: skip


class SpotRow(Protocol):
    """Where a track hangs in the grid: the rows before and after it in its bucket, its cell (level
    -1: nowhere), the look that last touched it, and its place among the rows of one assignment.
    Scratch: it is built anew from the tracks."""

    before: int
    after: int
    level: int
    i: int
    j: int
    mark: int
    seat: int


SPOT = np.dtype([
    ("before", _I), ("after", _I), ("level", _I), ("i", _I), ("j", _I), ("mark", _I), ("seat", _I),
], align=True)  # fmt: skip


class BenchRow(Protocol):
    """Scratch space of one statement against one model: innovation z, H, R, H P, the Cholesky
    factor of S, a solve, the gain, a state, axes, a covariance, log-likelihoods; and all models
    of a track while they hand over."""

    z: Floats
    H: Floats
    R: Floats
    G: Floats
    L: Floats
    y: Floats
    K: Floats
    x0: Floats
    axes: Floats
    Q: Floats
    logs: Floats
    x1: Floats
    P1: Floats
    share: Floats
    ears: Ints


BENCH = np.dtype([
    ("z", _F, ROWS), ("H", _F, (ROWS, 6)), ("R", _F, ROWS), ("G", _F, (ROWS, 6)),
    ("L", _F, (ROWS, ROWS)), ("y", _F, ROWS), ("K", _F, (6, ROWS)), ("x0", _F, 6),
    ("axes", _F, (3, 3)), ("Q", _F, (6, 6)), ("logs", _F, MODES),
    ("x1", _F, (MODES, 6)), ("P1", _F, (MODES, 6, 6)), ("share", _F, (MODES, MODES)),
    ("ears", _I, EARS),
], align=True)  # fmt: skip

Sensors = Rows[SensorRow]
Statements = Rows[StatementRow]
Tracks = Rows[TrackRow]
Strands = Rows[StrandRow]
Claims = Rows[ClaimRow]
Reports = Rows[ReportRow]
State = Rows[StateRow]
Bench = Rows[BenchRow]
Spots = Rows[SpotRow]
