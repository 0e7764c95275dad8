"""CAT 021, what an ADS-B ground station heard of aircraft.

Specification  EUROCONTROL-SPEC-0149, part 12; notation in grammar.py
Leaves out     what the expansion field (RE) and the special field (SP) hold: kept as bytes
"""

from __future__ import annotations

_LATEST = """
UAP 010 040 161 015 071 130 131 072 150 151 080 073 074 075 076 140 090 210 070 230 145 152 200 \
    155 157 160 165 077 170 020 220 146 148 110 016 008 271 132 250 260 400 295 - - - - - RE SP
008 Aircraft Operational Status = RA TC:2 TS ARV CDTIA NOTTCAS SA
010 Data Source Identification = SAC:8 SIC:8
015 Service Identification = 8
016 Service Management = 8*0.5[s]
020 Emitter Category = 8
040 Target Report Descriptor = ext ATP:3 ARC:2 RC RAB ; DCR GBS SIM TST SAA CL:2 ; - LLC IPC \
    NOGO CPR LDPJ RCF ; TBC.EP TBC.VAL:6 ; MBC.EP MBC.VAL:6
070 Mode 3/A Code in Octal Representation = -:4 MODE3A:12o
071 Time of Applicability for Position = 24*1/128[s]
072 Time of Applicability for Velocity = 24*1/128[s]
073 Time of Message Reception for Position = 24*1/128[s]
074 Time of Message Reception of Position-High Precision = FSI:2 TOMRP:30*1/1073741824[s]
075 Time of Message Reception for Velocity = 24*1/128[s]
076 Time of Message Reception of Velocity-High Precision = FSI:2 TOMRP:30*1/1073741824[s]
077 Time of ASTERIX Report Transmission = 24*1/128[s]
080 Target Address = 24x
090 Quality Indicators = ext NUCRNACV:3 NUCPNIC:4 ; NICBARO SIL:2 NACP:4 ; -:2 SILS SDA:2 \
    GVA:2 ; PIC:4 -:3
110 Trajectory Intent = comp
    TIS = ext NAV NVB -:5
    TID = rep TCA NC TCPN:6 ALT:16s*10[ft] LAT:24s*180/8388608[deg] LON:24s*180/8388608[deg] \
        PT:4 TD:2 TRA TOA TOV:24[s] TTR:16*0.01[NM]
130 Position in WGS-84 Co-ordinates = LAT:24s*180/8388608[deg] LON:24s*180/8388608[deg]
131 High-Resolution Position in WGS-84 Co-ordinates = LAT:32s*180/1073741824[deg] \
    LON:32s*180/1073741824[deg]
132 Message Amplitude = 8s[dBm]
140 Geometric Height = 16s*6.25[ft]
145 Flight Level = 16s*0.25[FL]
146 Selected Altitude = SAS S:2 ALT:13s*25[ft]
148 Final State Selected Altitude = MV AH AM ALT:13s*25[ft]
150 Air Speed = IM AS:15*1/16384?IM:0.001[NM/s|Mach]
151 True Airspeed = RE TAS:15[kt]
152 Magnetic Heading = 16*360/65536[deg]
155 Barometric Vertical Rate = RE BVR:15s*6.25[ft/min]
157 Geometric Vertical Rate = RE GVR:15s*6.25[ft/min]
160 Airborne Ground Vector = RE GS:15*1/16384[NM/s] TA:16*360/65536[deg]
161 Track Number = -:4 TRNUM:12
165 Track Angle Rate = -:6 TAR:10s*0.03125[deg/s]
170 Target Identification = 48i
200 Target Status = ICF LNAV ME PS:3 SS:2
210 MOPS Version = - VNS VN:3 LTT:3
220 Met Information = comp
    WS = 16[kt]
    WD = 16[deg]
    TMP = 16s*0.25[degC]
    TRB = 8
230 Roll Angle = 16s*0.01[deg]
250 Mode S MB Data = rep 64x
260 ACAS Resolution Advisory Report = TYP:5 STYP:3 ARA:14 RAC:4 RAT MTE TTI:2 TID:26
271 Surface Capabilities and Characteristics = ext -:2 POA CDTIS B2LOW RAS IDENT ; LW:4 -:3
295 Data Ages = comp
    AOS = 8*0.1[s]
    TRD = 8*0.1[s]
    M3A = 8*0.1[s]
    QI = 8*0.1[s]
    TI1 = 8*0.1[s]
    MAM = 8*0.1[s]
    GH = 8*0.1[s]
    FL = 8*0.1[s]
    SAL = 8*0.1[s]
    FSA = 8*0.1[s]
    AS = 8*0.1[s]
    TAS = 8*0.1[s]
    MH = 8*0.1[s]
    BVR = 8*0.1[s]
    GVR = 8*0.1[s]
    GV = 8*0.1[s]
    TAR = 8*0.1[s]
    TI2 = 8*0.1[s]
    TS = 8*0.1[s]
    MET = 8*0.1[s]
    ROA = 8*0.1[s]
    ARA = 8*0.1[s]
    SCC = 8*0.1[s]
400 Receiver ID = 8
RE Reserved Expansion Field = explicit
SP Special Purpose Field = explicit
"""

