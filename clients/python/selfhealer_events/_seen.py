"""
What was seen of a healer's objects, taken at the moment of the call: the healer may change them
afterwards. Any object with the original's attributes will do, or a mapping with such keys.

Each container that a call makes brings the next garbage collection nearer, and its pause is the
healer's. So there are few, and only what a healer may well use again, its event, is copied.
"""

from collections.abc import Mapping
from typing import Any, Dict, NamedTuple, Optional

#: The same as calling the class, in a third of the time.
_new: Any = tuple.__new__
#: Larger dictionaries are not copied, but read later: the healer must not wait for it.
_COPIED_MAX = 100


class SeenFailure(NamedTuple):
    failure_id: Any
    failure_type: Any
    agent_id: Any
    severity: Any
    detected_at: Any
    event: Any
    metadata: Any


class SeenResult(NamedTuple):
    success: Any
    failure_id: Any
    strategy_used: Any
    actions_taken: Any
    duration_ms: Any
    timestamp: Any
    metadata: Any


def seen_failure(failure: Any) -> SeenFailure:
    """Attributes that are missing or cannot be read are None."""
    try:
        fields = (
            failure.failure_id,
            failure.failure_type,
            failure.agent_id,
            failure.severity,
            failure.detected_at,
            failure.event,
            failure.metadata,
        )
        seen: SeenFailure = _new(SeenFailure, fields)
        return seen
    except Exception:
        return SeenFailure(*(read(failure, name) for name in SeenFailure._fields))


def seen_detection(failure: Any) -> SeenFailure:
    """The same, its event and metadata copied."""
    seen = seen_failure(failure)
    return seen._replace(event=_copy(seen.event), metadata=_copy(seen.metadata))


def seen_result(result: Any) -> Optional[SeenResult]:
    """None when it does not say how the attempt ended: then it is no result."""
    try:
        fields = (
            result.success,
            result.failure_id,
            result.strategy_used,
            result.actions_taken,
            result.duration_ms,
            result.timestamp,
            result.metadata,
        )
        seen: SeenResult = _new(SeenResult, fields)
        return seen
    except Exception:
        if read(result, "success") is None:
            return None
        return SeenResult(*(read(result, name) for name in SeenResult._fields))


def read(thing: Any, name: str) -> Any:
    """An attribute, or the value under that key; None when there is none."""
    try:
        if isinstance(thing, Mapping):
            return thing.get(name)
        return getattr(thing, name, None)
    except Exception:
        return None


def metadata_of(seen: Any) -> Dict[Any, Any]:
    return seen.metadata if isinstance(seen.metadata, dict) else {}


def weight_of(seen: Any) -> int:
    """About how many bytes it keeps alive, at a glance: texts at the top of its fields."""
    weight = 1_000
    for field in seen:
        kind = type(field)
        if kind is str or kind is bytes:
            weight += len(field)
        elif kind is dict and field:
            weight += _texts(field.values(), len(field))
        elif kind is list:
            weight += _texts(field, len(field))
    return weight


def _texts(values: Any, count: int) -> int:
    weight = 100 * count
    if count <= _COPIED_MAX:
        for value in values:
            if type(value) is str:
                weight += len(value)
    return weight


def _copy(value: Any) -> Any:
    if type(value) is dict or type(value) is list:
        return value.copy() if len(value) <= _COPIED_MAX else value
    return value
