"""How long to wait before trying again."""

import random
from typing import Optional

_FIRST_SECONDS = 0.25
_SECONDS_MAX = 30.0


class Backoff:
    """
    Twice as long each time, up to 30 s; a random part of it, so that many clients of one exporter
    do not come back together.
    """

    def __init__(self) -> None:
        self._failures = 0

    @property
    def failures(self) -> int:
        """In a row."""
        return self._failures

    def next_seconds(self, retry_after_seconds: Optional[float]) -> float:
        """Never less than what the exporter asked for."""
        whole = min(_SECONDS_MAX, _FIRST_SECONDS * 2.0 ** min(self._failures, 30))
        self._failures += 1
        seconds = whole * random.uniform(0.5, 1.0)
        if retry_after_seconds is None:
            return seconds
        return retry_after_seconds + seconds * 0.1

    def reset(self) -> None:
        self._failures = 0