_OLD = """
UAP 010 040 030 130 080 140 090 210 230 145 150 151 152 155 157 160 165 170 095 032 200 020 220 \
    146 148 110 070 131 - - - - - RE SP
010 Data Source Identification = SAC:8 SIC:8
020 Emitter Category = 8
030 Time of Day = 24*1/128[s]
032 Time of Day Accuracy = 8*1/256[s]
040 Target Report Descriptor = DCR GBS SIM TST RAB SAA SPI - ATP:3 ARC:2 -:3
070 Mode 3/A Code in Octal Representation = V G L - MODE3A:12o
080 Target Address = 24x
090 Figure of Merit = AC:2 MN:2 DC:2 -:6 PA:4s
095 Velocity Accuracy = 8
110 Trajectory Intent = comp
    TIS = ext NAV NVB -:5
    TID = rep TCA NC TCPN:6 ALT:16s*10[ft] LAT:24s*180/8388608[deg] LON:24s*180/8388608[deg] \
        PT:4 TD:2 TRA TOA TOV:24[s] TTR:16*0.01[NM]
130 Position in WGS-84 Co-ordinates = LAT:32s*180/33554432[deg] LON:32s*180/33554432[deg]
131 Signal Amplitude = 8
140 Geometric Altitude = 16s*6.25[ft]
145 Flight Level = 16s*0.25[FL]
146 Intermediate State Selected Altitude = SAS SRC:2 ALT:13s*25[ft]
148 Final State Selected Altitude = MV AH AM ALT:13s*25[ft]
150 Air Speed = IM AS:15*1/16384?IM:0.001[NM/s|Mach]
151 True Airspeed = 16[kt]
152 Magnetic Heading = 16*360/65536[deg]
155 Barometric Vertical Rate = 16s*6.25[ft/min]
157 Geometric Vertical Rate = 16s*6.25[ft/min]
160 Ground Vector = GS:16s*1/16384[NM/s] TA:16*360/65536[deg]
165 Rate Of Turn = ext TI:2 -:5 ; ROT:7s*0.25[deg/s]
170 Target Identification = 48i
200 Target Status = 8
210 Link Technology Indicator = -:3 DTI MDS UAT VDL OTR
220 Met Information = comp
    WS = 16[kt]
    WD = 16[deg]
    TMP = 16s*0.25[degC]
    TRB = 8
230 Roll Angle = 16s*0.01[deg]
RE Reserved Expansion Field = explicit
SP Special Purpose Field = explicit
"""

_TO_0_25 = """
UAP 010 040 030 130 080 140 090 210 230 145 150 151 152 155 157 160 165 170 095 032 200 020 220 \
    146 148 110 - - - - - - - RE SP
"""

_TO_0_23 = """
130 Position in WGS-84 Co-ordinates = LAT:24s*180/8388608[deg] LON:24s*180/8388608[deg]
"""

_TO_2_5 = """
040 Target Report Descriptor = ext ATP:3 ARC:2 RC RAB ; DCR GBS SIM TST SAA CL:2 ; - LLC IPC \
    NOGO CPR LDPJ RCF
295 Data Ages = comp
    AOS = 8*0.1[s]
    TRD = 8*0.1[s]
    M3A = 8*0.1[s]
    QI = 8*0.1[s]
    TI1 = 8*0.1[s]
    MAM = 8*0.1[s]
    GH = 8*0.1[s]
    FL = 8*0.1[s]
    ISA = 8*0.1[s]
    FSA = 8*0.1[s]
    AS = 8*0.1[s]
    TAS = 8*0.1[s]
    MH = 8*0.1[s]
    BVR = 8*0.1[s]
    GVR = 8*0.1[s]
    GV = 8*0.1[s]
    TAR = 8*0.1[s]
    TI2 = 8*0.1[s]
    TS = 8*0.1[s]
    MET = 8*0.1[s]
    ROA = 8*0.1[s]
    ARA = 8*0.1[s]
    SCC = 8*0.1[s]
"""

_TO_2_2 = """
040 Target Report Descriptor = ext ATP:3 ARC:2 RC RAB ; DCR GBS SIM TST SAA CL:2 ; -:2 IPC \
    NOGO CPR LDPJ RCF
"""

_TO_2_1 = """
200 Target Status = ICF LNAV - PS:3 SS:2
271 Surface Capabilities and Characteristics = ext -:2 POA CDTIS B2LOW RAS IDENT ; -:4 LW:4
"""

_TO_2_7 = """
090 Quality Indicators = ext NUCRNACV:3 NUCPNIC:4 ; NICBARO SIL:2 NACP:4 ; -:2 SILS SDA:2 \
    GVA:2 ; PIC:4 SRC -:2 ; -:2 VALSTATE.EP VALSTATE.VAL:2 VD VQ ; VALDISTP1:7*128[m] ; \
    VALDISTP2:7[m] ; VALDISTQUALP1:7*128[m] ; VALDISTQUALP2:7[m]
"""

EDITIONS: dict[str, tuple[str, ...]] = {
    "0.23": (_OLD, _TO_0_25, _TO_0_23),
    "0.24": (_OLD, _TO_0_25),
    "0.25": (_OLD, _TO_0_25),
    "0.26": (_OLD,),
    "2.1": (_LATEST, _TO_2_5, _TO_2_2, _TO_2_1),
    "2.2": (_LATEST, _TO_2_5, _TO_2_2),
    "2.3": (_LATEST, _TO_2_5),
    "2.4": (_LATEST, _TO_2_5),
    "2.5": (_LATEST, _TO_2_5),
    "2.6": (_LATEST,),
    "2.7": (_LATEST, _TO_2_7),
}
