"""CAT 048, what one radar sees: plots, and tracks of its own.

Specification  EUROCONTROL-SPEC-0149, part 4; notation in grammar.py
Leaves out     what the expansion field (RE) and the special field (SP) hold: kept as bytes
"""

from __future__ import annotations

_LATEST = """
UAP 010 140 020 040 070 090 130 220 240 250 161 042 200 170 210 030 080 100 110 120 230 260 055 \
    050 065 060 SP RE
010 Data Source Identifier = SAC:8 SIC:8
020 Target Report Descriptor = ext TYP:3 SIM RDP SPI RAB ; TST ERR XPP ME MI FOEFRI:2 ; \
    ADSB.EP ADSB.VAL SCN.EP SCN.VAL PAI.EP PAI.VAL - ; ACASXV.EP ACASXV.VAL:4 POXPR.EP POXPR.VAL \
    ; POACT.EP POACT.VAL DTFXPR.EP DTFXPR.VAL DTFACT.EP DTFACT.VAL - ; IRMXPR.EP IRMXPR.VAL \
    IRMACT.EP IRMACT.VAL -:3
030 Warning/Error Conditions and Target Classification = repfx 7
040 Measured Position in Polar Co-ordinates = RHO:16*1/256[NM] THETA:16*360/65536[deg]
042 Calculated Position in Cartesian Co-ordinates = X:16s*1/128[NM] Y:16s*1/128[NM]
050 Mode-2 Code in Octal Representation = V G L - MODE2:12o
055 Mode-1 Code in Octal Representation = V G L MODE1:5
060 Mode-2 Code Confidence Indicator = -:4 QA4 QA2 QA1 QB4 QB2 QB1 QC4 QC2 QC1 QD4 QD2 QD1
065 Mode-1 Code Confidence Indicator = -:3 QA4 QA2 QA1 QB2 QB1
070 Mode-3/A Code in Octal Representation = V G L - MODE3A:12o
080 Mode-3/A Code Confidence Indicator = -:4 QA4 QA2 QA1 QB4 QB2 QB1 QC4 QC2 QC1 QD4 QD2 QD1
090 Flight Level in Binary Representation = V G FL:14s*0.25[FL]
100 Mode-C Code and Code Confidence Indicator = V G -:2 MODEC:12 -:4 QC1 QA1 QC2 QA2 QC4 QA4 \
    QB1 QD1 QB2 QD2 QB4 QD4
110 Height Measured by a 3D Radar = -:2 H3DH:14s*25[ft]
120 Radial Doppler Speed = comp
    CAL = D -:5 CAL:10s[m/s]
    RDS = rep DOP:16[m/s] AMB:16[m/s] FRQ:16[MHz]
130 Radar Plot Characteristics = comp
    SRL = 8*360/8192[deg]
    SRR = 8
    SAM = 8s[dBm]
    PRL = 8*360/8192[deg]
    PAM = 8s[dBm]
    RPD = 8s*1/256[NM]
    APD = 8s*360/16384[deg]
140 Time of Day = 24*1/128[s]
161 Track Number = -:4 TRN:12
170 Track Status = ext CNF RAD:2 DOU MAH CDM:2 ; TRE GHO SUP TCC -:3
200 Calculated Track Velocity in Polar Co-ordinates = GSP:16*1/16384[NM/s] HDG:16*360/65536[deg]
210 Track Quality = SIGX:8*1/128[NM] SIGY:8*1/128[NM] SIGV:8*1/16384[NM/s] SIGH:8*360/4096[deg]
220 Aircraft Address = 24x
230 Communications/ACAS Capability and Flight Status = COM:3 STAT:3 SI - MSSC ARC AIC B1A B1B:4
240 Aircraft Identification = 48i
250 BDS Register Data = rep MBDATA:56x BDS1:4 BDS2:4
260 ACAS Resolution Advisory Report = 56x
RE Reserved Expansion Field = explicit
SP Special Purpose Field = explicit
"""

_TO_1_31 = """
020 Target Report Descriptor = ext TYP:3 SIM RDP SPI RAB ; TST ERR XPP ME MI FOEFRI:2 ; \
    ADSB.EP ADSB.VAL SCN.EP SCN.VAL PAI.EP PAI.VAL -
"""

_TO_1_30 = """
020 Target Report Descriptor = ext TYP:3 SIM RDP SPI RAB ; TST ERR XPP ME MI FOEFRI:2
"""

_TO_1_21 = """
020 Target Report Descriptor = ext TYP:3 SIM RDP SPI RAB ; TST - XPP ME MI FOEFRI:2
"""

_TO_1_15 = """
020 Target Report Descriptor = ext TYP:3 SIM RDP SPI RAB ; TST -:2 ME MI FOEFRI:2
230 Communications/ACAS Capability and Flight Status = COM:3 STAT:3 -:2 MSSC ARC AIC B1A B1B:4
"""

EDITIONS: dict[str, tuple[str, ...]] = {
    "1.15": (_LATEST, _TO_1_30, _TO_1_21, _TO_1_15),
    "1.21": (_LATEST, _TO_1_30, _TO_1_21),
    "1.27": (_LATEST, _TO_1_30),
    "1.28": (_LATEST, _TO_1_30),
    "1.29": (_LATEST, _TO_1_30),
    "1.30": (_LATEST, _TO_1_30),
    "1.31": (_LATEST, _TO_1_31),
    "1.32": (_LATEST,),
}
