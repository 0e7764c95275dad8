"""How sure a reported place is: the standard's codes → 1-sigma errors.

Standard   DO-260B tables 2-13 (NUCp by type code), 2-14 and 2-70 (NIC, radius of containment Rc),
           2-71 (NACp), 2-72 (SIL), 2-73 (GVA), 2-22 (NACv)
In the plane a bound is a radius: NACp's and NUCp's hold 95 % (2.4477 sigma a axis, the root of
           -2 ln 0.05); Rc is passed once in 10^7, 10^5 or 10^3 flight hours or samples by SIL
           (5.678, 4.799 and 3.717 sigma). Heights: 95 % within 1.960 sigma.
Which      NACp where the aircraft told one above 0; else Rc, once its version is known; else the
           95 % bound that DO-260 gives its type code. The type code knows nothing (18, 22 with
           NUCp 0): 9,260 m, half of the coarsest code.
Added      motion: a report is up to 0.1 s old in the transponder and the position behind it up to
           1 s less the compensation that every transponder makes (DO-260B 2.2.3.2.3.7.2): 0.2 s
           of flight, 1-sigma; and the code's own step, 5 m in the air and 1.25 m on the ground,
           over the root of 12
"""

from __future__ import annotations

import math
from functools import lru_cache

PLANE_95, LINE_95 = 2.4477, 1.9600
_NM_M = 1852.0
_FEET_STEP_M = 25 * 0.3048 / math.sqrt(12.0)
AGE_S = 0.2
_STEP_M = {False: 5.1 / math.sqrt(12.0), True: 1.27 / math.sqrt(12.0)}

_NAC_P_M = (None, 10 * _NM_M, 4 * _NM_M, 2 * _NM_M, _NM_M, 0.5 * _NM_M, 0.3 * _NM_M, 0.1 * _NM_M,
            0.05 * _NM_M, 30.0, 10.0, 3.0)  # fmt: skip
"""95 % radius by NACp; 0 is unknown and 12 to 15 are reserved."""
_NUC_P_M = {5: 3.0, 6: 10.0, 7: 0.05 * _NM_M, 8: 0.1 * _NM_M, 9: 3.0, 10: 10.0, 11: 0.05 * _NM_M,
            12: 0.1 * _NM_M, 13: 0.25 * _NM_M, 14: 0.5 * _NM_M, 15: _NM_M, 16: 5 * _NM_M,
            17: 10 * _NM_M, 20: 4.0, 21: 15.0}  # fmt: skip
"""95 % radius by type code."""
WORST_M = 10 * _NM_M
UNTOLD_SIGMA_M = round(2 * 0.05 * _NM_M / PLANE_95, 2)
"""Where a format does not carry accuracy: twice what the mandates ask for (NACp 8: 14 CFR 91.227,
EU 1207/2011)."""
_RC_M = {5: 7.5, 6: 25.0, 9: 7.5, 10: 25.0, 12: 0.2 * _NM_M, 14: _NM_M, 15: 2 * _NM_M,
         17: 20 * _NM_M, 20: 7.5, 21: 25.0}  # fmt: skip
"""Radius of containment by type code, where no supplement matters."""
_SIL_SIGMAS = (PLANE_95, 3.717, 4.799, 5.678)
_GVA_M = (None, 150.0, 45.0)
UNKNOWN_ALT_M = 2 * 150.0
"""95 %: twice the coarsest that GVA names."""
_NAC_V_MPS = (20.0, 10.0, 3.0, 1.0, 0.3)
"""95 %; NACv 0 is unknown or worse than 10 m/s: twice that."""


def containment_m(type_code: int, version: int, a: int | None, b: int, c: int) -> float | None:
    """Rc of a position message, from its type code and the supplements of NIC; None if unknown."""
    known = _RC_M.get(type_code)
    if known is not None:
        return known
    high = a == 1
    if version < 2:
        b, c = int(high), 0  # DO-260A has one supplement
    if type_code in (7, 11):
        return 75.0 if high and (b or type_code == 7) and not c else 0.1 * _NM_M
    if type_code == 8:
        return _NARROW_SURFACE.get((high, bool(c))) if version == 2 else None
    if type_code == 13:
        return (0.6 if high else 0.3 if b and version == 2 else 0.5) * _NM_M
    if type_code == 16:
        return (4.0 if high and b else 8.0) * _NM_M
    return None


_NARROW_SURFACE = {
    (True, True): 0.2 * _NM_M,
    (True, False): 0.3 * _NM_M,
    (False, True): 0.6 * _NM_M,
}


@lru_cache(maxsize=4096)
def horizontal_sigma_m(
    type_code: int, nac_p: int | None, rc_m: float | None, sil: int, speed_mps: float
) -> float:
    """1-sigma of each axis of a place; `speed_mps` in whole numbers keeps the memory small."""
    bound_m = _NAC_P_M[nac_p] if nac_p is not None and nac_p < len(_NAC_P_M) else None
    if bound_m is not None:
        sigma_m = bound_m / PLANE_95
    elif rc_m is not None:
        sigma_m = rc_m / _SIL_SIGMAS[sil]
    else:
        sigma_m = _NUC_P_M.get(type_code, WORST_M) / PLANE_95
    step_m = _STEP_M[5 <= type_code <= 8]
    return round(math.hypot(sigma_m, speed_mps * AGE_S, step_m), 2)


@lru_cache(maxsize=64)
def altitude_sigma_m(gva: int | None, nac_p: int | None, version: int | None) -> float:
    """1-sigma of a geometric height. DO-260A told it through NACp: 4, 15 and 45 m at 95 %."""
    bound_m: float | None = None
    if version == 2 and gva is not None and gva < len(_GVA_M):
        bound_m = _GVA_M[gva]
    elif version == 1 and nac_p is not None:
        bound_m = {9: 45.0, 10: 15.0, 11: 4.0}.get(nac_p)
    return round(math.hypot((bound_m or UNKNOWN_ALT_M) / LINE_95, 2 * _FEET_STEP_M), 2)


def velocity_sigma_mps(nac_v: int) -> float:
    """1-sigma of each axis of a velocity over ground."""
    return round((_NAC_V_MPS[nac_v] if nac_v < len(_NAC_V_MPS) else _NAC_V_MPS[0]) / PLANE_95, 3)
