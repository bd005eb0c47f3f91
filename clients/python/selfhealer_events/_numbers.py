"""Numbers of the healer, brought within what the exporter takes; None where nothing can be said."""

import math
from typing import Any, Optional

#: 31 days.
DURATION_MS_MAX = 2_678_400_000


def finite(value: Any) -> Optional[float]:
    """Any kind of real number; True and False are none."""
    if value is None or isinstance(value, (bool, str, bytes)):
        return None
    try:
        number = float(value)
    except Exception:
        return None
    return number if math.isfinite(number) else None


def duration_ms(value: Any) -> Optional[float]:
    """A clock that was set back makes a duration negative: 0 is then the nearest that can be."""
    number = finite(value)
    if number is None or number > DURATION_MS_MAX:
        return None
    return _whole(max(0.0, number))


def share(value: Any) -> Optional[float]:
    """0 to 1."""
    number = finite(value)
    return None if number is None else min(1.0, max(0.0, number))


def _whole(number: float) -> float:
    return int(number) if number == int(number) else number
