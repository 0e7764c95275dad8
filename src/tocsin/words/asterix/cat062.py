"""CAT 062, tracks of a tracker that hears many sensors: of air traffic control, and ours.

Specification  EUROCONTROL-SPEC-0149, part 9; notation in grammar.py
Leaves out     what the expansion field (RE) and the special field (SP) hold: kept as bytes
"""

from __future__ import annotations

_LATEST = """
UAP 010 - 015 070 105 100 185 210 060 245 380 040 080 290 200 295 136 130 135 220 390 270 300 110 \
    120 510 500 340 - - - - - RE SP
010 Data Source Identifier = SAC:8 SIC:8
015 Service Identification = 8
040 Track Number = 16
060 Track Mode 3/A Code = V G CH - MODE3A:12o
070 Time Of Track Information = 24*1/128[s]
080 Track Status = ext MON SPI MRH SRC:3 CNF ; SIM TSE TSB FPC AFF STP KOS ; AMA MD4:2 ME MI \
    MD5:2 ; CST PSR SSR MDS ADS SUC AAC ; SDS:2 EMS:3 PFT FPLT ; DUPT DUPF DUPM SFC IDD IEC MLAT \
    ; M5I -:6
100 Calculated Track Position (Cartesian) = X:24s*0.5[m] Y:24s*0.5[m]
105 Calculated Position In WGS-84 Co-ordinates = LAT:32s*180/33554432[deg] \
    LON:32s*180/33554432[deg]
110 Mode 5 Data Reports and Extended Mode 1 Code = comp
    SUM = M5 ID DA M1 M2 M3 MC X
    PMN = -:2 PIN:14 -:3 NAT:5 -:2 MIS:6
    POS = LAT:24s*180/8388608[deg] LON:24s*180/8388608[deg]
    GA = - RES GA:14s*25[ft]
    EM1 = -:4 EM1:12o
    TOS = 8s*1/128[s]
    XP = -:3 X5 XC X3 X2 X1
120 Track Mode 2 Code = -:4 MODE2:12o
130 Calculated Track Geometric Altitude = 16s*6.25[ft]
135 Calculated Track Barometric Altitude = QNH CTB:15s*0.25[FL]
136 Measured Flight Level = 16s*0.25[FL]
185 Calculated Track Velocity (Cartesian) = VX:16s*0.25[m/s] VY:16s*0.25[m/s]
200 Mode of Movement = TRANS:2 LONG:2 VERT:2 ADF -
210 Calculated Acceleration (Cartesian) = AX:8s*0.25[m/s2] AY:8s*0.25[m/s2]
220 Calculated Rate of Climb/Descent = 16s*6.25[ft/min]
245 Target Identification = STI:2 -:6 CHR:48i
270 Target Size and Orientation = ext LENGTH:7[m] ; ORIENTATION:7*360/128[deg] ; WIDTH:7[m]
290 System Track Update Ages = comp
    TRK = 8*0.25[s]
    PSR = 8*0.25[s]
    SSR = 8*0.25[s]
    MDS = 8*0.25[s]
    ADS = 16*0.25[s]
    ES = 8*0.25[s]
    VDL = 8*0.25[s]
    UAT = 8*0.25[s]
    LOP = 8*0.25[s]
    MLT = 8*0.25[s]
295 Track Data Ages = comp
    MFL = 8*0.25[s]
    MD1 = 8*0.25[s]
    MD2 = 8*0.25[s]
    MDA = 8*0.25[s]
    MD4 = 8*0.25[s]
    MD5 = 8*0.25[s]
    MHG = 8*0.25[s]
    IAS = 8*0.25[s]
    TAS = 8*0.25[s]
    SAL = 8*0.25[s]
    FSS = 8*0.25[s]
    TID = 8*0.25[s]
    COM = 8*0.25[s]
    SAB = 8*0.25[s]
    ACS = 8*0.25[s]
    BVR = 8*0.25[s]
    GVR = 8*0.25[s]
    RAN = 8*0.25[s]
    TAR = 8*0.25[s]
    TAN = 8*0.25[s]
    GSP = 8*0.25[s]
    VUN = 8*0.25[s]
    MET = 8*0.25[s]
    EMC = 8*0.25[s]
    POS = 8*0.25[s]
    GAL = 8*0.25[s]
    PUN = 8*0.25[s]
    MB = 8*0.25[s]
    IAR = 8*0.25[s]
    MAC = 8*0.25[s]
    BPS = 8*0.25[s]
300 Vehicle Fleet Identification = 8
340 Measured Information = comp
    SID = SAC:8 SIC:8
    POS = RHO:16*1/256[NM] THETA:16*360/65536[deg]
    HEIGHT = 16s*25[ft]
    MDC = V G LMC:14s*0.25[FL]
    MDA = V G L - MODE3A:12o
    TYP = TYP:3 SIM RAB TST -:2
380 Aircraft Derived Data = comp
    ADR = 24x
    ID = 48i
    MHG = 16*360/65536[deg]
    IAS = IM IAS:15*1/16384?IM:0.001[NM/s|Mach]
    TAS = 16[kt]
    SAL = SAS SRC:2 ALT:13s*25[ft]
    FSS = MV AH AM ALT:13s*25[ft]
    TIS = ext NAV NVB -:5
    TID = rep TCA NC TCPN:6 ALT:16s*10[ft] LAT:24s*180/8388608[deg] LON:24s*180/8388608[deg] \
        PT:4 TD:2 TRA TOA TOV:24[s] TTR:16*0.01[NM]
    COM = COM:3 STAT:3 -:2 SSC ARC AIC B1A B1B:4
    SAB = AC:2 MN:2 DC:2 GBS -:6 STAT:3
    ACS = 56x
    BVR = 16s*6.25[ft/min]
    GVR = 16s*6.25[ft/min]
    RAN = 16s*0.01[deg]
    TAR = TI:2 -:6 ROT:7s*0.25[deg/s] -
    TAN = 16*360/65536[deg]
    GS = 16s*1/16384[NM/s]
    VUN = 8
    MET = WS WD TMP TRB -:4 WSD:16[kt] WDD:16[deg] TMPD:16s*0.25[degC] TRBD:8
    EMC = 8
    POS = LAT:24s*180/8388608[deg] LON:24s*180/8388608[deg]
    GAL = 16s*6.25[ft]
    PUN = -:4 PUN:4
    BDSDATA = rep 64x
    IAR = 16[kt]
    MAC = 16*0.008[Mach]
    BPS = -:4 BPS:12*0.1[mb]
390 Flight Plan Related Data = comp
    TAG = SAC:8 SIC:8
    CS = 56a
    IFI = TYP:2 -:3 NBR:27
    FCT = GATOAT:2 FR1FR2:2 RVSM:2 HPR -
    TAC = 32a
    WTC = 8a
    DEP = 32a
    DST = 32a
    RDS = NU1:8a NU2:8a LTR:8a
    CFL = 16*0.25[FL]
    CTL = CENTRE:8 POSITION:8
    TOD = rep TYP:5 DAY:2 -:4 HOR:5 -:2 MIN:6 AVS - SEC:6
    AST = 48a
    STS = EMP:2 AVL:2 -:4
    STD = 56a
    STA = 56a
    PEM = -:3 VA MODE3A:12o
    PEC = 56a
500 Estimated Accuracies = comp
    APC = X:16*0.5[m] Y:16*0.5[m]
    COV = 16s*0.5[m]
    APW = LAT:16*180/33554432[deg] LON:16*180/33554432[deg]
    AGA = 8*6.25[ft]
    ABA = 8*0.25[FL]
    ATV = X:8*0.25[m/s] Y:8*0.25[m/s]
    AA = X:8*0.25[m/s2] Y:8*0.25[m/s2]
    ARC = 8*6.25[ft/min]
510 Composed Track Number = repfx IDENT:8 TRACK:15
RE Reserved Expansion Field = explicit
SP Special Purpose Field = explicit
"""

