"""
From an event to the one line of JSON that is sent. Whatever the healer put into its metadata, the
line is one that the exporter can read: no NaN, no endless depth, at most 64 KiB. Code of the
healer's own objects (`__str__`, `__repr__`) is never run for it.
"""

import json
import math
import numbers
import re
import uuid
from datetime import date, datetime
from datetime import time as time_of_day
from enum import Enum
from typing import Any, Dict, List, NamedTuple

from ._identity import format_time

EVENT_BYTES_MAX = 65_536
#: The exporter takes 32 levels; the event and its `data` are two of them.
_DEPTH_MAX = 24
_ITEMS_MAX = 5_000
_TEXT_MAX = 2_000
#: JSON with such a number in it would be infinity at the exporter.
_LONG_NUMBER = re.compile(r"\d{300}")
#: What goes first when an event is too large, the most dispensable first.
_DISPENSABLE = ("event", "metadata", "pattern_indicators", "reasoning", "actions_taken")


class Event(NamedTuple):
    """One event, its source left out: that is the client's."""

    type: str  #: without `selfhealer.`
    id: str
    time_ms: float
    data: Dict[str, Any]


def encode(event: Event, source: str) -> bytes:
    """One CloudEvent as a line, its line feed included."""
    line = _encode(event, source)
    if len(line) <= EVENT_BYTES_MAX:
        return line
    data = dict(event.data)
    for name in _DISPENSABLE:
        if data.get(name) is None:
            continue
        data[name] = _essence(name, data[name])
        data["truncated"] = True
        line = _encode(event._replace(data=data), source)
        if len(line) <= EVENT_BYTES_MAX:
            break
    # Still too large: an endless identifier. The exporter says so, and it is counted.
    return line


def _essence(name: str, value: Any) -> Any:
    """What must stay: the exporter reads the agent from the metadata."""
    if name == "metadata" and isinstance(value, dict) and isinstance(value.get("agent_id"), str):
        return {"agent_id": value["agent_id"][:_TEXT_MAX]}
    if name == "actions_taken" and isinstance(value, (list, tuple)):
        return [action[:200] for action in value[:20] if isinstance(action, str)]
    return value[:_TEXT_MAX] if isinstance(value, str) else None


def _encode(event: Event, source: str) -> bytes:
    body = {
        "specversion": "1.0",
        "id": event.id,
        "source": source,
        "type": "selfhealer." + event.type,
        "time": format_time(event.time_ms),
        "data": event.data,
    }
    try:
        text = _ENCODER.encode(body)
        brackets = text.count("{") + text.count("[")
        is_sound = brackets <= _DEPTH_MAX or _is_shallow(event.data, _DEPTH_MAX)
        if len(text) > 300 and _LONG_NUMBER.search(text):
            is_sound = False
    except Exception:  # NaN, a circle, a key that is no text, a list that grew meanwhile
        is_sound = False
    if not is_sound:
        body["data"] = _Plain().value(event.data, 0)
        text = _ENCODER.encode(body)
    # Escaped ASCII holds no line feed, and no half of a surrogate pair that UTF-8 would refuse.
    return text.encode("ascii") + b"\n"


def _is_shallow(value: Any, levels: int) -> bool:
    if isinstance(value, dict):
        return levels > 0 and all(_is_shallow(item, levels - 1) for item in value.values())
    if isinstance(value, (list, tuple, set, frozenset)):
        return levels > 0 and all(_is_shallow(item, levels - 1) for item in value)
    return True


def _substitute(value: Any) -> Any:
    """For what JSON does not know."""
    if isinstance(value, (datetime, date, time_of_day)):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, (set, frozenset)):
        return list(value)
    if isinstance(value, uuid.UUID):
        return value.hex
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Real):
        return float(value)
    return f"<{type(value).__name__}>"


_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False, default=_substitute)


class _Plain:
    """A copy that is JSON for certain, bounded in depth and items."""

    def __init__(self) -> None:
        self._left = _ITEMS_MAX

    def value(self, value: Any, depth: int) -> Any:
        self._left -= 1
        if isinstance(value, Enum):
            return value.name
        if value is None or isinstance(value, (bool, str)):
            return value
        if isinstance(value, (int, float)):
            return _number(value)
        if isinstance(value, (dict, list, tuple, set, frozenset)):
            if depth >= _DEPTH_MAX or self._left <= 0:
                return "…"
            if isinstance(value, dict):
                return self._mapping(value, depth)
            return self._items(value, depth)
        try:
            substitute = _substitute(value)
        except Exception:  # a date or number of the healer's own making
            return f"<{type(value).__name__}>"
        return _number(substitute) if isinstance(substitute, (int, float)) else substitute

    def _mapping(self, mapping: Dict[Any, Any], depth: int) -> Dict[str, Any]:
        plain: Dict[str, Any] = {}
        for key, value in list(mapping.items()):
            if self._left <= 0:
                plain["…"] = "…"
                break
            plain[key if isinstance(key, str) else _key(key)] = self.value(value, depth + 1)
        return plain

    def _items(self, items: Any, depth: int) -> List[Any]:
        plain: List[Any] = []
        for item in list(items):
            if self._left <= 0:
                plain.append("…")
                break
            plain.append(self.value(item, depth + 1))
        return plain


def _number(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if value.bit_length() < 1000 else "<int>"
    return value if math.isfinite(value) else f"<{float(value)!r}>"


def _key(key: Any) -> str:
    if isinstance(key, Enum):
        return key.name
    if key is None or isinstance(key, (bool, int, float)):
        return str(None if key is None else _number(key))
    return f"<{type(key).__name__}>"
