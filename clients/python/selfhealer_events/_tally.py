"""What became of the events: counted, and what was rejected told to the log."""

import logging
from collections import Counter
from typing import Any, Dict, List, Optional

from ._exporter import Settled

_log = logging.getLogger("selfhealer_events")
_LOGGED_REJECTIONS_MAX = 10


class Tally:
    """Written by one thread, read by any."""

    def __init__(self) -> None:
        self.accepted = 0
        self.duplicates = 0
        self.retries = 0
        self.rejected: "Counter[str]" = Counter()
        #: Calls that became no event: none could be made of it, or the client was closed.
        self.untranslatable = 0
        self.closed = 0
        #: None until something was sent.
        self.is_reachable: Optional[bool] = None
        self.last_error: Optional[str] = None

    def settle(self, answer: Settled) -> None:
        self.is_reachable = True
        self.accepted += answer.accepted
        self.duplicates += answer.duplicates
        self.reject(answer.rejected)

    def miss(self, why: str) -> None:
        """It did not answer, or not as an exporter does."""
        self.is_reachable = False
        self.last_error = why
        self.retries += 1

    def stats(self) -> Dict[str, Any]:
        return {
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "rejected": sum(self.rejected.values()),
            "rejected_by_code": dict(self.rejected),
            "retries": self.retries,
            "is_reachable": self.is_reachable,
            "last_error": self.last_error,
        }

    def dropped_by_reason(self) -> Dict[str, int]:
        return {"untranslatable": self.untranslatable, "closed": self.closed}

    def reject(self, rejected: List[Dict[str, Any]]) -> None:
        """Each has a code and a message. They are not sent again: the answer would be the same."""
        for item in rejected:
            self.rejected[str(item.get("code"))] += 1
        for item in rejected[:_LOGGED_REJECTIONS_MAX]:
            code, message = item.get("code"), item.get("message")
            _log.warning("the exporter rejected an event (%s): %s", code, message)
        more = len(rejected) - _LOGGED_REJECTIONS_MAX
        if more > 0:
            _log.warning("the exporter rejected %d more events of the same batch", more)
