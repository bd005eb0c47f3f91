"""Files of healing results, as they are found: what `json.dump` made of a healer's history."""

import json
from typing import IO, Any, Dict, Iterator, List, NamedTuple, Optional, Union

from ._identity import unix_ms
from ._seen import SeenFailure, SeenResult, seen_failure

#: What a result may say of its failure, beyond what the original's says.
_CONTEXT = ("failure_type", "agent_id")
_LISTS = ("healing_history", "history", "results", "timeline", "recent_timeline")


class PastResult(NamedTuple):
    result: SeenResult
    failure: Optional[SeenFailure]


class PastEvent(NamedTuple):
    """A CloudEvent already: its own id and source stay."""

    line: bytes


class Unreadable(NamedTuple):
    where: str
    why: str


Entry = Union[PastResult, PastEvent, Unreadable]


def read_dump(file: IO[str]) -> List[Entry]:
    """
    One JSON object a line, a JSON array of them, or an object with the list under `healing_history`
    or `results`. An object is a HealingResult (`dataclasses.asdict`), a pair `failure` and
    `result`, or a CloudEvent. Oldest first; what cannot be read comes last. Raises OSError and
    UnicodeDecodeError.
    """
    entries = list(_entries(file.read().lstrip("\ufeff")))
    return sorted(entries, key=_time_of)


def _entries(text: str) -> Iterator[Entry]:
    try:
        whole = json.loads(text) if text.strip() else []
    except (ValueError, RecursionError):
        yield from _lines(text)
        return
    items = _items(whole)
    if items is None:
        items = [whole]
    for number, item in enumerate(items, start=1):
        yield _entry(item, f"item {number}")


def _lines(text: str) -> Iterator[Entry]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield Unreadable(f"line {number}", f"expected a JSON object, got {error}")
        else:
            yield _entry(item, f"line {number}")


def _items(whole: Any) -> Optional[List[Any]]:
    if isinstance(whole, list):
        return whole
    if isinstance(whole, dict):
        for name in _LISTS:
            if isinstance(whole.get(name), list):
                return whole[name]  # type: ignore[no-any-return]
    return None


def _entry(item: Any, where: str) -> Entry:
    if not isinstance(item, dict):
        return Unreadable(where, f"expected a JSON object, got {type(item).__name__}")
    if "specversion" in item:
        return PastEvent(json.dumps(item, separators=(",", ":")).encode("ascii") + b"\n")
    pair = item.get("failure"), item.get("result")
    failure = pair[0] if isinstance(pair[0], dict) else None
    seen = _result(pair[1] if isinstance(pair[1], dict) else item, failure)
    for name in ("failure_id", "strategy_used", "timestamp"):
        if not isinstance(getattr(seen, name), str):
            return Unreadable(where, f"{name}: expected a text, got {getattr(seen, name)!r}")
    if not isinstance(seen.success, bool):
        return Unreadable(where, f"success: expected true or false, got {seen.success!r}")
    if unix_ms(seen.timestamp) is None:
        return Unreadable(where, f"timestamp: expected a time, got {seen.timestamp!r}")
    return PastResult(seen, None if failure is None else seen_failure(failure))


def _result(result: Dict[str, Any], failure: Optional[Dict[str, Any]]) -> SeenResult:
    """A timeline says `strategy` and `actions`; the pair names the failure in the failure."""
    failure_id = result.get("failure_id")
    if failure_id is None and failure is not None:
        failure_id = failure.get("failure_id")
    metadata = result.get("metadata")
    told = {name: result[name] for name in _CONTEXT if isinstance(result.get(name), str)}
    if told:
        metadata = {**told, **metadata} if isinstance(metadata, dict) else told
    return SeenResult(
        success=result.get("success"),
        failure_id=failure_id,
        strategy_used=result.get("strategy_used", result.get("strategy")),
        actions_taken=result.get("actions_taken", result.get("actions")),
        duration_ms=result.get("duration_ms"),
        timestamp=result.get("timestamp"),
        metadata=metadata,
    )


def _time_of(entry: Entry) -> float:
    if isinstance(entry, PastResult):
        return unix_ms(entry.result.timestamp) or 0.0
    if isinstance(entry, PastEvent):
        event = json.loads(entry.line)
        data = event["data"] if isinstance(event.get("data"), dict) else {}
        for value in (data.get("timestamp"), data.get("detected_at"), event.get("time")):
            time_ms = unix_ms(value) if isinstance(value, str) else None
            if time_ms is not None:
                return time_ms
    return float("inf")
