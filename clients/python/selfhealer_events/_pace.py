"""
Python runs one thread at a time: while the sender works, a healer that comes back from waiting
waits again, for 5 ms if need be. So the sender works in short steps and stands aside in between.
"""

import time

#: Long enough for a thread that waits to wake up and take its turn.
_ASIDE_SECONDS = 100e-6
#: Between steps, while somebody waits for `flush`.
_HURRIED_SECONDS = 4e-3
#: With more than that to do, keeping up counts more.
_BACKLOG_MAX = 20_000


class Pace:
    """Not thread-safe."""

    def __init__(self) -> None:
        self._began = 0.0

    def step(self, backlog: int, is_hurried: bool) -> None:
        """To be called after each little piece of work; `backlog`: how many are to come."""
        if backlog > _BACKLOG_MAX:
            return
        if is_hurried and time.perf_counter() - self._began < _HURRIED_SECONDS:
            return
        time.sleep(_ASIDE_SECONDS)
        self._began = time.perf_counter()
