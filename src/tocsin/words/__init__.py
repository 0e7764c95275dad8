"""The dictionary: frozen types that every room reads and that read nobody."""

from tocsin.words.alert import LEVEL_ORDER, Alert, AlertKind, Attempt, Level, Receipt
from tocsin.words.assessment import Assessment, Standing
from tocsin.words.cell import CELL_PREFIX, CELL_SIGMA_M, cell_middle, cell_of
from tocsin.words.channel import AlarmLoad, ChannelHealth
from tocsin.words.detection import (
    Bearing,
    ClaimedMotion,
    ClassScores,
    Detection,
    Identity,
    Said,
    Sigma,
    Statement,
)
from tocsin.words.drill import Drill
from tocsin.words.envelope import Envelope, Topic
from tocsin.words.frame import Frame, Link
from tocsin.words.hearing import BANDS, Deafness, HeardWindow, SelfTest
from tocsin.words.hours import ALL_DAYS, Day, Hours, read_hours, read_moment
from tocsin.words.incident import Incident, Review
from tocsin.words.ladder import Approval, Held, HeldBack, Manners, Order, Pause, Step
from tocsin.words.peer import PeerHealth
from tocsin.words.place import Position, Ring
from tocsin.words.reason import Reason
from tocsin.words.registration import Registration
from tocsin.words.sensor import FieldOfView, Sensor, SensorHealth, SensorKind, SensorState
from tocsin.words.source import SourceHealth
from tocsin.words.track import ClaimedIdentity, Ellipse, Track, TrackStatus, Witness
from tocsin.words.wording import Wording
from tocsin.words.zone import Rules, Zone

__all__ = [
    "ALL_DAYS",
    "BANDS",
    "CELL_PREFIX",
    "CELL_SIGMA_M",
    "LEVEL_ORDER",
    "AlarmLoad",
    "Alert",
    "AlertKind",
    "Approval",
    "Assessment",
    "Attempt",
    "Bearing",
    "ChannelHealth",
    "ClaimedIdentity",
    "ClaimedMotion",
    "ClassScores",
    "Day",
    "Deafness",
    "Detection",
    "Drill",
    "Ellipse",
    "Envelope",
    "FieldOfView",
    "Frame",
    "HeardWindow",
    "Held",
    "HeldBack",
    "Hours",
    "Identity",
    "Incident",
    "Level",
    "Link",
    "Manners",
    "Order",
    "Pause",
    "PeerHealth",
    "Position",
    "Reason",
    "Receipt",
    "Registration",
    "Review",
    "Ring",
    "Rules",
    "Said",
    "SelfTest",
    "Sensor",
    "SensorHealth",
    "SensorKind",
    "SensorState",
    "Sigma",
    "SourceHealth",
    "Standing",
    "Statement",
    "Step",
    "Topic",
    "Track",
    "TrackStatus",
    "Witness",
    "Wording",
    "Zone",
    "cell_middle",
    "cell_of",
    "read_hours",
    "read_moment",
]
