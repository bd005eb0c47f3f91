"""
Times and ids as the exporter reads them: the same result must get the same id here, in the
exporter's own `import`, and in another process, whatever way its time was written.
"""

import hashlib
import json
import re
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Any, Optional, Sequence

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?"
    r"(?:[Zz]|([+-])(\d\d):(\d\d)(?::(\d\d))?)?\Z",
    re.ASCII,
)


def unix_ms(value: Any) -> Optional[float]:
    """
    Unix milliseconds with microseconds as their fraction; None when `value` is no time.

    Takes a datetime (naive is UTC, as on the wire), a text in RFC 3339 or as `str(datetime)` prints
    it, or seconds since 1970 as `time.time()` gives them.
    """
    if isinstance(value, datetime):
        return _of_datetime(value)
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _of_seconds(value)
    return None


def format_time(time_ms: float) -> str:
    """RFC 3339 in UTC, to the microsecond where there are any."""
    seconds, micros = divmod(round(time_ms * 1000), 1_000_000)
    if micros % 1000 == 0:
        return f"{_to_seconds(seconds)}.{micros // 1000:03}Z"
    return f"{_to_seconds(seconds)}.{micros:06}Z"


def result_id(failure_id: str, strategy: str, time_ms: float) -> str:
    """What the exporter's `import` names a healing result."""
    number = int(time_ms) if time_ms == int(time_ms) else time_ms
    return "result-" + digest([failure_id, strategy, number])


def digest(parts: Sequence[Any]) -> str:
    """128 bits in hexadecimal. As JSON no two lists read the same."""
    text = _encode(parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@lru_cache(maxsize=256)
def _to_seconds(seconds: int) -> str:
    moment = _EPOCH + timedelta(seconds=seconds)
    return moment.replace(tzinfo=None).isoformat(timespec="seconds")


def _of_datetime(value: datetime) -> Optional[float]:
    moment = value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)
    try:
        since = moment - _EPOCH
    except (OverflowError, ValueError, TypeError):
        return None
    # In this order, so that the fraction is the same double as the exporter's.
    return (since.days * 86_400 + since.seconds) * 1000 + since.microseconds / 1000


def _of_text(text: str) -> Optional[float]:
    match = _TIME.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(match[i]) for i in range(1, 7))
    try:
        days = date(year, month, day).toordinal() - _EPOCH.toordinal()
    except ValueError:
        return None
    micros = int((match[7] or "0")[:6].ljust(6, "0"))
    offset = (int(match[9] or 0) * 60 + int(match[10] or 0)) * 60 + int(match[11] or 0)
    if hour > 23 or minute > 59 or second > 60:
        return None
    seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
    seconds -= -offset if match[8] == "-" else offset
    return seconds * 1000 + micros / 1000


def _of_seconds(value: float) -> Optional[float]:
    try:
        return _of_datetime(datetime.fromtimestamp(value, timezone.utc))
    except (OverflowError, ValueError, OSError):
        return None
