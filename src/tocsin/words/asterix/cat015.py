"""CAT 015, what a sensor sees of those that do not answer (INCS): plots and tracks.

Specification  EUROCONTROL-SPEC-0149, part 26; notation in grammar.py
Leaves out     what the expansion field (RE) and the special field (SP) hold: kept as bytes
"""

from __future__ import annotations

_LATEST = """
UAP 010 000 015 020 030 145 161 170 050 270 300 400 600 601 602 603 604 605 480 625 626 627 628 \
    630 631 SP
000 Message Type = MT:7 RG
010 Data Source Identifier = SAC:8 SIC:8
015 Service Identification = 8
020 Target Report Descriptor = ext MOMU:2 TTAX:2 SCD:2 -
030 Warning/Error Conditions = repfx 7
050 Update Period = -:2 UPD:14*1/128[s]
145 Time of Applicability = 24*1/128[s]
161 Track/Plot Number = 16
170 Track/Plot Status = ext BIZ BAZ TUR - CSTP CSTH CNF
270 Target Size & Orientation = comp
    LEN = 16*0.01[m]
    WDT = 16*0.01[m]
    HGT = 16*0.01[m]
    ORT = 16*360/65536[deg]
300 Object Classification = rep CLS:9 PRB:7
400 Measurement Identifier = PID:16 ON:24
480 Associations = rep 40
600 Horizontal Position Information = comp
    P84 = LATITUDE:32s*180/2147483648[deg] LONGITUDE:32s*180/2147483648[deg]
    HPR = RSHPX:16*0.5[m] RSHPY:16*0.5[m] CORSHPXY:8s*1/128
    HPP = SDHPX:16*0.25[m] SDHPY:16*0.25[m] COSDHPXY:8s*1/128
601 Geometric Height Information = comp
    GH = 24s*0.01[m]
    RSGH = 24*0.01[m]
    SDGH = 24*0.01[m]
    CI6 = UCI6:12*16[m] LCI6:12*16[m]
    CI9 = UCI9:12*16[m] LCI9:12*16[m]
    COGHHP = X:8s*1/128 Y:8s*1/128
    COGHHV = X:8s*1/128 Y:8s*1/128
    COGHHA = X:8s*1/128 Y:8s*1/128
602 Horizontal Velocity Information = comp
    HV = X:20s*0.01[m/s] Y:20s*0.01[m/s]
    RSHV = X:16*0.01[m/s] Y:16*0.01[m/s] CORSHVXY:8s*1/128
    SDHV = X:16*0.01[m/s] Y:16*0.01[m/s] COHVXY:8s*1/128
    COHVHP = COHVXHPX:8s*1/128 COHVXHPY:8s*1/128 COHVYHPX:8s*1/128 COHVYHPY:8s*1/128
603 Horizontal Acceleration Information = comp
    HA = X:12s*0.0625[m/s2] Y:12s*0.0625[m/s2]
    SDHA = X:12*0.0625[m/s2] Y:12*0.0625[m/s2] COHAXY:8s*1/128
    COHAHP = COHAXHPX:8s*1/128 COHAXHPY:8s*1/128 COHAYHPX:8s*1/128 COAYHPY:8s*1/128
    COHAHV = COHAXHVX:8s*1/128 COHAXHVY:8s*1/128 COHAYHVX:8s*1/128 COHAYHVY:8s*1/128
604 Vertical Velocity Information = comp
    VV = 24s*0.01[m/s]
    RSVV = 16*0.01[m/s]
    SDVV = SDVV:16*0.01[m/s] COVVGH:8s*1/128
    COVVHP = X:8s*1/128 Y:8s*1/128
    COVVHV = X:8s*1/128 Y:8s*1/128
    COVVHA = X:8s*1/128 Y:8s*1/128
605 Vertical Velocity Information = comp
    VA = 16s*0.01[m/s2]
    RSVA = SDVA:16*0.01[m/s2] COVAGH:8s*1/128 COVAVV:8s*1/128
    COVAHP = X:8s*1/128 Y:8s*1/128
    COVAHV = X:8s*1/128 Y:8s*1/128
    COVAHA = X:8s*1/128 Y:8s*1/128
625 Range Information = comp
    R = 24s*0.1[m]
    RSR = 24*0.1[m]
    SDR = 24*0.1[m]
    RR = 24s*0.1[m/s]
    RSRR = 24*0.1[m/s]
    SDRR = SDRR:24*0.1[m/s] CORRR:8s*1/128
    RA = 16s*1/64[m/s2]
    SDRA = SDRA:16*1/128[m/s2] CORAR:8s*1/128 CORARR:8s*1/128
626 Doppler Information = comp
    DV = 24s*0.01[m/s]
    SDDV = 16*1/64[m/s]
    DA = 16s*1/64[m/s2]
    SDDA = SDDA:16*1/64[m/s2] CODADV:8s*1/128
    CODVR = 8s*1/128
    CODVRR = 8s*1/128
    CODVRA = 8s*1/128
    CODAR = 8s*1/128
    CODARR = 8s*1/128
    CODARA = 8s*1/128
627 Azimuth Information = comp
    AZ = 16*360/65536[deg]
    RSAZ = 16*360/524288[deg]
    SDASZ = 16*360/524288[deg]
    AZR = 16s*360/131072[deg]
    SDAZR = SDAZR:16*360/524288[deg] COAZRAZ:8s*1/128
    AZEX = S:16*360/65536[deg] E:16*360/65536[deg]
628 Elevation Information = comp
    EL = 16s*360/131072[deg]
    RSEL = 16*360/524288[deg]
    SDEL = 16*360/524288[deg]
    ER = 16s*360/131072[deg/s]
    SDER = SDELR:16*360/524288[deg/s] COELREL:8s*1/128
    ELEX = S:16s*360/131072[deg] E:16s*360/131072[deg]
630 Path Quality = comp
    DPP = 8s[dB]
    DPS = 8s[dB]
    RPP = -:7 RPP:9s[dB]
    RPS = 8s[dB]
631 Contour (Azimuth, Elevation Angle, Range Extent) = rep AZCON:16*360/65536[deg] \
    ELCON:16s*360/131072[deg] RGCONSTOP:16*10000/65536[m] RGCONSTART:16*10000/65536[m]
SP Special Purpose Field = explicit
"""

EDITIONS: dict[str, tuple[str, ...]] = {
    "1.0": (_LATEST,),
    "1.1": (_LATEST,),
    "1.2": (_LATEST,),
}
