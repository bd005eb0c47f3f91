"""The history that a healer holds already, told once: each result has an id of its own making."""

import logging
import sys
import time
from typing import Any, Collection, Dict, Iterator, List, Tuple

from ._seen import read, seen_result
from ._translator import Translator
from ._wire import Event

_log = logging.getLogger("selfhealer_events")


def history_of(self_healer: Any) -> List[Any]:
    """Oldest first. Empty when it has none or cannot say; raises nothing."""
    recall = read(self_healer, "get_healing_history")
    if not callable(recall):
        return []
    for arguments in ((sys.maxsize,), ()):
        try:
            results = list(recall(*arguments))
        except Exception:
            continue
        results.reverse()
        return results
    return []


def strategies_of(self_healer: Any) -> List[Tuple[str, List[Any]]]:
    """Name of each registered strategy and its failure types."""
    registered = read(self_healer, "_healing_strategies")
    if not isinstance(registered, dict):
        return []
    types_of: Dict[str, List[Any]] = {}
    for failure_type, strategy in list(registered.items()):
        types_of.setdefault(type(strategy).__name__, []).append(failure_type)
    return list(types_of.items())


def past_events(
    translator: Translator, results: Collection[Any], told: Collection[Any]
) -> Iterator[Event]:
    """`told`: results, the same objects, that were told when they came about."""
    told_ids = {id(result) for result in told}
    for result in results:
        seen = seen_result(result) if id(result) not in told_ids else None
        if seen is None:
            continue
        try:
            events = translator.past(seen, time.time() * 1000)
        except Exception:
            _log.warning("a result of the history could not be told", exc_info=True)
        else:
            yield from events