_TO_1_20 = """
080 Track Status = ext MON SPI MRH SRC:3 CNF ; SIM TSE TSB FPC AFF STP KOS ; AMA MD4:2 ME MI \
    MD5:2 ; CST PSR SSR MDS ADS SUC AAC ; SDS:2 EMS:3 PFT FPLT ; DUPT DUPF DUPM SFC IDD IEC MLAT
"""

_TO_1_19 = """
080 Track Status = ext MON SPI MRH SRC:3 CNF ; SIM TSE TSB FPC AFF STP KOS ; AMA MD4:2 ME MI \
    MD5:2 ; CST PSR SSR MDS ADS SUC AAC ; SDS:2 EMS:3 PFT FPLT ; DUPT DUPF DUPM SFC IDD IEC -
"""

_TO_1_18 = """
340 Measured Information = comp
    SID = SAC:8 SIC:8
    POS = RHO:16*1/256[NM] THETA:16*360/65536[deg]
    HEIGHT = 16*25[ft]
    MDC = V G LMC:14s*0.25[FL]
    MDA = V G L - MODE3A:12o
    TYP = TYP:3 SIM RAB TST -:2
"""

_TO_1_17 = """
080 Track Status = ext MON SPI MRH SRC:3 CNF ; SIM TSE TSB FPC AFF STP KOS ; AMA MD4:2 ME MI \
    MD5:2 ; CST PSR SSR MDS ADS SUC AAC ; SDS:2 EMS:3 PFT FPLT ; DUPT DUPF DUPM -:4
"""

_TO_1_16 = """
060 Track Mode 3/A Code = -:2 CH - MODE3A:12o
"""

EDITIONS: dict[str, tuple[str, ...]] = {
    "1.16": (_LATEST, _TO_1_19, _TO_1_18, _TO_1_17, _TO_1_16),
    "1.17": (_LATEST, _TO_1_19, _TO_1_18, _TO_1_17),
    "1.18": (_LATEST, _TO_1_19, _TO_1_18),
    "1.19": (_LATEST, _TO_1_19),
    "1.20": (_LATEST, _TO_1_20),
    "1.21": (_LATEST,),
}
