"""What a sender is made of."""

from typing import Callable, NamedTuple

from ._exporter import Exporter
from ._inbox import Inbox
from ._outbox import Outbox


class Parts(NamedTuple):
    """What a sender is made of. `make_outbox` is called once in each process."""

    source: str
    exporter: Exporter
    make_outbox: Callable[[], Outbox]
    make_inbox: Callable[[], Inbox]
    heartbeat_seconds: float
