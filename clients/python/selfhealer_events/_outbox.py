"""
Events on their way out, oldest first: in memory while the exporter takes them, on disk while it
does not.
"""

import itertools
import logging
from collections import deque
from typing import Deque, List, Optional, Sequence

from ._spool import Spool

_log = logging.getLogger("selfhealer_events")


class Outbox:
    """
    What leaves it was acknowledged, rejected or dropped. Where the disk cannot be written it keeps
    what it can in memory, and drops the oldest beyond that. Not thread-safe. Never raises OSError.
    """

    def __init__(self, spool: Optional[Spool], held_bytes_max: int) -> None:
        self._spool = spool
        self._held: Deque[bytes] = deque()
        self._held_bytes = 0
        self._held_bytes_max = held_bytes_max
        self._is_head_spooled = False
        self._head_bytes = 0
        self._is_disk_lame = False
        #: Events ever put in, and events that have left, since it was made.
        self.added = 0
        self.left = 0
        self.dropped = 0

    @property
    def events(self) -> int:
        return len(self._held) + self.spooled

    @property
    def held(self) -> int:
        return len(self._held)

    @property
    def has_spool(self) -> bool:
        return self._spool is not None

    @property
    def spooled(self) -> int:
        return self._spool.events if self._spool is not None else 0

    @property
    def spooled_bytes(self) -> int:
        return self._spool.size if self._spool is not None else 0

    def adopt(self) -> None:
        """Takes over what processes that are gone could not send."""
        if self._spool is None:
            return
        try:
            adopted = self._spool.adopt()
        except OSError as error:
            self._lame(error)
            return
        self.added += adopted.events
        self._count_dropped(adopted.dropped)
        if adopted.events > 0:
            _log.info("sending %d events that an earlier process left", adopted.events)

    def add(self, lines: Sequence[bytes]) -> None:
        self.added += len(lines)
        self._held.extend(lines)
        self._held_bytes += sum(map(len, lines))
        if self.spooled > 0:
            self.save()

    def save(self) -> None:
        """On disk what can be."""
        if not self._held:
            return
        if self._spool is not None:
            try:
                dropped = self._spool.append(list(self._held))
            except OSError as error:
                self._lame(error)
            else:
                self._is_disk_lame = False
                self._held.clear()
                self._held_bytes = 0
                self._count_dropped(dropped)
        while self._held_bytes > self._held_bytes_max:
            self._held_bytes -= len(self._held.popleft())
            self._count_dropped(1)

    def head(self, events_max: int, bytes_max: int) -> List[bytes]:
        """The oldest, at least one where there is any."""
        while self._spool is not None and self._spool.events > 0:
            try:
                lines, self._head_bytes = self._spool.peek(events_max, bytes_max)
            except OSError as error:
                self._lame(error)
                self._count_dropped(self._spool.discard_head())
                continue
            self._is_head_spooled = True
            return lines
        self._is_head_spooled = False
        lines = []
        size = 0
        for line in itertools.islice(self._held, events_max):
            size += len(line)
            if lines and size > bytes_max:
                break
            lines.append(line)
        return lines

    def remove_head(self, lines: Sequence[bytes]) -> None:
        """Those that `head` gave are done with."""
        self.left += len(lines)
        if self._is_head_spooled and self._spool is not None:
            self._spool.advance(len(lines), self._head_bytes)
            return
        for line in lines:
            self._held.popleft()
            self._held_bytes -= len(line)

    def close(self) -> None:
        """What is left stays on disk for the next client; what cannot be there is dropped."""
        self.save()
        self._count_dropped(len(self._held))
        self._held.clear()
        self._held_bytes = 0
        if self._spool is not None:
            self._spool.close()

    def forget(self) -> None:
        """In a forked child: everything in it is the parent's."""
        if self._spool is not None:
            self._spool.forget()
        self._held.clear()
        self._held_bytes = 0

    def _count_dropped(self, events: int) -> None:
        self.left += events
        self.dropped += events
        if events > 0:
            _log.warning("dropped the %d oldest events: the spool is full or unreadable", events)

    def _lame(self, error: OSError) -> None:
        if not self._is_disk_lame:
            _log.warning("the spool cannot be used, events stay in memory: %s", error)
        self._is_disk_lame = True
