"""CAT 240, radar video: its header; the picture itself is not read.

Specification  EUROCONTROL-SPEC-0149, part 240; notation in grammar.py
Leaves out     what the expansion field (RE) and the special field (SP) hold: kept as bytes
"""

from __future__ import annotations

_LATEST = """
UAP 010 000 020 030 040 041 048 049 050 051 052 140 RE SP
000 Message Type = 8
010 Data Source Identifier = SAC:8 SIC:8
020 Video Record Header = 32
030 Video Summary = rep 8a
040 Video Header Nano = STARTAZ:16*360/65536[deg] ENDAZ:16*360/65536[deg] STARTRG:32 CELLDUR:32[ns]
041 Video Header Femto = STARTAZ:16*360/65536[deg] ENDAZ:16*360/65536[deg] STARTRG:32 \
    CELLDUR:32[fs]
048 Video Cells Resolution & Data Compression Indicator = C -:7 RES:8
049 Video Octets & Video Cells Counters = NBVB:16 NBCELLS:24
050 Video Block Low Data Volume = rep 32
051 Video Block Medium Data Volume = rep 512x
052 Video Block High Data Volume = rep 2048x
140 Time of Day = 24*1/128[s]
RE Reserved Expansion Field = explicit
SP Special Purpose Field = explicit
"""

EDITIONS: dict[str, tuple[str, ...]] = {
    "1.3": (_LATEST,),
}
