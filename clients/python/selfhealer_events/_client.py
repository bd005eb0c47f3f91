"""The events of the contract, for any Python healer."""

import os
import re
import socket
import time as clock
import uuid
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Union

from ._advice import Advice
from ._events import EventMethods, Time
from ._exporter import Exporter
from ._identity import unix_ms
from ._inbox import Inbox
from ._names import is_name, name_of
from ._outbox import Outbox
from ._parts import Parts
from ._sender import Sender
from ._spool import SPOOL_BYTES_MAX, Spool, default_directory
from ._wire import Event

DEFAULT_URL = "http://127.0.0.1:9464"
_QUEUE_MAX = 100_000
_QUEUE_WEIGHT_MAX = 128 * 1024 * 1024
_HELD_BYTES_MAX = 32 * 1024 * 1024
_SEND_SECONDS = 10.0
_WEIGHT = 1_500


class EventClient(EventMethods):
    """
    Sends events to a selfhealer-exporter, from a thread of its own.

    The methods named after events never wait and never raise: what they are given is checked by the
    exporter, which rejects what is not as it must be; that is logged and counted. Thread-safe, and
    usable after a fork.

    `url`: of the exporter. `source`: who sends, a name of its own for each healer, the same after a
    restart; without one `/<host>/<program>`. `token`: `user:password`, or a bearer token.
    `spool_dir`: where events wait while the exporter is away; `spool_bytes_max` 0 keeps no spool.
    `heartbeat_seconds`: 0 sends none. `read_seconds`: how long a question may take;
    `cache_seconds`: how long its answer is kept. Raises ValueError for a url, source or token that
    cannot be used.
    """

    def __init__(
        self,
        url: str = DEFAULT_URL,
        source: Optional[str] = None,
        token: Optional[str] = None,
        *,
        spool_dir: Union[str, Path, None] = None,
        spool_bytes_max: int = SPOOL_BYTES_MAX,
        queue_max: int = _QUEUE_MAX,
        heartbeat_seconds: float = 60.0,
        send_seconds: float = _SEND_SECONDS,
        read_seconds: float = 0.5,
        cache_seconds: float = 30.0,
    ) -> None:
        self.source = default_source() if source is None else source
        if not isinstance(self.source, str) or not is_name(self.source):
            raise ValueError(f"source: expected a name such as /swarms/alpha, got {source!r}")

        def make_outbox() -> Outbox:
            if spool_bytes_max <= 0:
                return Outbox(None, _HELD_BYTES_MAX)
            directory = Path(spool_dir) if spool_dir is not None else default_directory()
            return Outbox(Spool(directory, url, spool_bytes_max), _HELD_BYTES_MAX)

        parts = Parts(
            source=self.source,
            exporter=Exporter(url, token, send_seconds),
            make_outbox=make_outbox,
            make_inbox=lambda: Inbox(queue_max, _QUEUE_WEIGHT_MAX),
            heartbeat_seconds=heartbeat_seconds,
        )
        self._sender = Sender(parts)
        self._advice = Advice(lambda: Exporter(url, token, read_seconds), cache_seconds)
        self._hand_in = self._sender.put
        self._sender.start()

    def __enter__(self) -> "EventClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def emit(
        self,
        event_type: str,
        data: Dict[str, Any],
        *,
        event_id: Optional[str] = None,
        time: Time = None,
    ) -> None:
        """
        Any event: its type without `selfhealer.`, its data as the contract has it. The same
        `event_id` again is counted once; without one each call is an event of its own.
        """
        given_ms = unix_ms(time)
        event = Event(
            event_type,
            uuid.uuid4().hex if event_id is None else event_id,
            clock.time() * 1000 if given_ms is None else given_ms,
            {name: value for name, value in data.items() if value is not None},
        )
        self._hand_in(_one, (event,), _WEIGHT)

    def flush(self, timeout: float = 10.0) -> bool:
        """
        True when the exporter has acknowledged every event given before: it is on the exporter's
        disk, or was rejected (see `stats`). False after `timeout` seconds, or when events were
        dropped since the last flush.
        """
        return self._sender.flush(timeout)

    def close(self, timeout: float = 10.0) -> bool:
        """As `flush`. What was not acknowledged stays in the spool for the next client."""
        return self._sender.close(timeout)

    def stats(self) -> Dict[str, Any]:
        """
        What became of the events: `accepted`, `duplicates`, `rejected`, `dropped`, `retries`;
        where they are: `queued`, `waiting` (of these `spooled`, `spooled_bytes`); `is_reachable`
        and `last_error`. Since the process started or forked.
        """
        return self._sender.stats()

    def best_strategy(self, failure_type: str, **context: Any) -> Optional[Dict[str, Any]]:
        """
        The strategy to try next, `{"strategy", "probability", "why", …}`. Context that narrows it:
        `severity`, `agent_id`, `attempt` (1 is the first); anything else is ignored. None when the
        exporter does not know, or is away. Waits at most `read_seconds`.
        """
        return self._advice.best_strategy(failure_type, context)

    def tuning(self, strategy: str) -> Optional[Dict[str, Any]]:
        """
        `retry_limit`, `attempt_timeout_ms`, `breaker_open_ms`, `restart_cooldown_ms`, each
        `{"value", "verdict", "confidence", "why", "evidence"}`; a value that the data do not tell is
        None. None when they tell nothing, or the exporter is away.
        """
        return self._advice.tuning(strategy)

    def recommendations(self) -> Optional[List[Dict[str, Any]]]:
        """What stands, each `{"id", "kind", "severity", "message", …}`; None when it is away."""
        return self._advice.recommendations()


def default_source() -> str:
    """`HEALER_EVENTS_SOURCE`, else host and program: the same after a restart."""
    given = os.environ.get("HEALER_EVENTS_SOURCE")
    if given:
        return given
    import __main__

    path = getattr(__main__, "__file__", None)
    program = Path(path).stem if isinstance(path, str) else "python"
    if program == "__main__" and isinstance(path, str):
        program = Path(path).parent.name
    host = re.sub(r"\s", "-", socket.gethostname() or "localhost")
    return name_of(f"/{host}/{program}") or "/python"


def _one(event: Event) -> Sequence[Event]:
    return (event,)
