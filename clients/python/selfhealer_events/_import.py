"""Histories that are there already: of a healer in this process, or from a file."""

import time
from typing import Any, Dict, Iterator, List, Optional, Union

from ._client import DEFAULT_URL, EventClient
from ._dump import Entry, PastEvent, PastResult
from ._history import history_of, past_events
from ._translator import Translator
from ._wire import Event


def import_history(
    self_healer: Any,
    url: str = DEFAULT_URL,
    source: Optional[str] = None,
    token: Optional[str] = None,
    timeout: float = 60.0,
) -> Dict[str, Any]:
    """
    Sends the history of a healer, or a list of its results, oldest first, and waits until the
    exporter has acknowledged it. Sending it again changes nothing, as long as `source` is the same.

    Gives `{"accepted", "duplicates", "rejected", "is_complete"}`; not complete is what was not
    acknowledged within `timeout` seconds. Raises ValueError for a url, source or token that cannot
    be used.
    """
    results = list(self_healer) if isinstance(self_healer, (list, tuple)) else None
    if results is None:
        results = history_of(self_healer)
    client = _client(url, source, token)
    client._hand_in(past_events, (Translator(), results, ()), 0)
    return _finish(client, timeout)


def import_entries(
    entries: List[Entry], url: str, source: Optional[str], token: Optional[str], timeout: float
) -> Dict[str, Any]:
    """The same for what a file held; unreadable entries are left out."""
    client = _client(url, source, token)
    client._hand_in(_events, (entries,), 0)
    return _finish(client, timeout)


def _client(url: str, source: Optional[str], token: Optional[str]) -> EventClient:
    # Without a spool: whoever imports is told at once that it did not work, and does it again.
    return EventClient(url, source, token, spool_bytes_max=0, heartbeat_seconds=0)


def _events(entries: List[Entry]) -> Iterator[Union[Event, bytes]]:
    """A result that stands twice in a file is one result."""
    translator = Translator()
    told = set()
    for entry in entries:
        now_ms = time.time() * 1000
        if isinstance(entry, PastEvent):
            yield entry.line
        elif isinstance(entry, PastResult):
            result, failure = entry
            key = (result.failure_id, result.strategy_used, result.timestamp)
            if key in told:
                continue
            told.add(key)
            if failure is None:
                yield from translator.past(result, now_ms)
            else:
                yield from translator.finished(failure, result, None, None, now_ms)


def _finish(client: EventClient, timeout: float) -> Dict[str, Any]:
    is_complete = client.close(timeout)
    stats = client.stats()
    return {
        "accepted": stats["accepted"],
        "duplicates": stats["duplicates"],
        "rejected": stats["rejected"],
        "is_complete": is_complete,
        "last_error": stats["last_error"],
    }
