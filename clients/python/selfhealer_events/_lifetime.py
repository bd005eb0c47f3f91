"""What happens to senders when their process forks or ends."""

import atexit
import os
import sys
import weakref
from typing import Any, Dict, Protocol

_EXIT_SECONDS = 3.0


class Lasting(Protocol):
    def restart_in_child(self) -> None: ...

    def close(self, timeout_seconds: float) -> bool: ...

    def stats(self) -> Dict[str, Any]: ...


def watch(sender: Lasting) -> None:
    """From now on it starts anew in forked children, and is closed when the process ends."""
    _senders.add(sender)


def close_with_worker(sender: Lasting) -> None:
    """A process of `multiprocessing` ends without `atexit`, but not without its finalizers."""
    parent_process = getattr(sys.modules.get("multiprocessing"), "parent_process", None)
    if parent_process is None or parent_process() is None:
        return
    from multiprocessing.util import Finalize

    Finalize(None, _close, args=(sender,), exitpriority=10)


_senders: "weakref.WeakSet[Lasting]" = weakref.WeakSet()


def _close(sender: Lasting) -> None:
    # An exporter that is known to be away is not waited for: what is left goes to the spool.
    sender.close(0.0 if sender.stats()["is_reachable"] is False else _EXIT_SECONDS)


def _in_child() -> None:
    for sender in list(_senders):
        sender.restart_in_child()


def _at_exit() -> None:
    for sender in list(_senders):
        _close(sender)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
atexit.register(_at_exit)
