"""The thread that sends: from inbox over outbox to the exporter, again until it is taken."""

import logging
import threading
import time
import uuid
from typing import Any, Dict, Iterable, List, Optional, Tuple

from ._backoff import Backoff
from ._exporter import Settled, Unsettled
from ._inbox import Item, Make, Mark
from ._lifetime import close_with_worker, watch
from ._pace import Pace
from ._parts import Parts
from ._tally import Tally
from ._wire import Event, encode

_log = logging.getLogger("selfhealer_events")

_BATCH_EVENTS_MAX = 2_000
_BATCH_BYTES_MAX = 2 * 1024 * 1024
#: Events that come close together travel together.
_LINGER_SECONDS = 0.05
#: On the way to the disk they may wait longer: each write there is synced.
_LINGER_AWAY_SECONDS = 0.25
_IDLE_SECONDS = 3_600.0
#: While somebody waits for `flush`, an exporter that is away is asked as often as this.
_FLUSH_RETRY_SECONDS = 0.5
_HELD_EVENTS_MAX = 2 * _BATCH_EVENTS_MAX
#: What is left is written to disk in this time, at the most.
_KEEP_SECONDS = 10.0


class Sender:
    """All public methods are thread-safe and never raise."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._thread: Optional[threading.Thread] = None
        self._lost_before = 0
        self._begin()
        watch(self)

    def put(self, make: Make, args: Tuple[Any, ...], weight: int) -> None:
        """`make(*args)` is called on the sender's thread and gives the events."""
        if self._thread is None:
            self.start()
        if self._is_closed:
            self._tally.closed += 1
        else:
            self._inbox.put(make, args, weight)

    def start(self) -> None:
        with self._lock:
            if self._thread is not None or self._is_closed:
                return
            thread = threading.Thread(target=self._run, name="selfhealer-events", daemon=True)
            try:
                thread.start()
            except RuntimeError as error:  # the interpreter is shutting down
                _log.warning("events are not sent: %s", error)
                return
            self._thread = thread
        close_with_worker(self)

    def flush(self, timeout_seconds: float) -> bool:
        """
        True when the exporter has acknowledged everything handed in before, and nothing was dropped
        since the last flush. Rejected events are acknowledged: `stats` tells of them.
        """
        self.start()
        if self._is_closed:
            return self._outbox.events == 0 and self.lost() == self._lost_before
        if self._thread is None or self._thread is threading.current_thread():
            return False
        mark = Mark()
        with self._lock:
            self._flushers += 1
        self._inbox.put_mark(mark)
        is_done = mark.done.wait(timeout_seconds)
        with self._lock:
            self._flushers -= 1
        mark.is_abandoned = True
        lost = self.lost()
        is_whole = lost == self._lost_before
        self._lost_before = lost
        return is_done and is_whole

    def close(self, timeout_seconds: float) -> bool:
        """As `flush`; what could not be sent stays on disk for the next client."""
        is_flushed = self.flush(timeout_seconds)
        with self._lock:
            self._is_closed = True
            thread = self._thread
        if thread is None or thread is threading.current_thread():
            return is_flushed
        self._inbox.put_mark(Mark())
        thread.join(0.5)
        if thread.is_alive():
            self._parts.exporter.stop()
            thread.join(_KEEP_SECONDS)
        return is_flushed

    def lost(self) -> int:
        """Calls and events that will never reach the exporter."""
        dropped = self._outbox.dropped + self._inbox.turned_away
        return dropped + sum(self._tally.dropped_by_reason().values())

    def stats(self) -> Dict[str, Any]:
        return {
            "source": self._parts.source,
            "url": self._parts.exporter.url,
            "queued": self._inbox.items,
            "waiting": self._outbox.events,
            "spooled": self._outbox.spooled,
            "spooled_bytes": self._outbox.spooled_bytes,
            **self._tally.stats(),
            "dropped": self.lost(),
            "dropped_by_reason": {
                "queue_full": self._inbox.turned_away,
                "spool_full": self._outbox.dropped,
                **self._tally.dropped_by_reason(),
            },
        }

    def restart_in_child(self) -> None:
        """After a fork: what waits here is the parent's and is sent by it."""
        self._parts.exporter.forget()
        self._outbox.forget()
        was_closed = self._is_closed
        self._begin()
        self._is_closed = was_closed

    def _begin(self) -> None:
        self._lock = threading.RLock()
        self._inbox = self._parts.make_inbox()
        self._outbox = self._parts.make_outbox()
        self._backoff = Backoff()
        self._pace = Pace()
        self._thread = None
        self._is_closed = False
        self._marks: List[Mark] = []
        #: How many wait in `flush`.
        self._flushers = 0
        self._retry_at = 0.0
        #: The exporter asked for this wait, or it is ours alone.
        self._is_retry_asked = False
        self._last_sent_at = time.monotonic()
        self._batch_events = _BATCH_EVENTS_MAX
        self._tally = Tally()
        self._lost_before = 0

    def _run(self) -> None:
        self._outbox.adopt()
        while not self._is_closed:
            try:
                self._turn()
            except Exception:  # a defect here must not end the sending
                _log.exception("sending events failed; it goes on")
                time.sleep(1.0)
        try:
            while self._inbox.items > 0:
                self._keep(self._inbox.take(0, 0))
            self._outbox.close()
        except Exception:
            _log.exception("events could not be kept for the next process")
        self._parts.exporter.abort()

    def _turn(self) -> None:
        is_away = self._backoff.failures > 0
        linger_seconds = _LINGER_AWAY_SECONDS if is_away else _LINGER_SECONDS
        can_send = self._outbox.events > 0 and self._wait_seconds() <= 0
        items = self._inbox.take(self._wait_seconds(), 0 if can_send else linger_seconds)
        self._keep(items)
        # Each request costs the exporter a sync of its disk: a few large ones, when there is much.
        while self._inbox.items > 0 and self._outbox.held < self._batch_events and not is_away:
            self._keep(self._inbox.take(0, 0))
        if self._outbox.events == 0 and not items:
            self._beat()
        if self._outbox.events > 0 and time.monotonic() >= self._next_try_at():
            self._send()
        elif is_away:
            self._outbox.save()
        self._settle_marks()

    def _wait_seconds(self) -> float:
        """Until there is something to do besides new events."""
        now = time.monotonic()
        if self._outbox.events > 0:
            return max(0.0, self._next_try_at() - now)
        if self._parts.heartbeat_seconds <= 0:
            return _IDLE_SECONDS
        return max(0.001, self._last_sent_at + self._parts.heartbeat_seconds - now)

    def _next_try_at(self) -> float:
        self._marks = [mark for mark in self._marks if not mark.is_abandoned]
        if self._marks and not self._is_retry_asked:
            return min(self._retry_at, self._last_sent_at + _FLUSH_RETRY_SECONDS)
        return self._retry_at

    def _keep(self, items: Iterable[Item]) -> None:
        lines: List[bytes] = []
        for item in items:
            if item.mark is not None:
                self._outbox.add(lines)
                lines = []
                item.mark.target = self._outbox.added
                self._marks.append(item.mark)
                continue
            for line in self._lines(item):
                lines.append(line)
                if len(lines) >= _BATCH_EVENTS_MAX:
                    self._outbox.add(lines)
                    lines = []
                    self._make_room()
        self._outbox.add(lines)

    def _lines(self, item: Item) -> Iterable[bytes]:
        try:
            for event in item.make(*item.args) if item.make is not None else ():
                line = event if isinstance(event, bytes) else self._line(event)
                if line is not None:
                    yield line
                self._pace.step(self._inbox.items, self._flushers > 0 or self._is_closed)
        except Exception:
            self._untranslatable()

    def _line(self, event: Event) -> Optional[bytes]:
        try:
            return encode(event, self._parts.source)
        except Exception:
            self._untranslatable()
            return None

    def _untranslatable(self) -> None:
        self._tally.untranslatable += 1
        _log.warning("an event could not be made; it is left out", exc_info=True)

    def _make_room(self) -> None:
        """A long history is not gathered in memory first."""
        while self._outbox.held > _HELD_EVENTS_MAX and not self._is_closed:
            if time.monotonic() >= self._next_try_at():
                self._send()
            elif self._outbox.has_spool:
                self._outbox.save()
                return
            else:
                time.sleep(0.05)

    def _beat(self) -> None:
        """A source that nothing is heard of for minutes looks as if it were gone."""
        seconds = self._parts.heartbeat_seconds
        if seconds <= 0 or time.monotonic() < self._last_sent_at + seconds:
            return
        beat = Event("heartbeat", "beat-" + uuid.uuid4().hex, time.time() * 1000, {})
        self._last_sent_at = time.monotonic()
        answer = self._parts.exporter.post([encode(beat, self._parts.source)])
        self._tally.is_reachable = isinstance(answer, Settled)

    def _send(self) -> None:
        lines = self._outbox.head(self._batch_events, _BATCH_BYTES_MAX)
        if not lines:
            return
        answer = self._parts.exporter.post(lines)
        self._last_sent_at = time.monotonic()
        if isinstance(answer, Settled):
            self._outbox.remove_head(lines)
            self._back_to_normal(answer)
        elif not answer.is_body_at_fault:
            self._later(answer)
        elif len(lines) > 1:
            self._batch_events = len(lines) // 2
        else:
            self._outbox.remove_head(lines)
            self._tally.reject([{"code": "refused", "message": answer.why}])

    def _back_to_normal(self, answer: Settled) -> None:
        if self._backoff.failures > 0:
            _log.info("the exporter takes events again")
        self._backoff.reset()
        self._retry_at = 0.0
        self._is_retry_asked = False
        self._batch_events = min(_BATCH_EVENTS_MAX, self._batch_events * 2)
        self._tally.settle(answer)

    def _later(self, answer: Unsettled) -> None:
        if self._backoff.failures == 0:
            _log.warning("the exporter does not take events, they are kept: %s", answer.why)
        self._tally.miss(answer.why)
        self._is_retry_asked = answer.retry_after_seconds is not None
        wait_seconds = self._backoff.next_seconds(answer.retry_after_seconds)
        self._retry_at = time.monotonic() + wait_seconds
        self._outbox.save()

    def _settle_marks(self) -> None:
        for mark in self._marks:
            if self._outbox.left >= mark.target:
                mark.done.set()
        self._marks = [mark for mark in self._marks if not mark.done.is_set()]
