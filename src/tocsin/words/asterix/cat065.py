"""CAT 065, what a tracker says of itself.

Specification  EUROCONTROL-SPEC-0149, part 15; notation in grammar.py
Leaves out     what the expansion field (RE) and the special field (SP) hold: kept as bytes
"""

from __future__ import annotations

_LATEST = """
UAP 010 000 015 030 020 040 050 - - - - - RE SP
000 Message Type = 8
010 Data Source Identifier = SAC:8 SIC:8
015 Service Identification = 8
020 Batch Number = 8
030 Time of Message = 24*1/128[s]
040 SDPS Configuration and Status = NOGO:2 OVL TSV PSS:2 STTN -
050 Service Status Report = 8
RE Reserved Expansion Field = explicit
SP Special Purpose Field = explicit
"""

EDITIONS: dict[str, tuple[str, ...]] = {
    "1.4": (_LATEST,),
    "1.5": (_LATEST,),
    "1.6": (_LATEST,),
}
