"""What callers hand in. The only part that runs on the healer's threads, so it does little."""

import queue
import threading
from typing import Any, Callable, Iterable, List, NamedTuple, Optional, Tuple, Union

from ._wire import Event

#: Gives events, or lines that are events already.
Make = Callable[..., Iterable[Union[Event, bytes]]]

_TAKEN_MAX = 250


class Item(NamedTuple):
    """What will make the events, on the sender's thread; or a mark that somebody waits for."""

    make: Optional[Make]
    args: Tuple[Any, ...]
    weight: int
    mark: Optional["Mark"]


_new: Any = tuple.__new__


class Mark:
    """Set when everything that was handed in before it has left."""

    def __init__(self) -> None:
        self.done = threading.Event()
        #: Nobody waits any more.
        self.is_abandoned = False
        #: How many events must have left; known once the sender has come to it.
        self.target = 0


class Inbox:
    """
    Bounded by number and by weight (bytes, at a glance). Handing in never waits and may happen
    anywhere, in a signal handler too: the lock is reentrant, and so is the queue.
    """

    def __init__(self, items_max: int, weight_max: int) -> None:
        self._items_max = items_max
        self._weight_max = weight_max
        self._lock = threading.RLock()
        self._queue: "queue.SimpleQueue[Item]" = queue.SimpleQueue()
        self._hurry: "queue.SimpleQueue[None]" = queue.SimpleQueue()
        self._items = 0
        self._weight = 0
        #: Items that found it full.
        self.turned_away = 0

    @property
    def items(self) -> int:
        return self._items

    def put(self, make: Make, args: Tuple[Any, ...], weight: int) -> None:
        with self._lock:
            if self._items >= self._items_max or self._weight > self._weight_max:
                self.turned_away += 1
                return
            self._items += 1
            self._weight += weight
        self._queue.put(_new(Item, (make, args, weight, None)))

    def put_mark(self, mark: Mark) -> None:
        """Always taken, and wakes the sender."""
        self._queue.put(Item(None, (), 0, mark))
        self._hurry.put(None)

    def take(self, wait_seconds: float, linger_seconds: float) -> List[Item]:
        """What is there; waits for the first, then a little for more to come along."""
        items: List[Item] = []
        try:
            if wait_seconds > 0:
                items.append(self._queue.get(timeout=wait_seconds))
            else:
                items.append(self._queue.get_nowait())
            self._linger(linger_seconds)
            while len(items) < _TAKEN_MAX:
                items.append(self._queue.get_nowait())
        except queue.Empty:
            pass
        marks = sum([item.mark is not None for item in items])
        weight = sum([item.weight for item in items])
        with self._lock:
            self._items -= len(items) - marks
            self._weight -= weight
        return items

    def _linger(self, seconds: float) -> None:
        try:
            if seconds > 0:
                self._hurry.get(timeout=seconds)
            while True:
                self._hurry.get_nowait()
        except queue.Empty:
            pass
