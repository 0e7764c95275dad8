"""CAT 034, what a radar says of itself: north marks, sectors, its state.

Specification  EUROCONTROL-SPEC-0149, part 2b; notation in grammar.py
Leaves out     what the expansion field (RE) and the special field (SP) hold: kept as bytes
"""

from __future__ import annotations

_LATEST = """
UAP 010 000 030 020 041 050 060 070 100 110 120 090 RE SP
000 Message Type = 8
010 Data Source Identifier = SAC:8 SIC:8
020 Sector Number = 8*360/256[deg]
030 Time of Day = 24*1/128[s]
041 Antenna Rotation Speed = 16*1/128[s]
050 System Configuration and Status = comp
    COM = NOGO RDPC RDPR OVLRDP OVLXMT MSC TSV -
    -
    -
    PSR = ANT CHAB:2 OVL MSC -:3
    SSR = ANT CHAB:2 OVL MSC -:3
    MDS = ANT CHAB:2 OVLSUR MSC SCF DLF OVLSCF OVLDLF -:7
060 System Processing Mode = comp
    COM = - REDRDP:3 REDXMT:3 -
    -
    -
    PSR = POL REDRAD:3 STC:2 -:2
    SSR = REDRAD:3 -:5
    MDS = REDRAD:3 CLU -:4
070 Message Count Values = rep TYP:5 COUNT:11
090 Collimation Error = RNG:8s*1/128[NM] AZM:8s*360/16384[deg]
100 Generic Polar Window = RHOST:16*1/256[NM] RHOEND:16*1/256[NM] THETAST:16*360/65536[deg] \
    THETAEND:16*360/65536[deg]
110 Data Filter = 8
120 3D-Position Of Data Source = HGT:16s[m] LAT:24s*180/8388608[deg] LON:24s*180/8388608[deg]
RE Reserved Expansion Field = explicit
SP Special Purpose Field = explicit
"""

EDITIONS: dict[str, tuple[str, ...]] = {
    "1.27": (_LATEST,),
    "1.28": (_LATEST,),
    "1.29": (_LATEST,),
}
