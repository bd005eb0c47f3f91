"""
What really became of an attempt of the original. It says `success` True where a breaker only
recorded a failure, and False where nothing was tried; here that becomes one outcome and a reason.
"""

from typing import Any, Dict, NamedTuple, Optional

from ._seen import SeenResult, metadata_of

_CIRCUIT_STATES = {
    "opened": "open",
    "reopened": "open",
    "open": "open",
    "half_open": "half_open",
    "closed": "closed",
    "reset": "closed",
}
_LEVELS = {"FULL": 0, "REDUCED_1": 1, "REDUCED_2": 2, "REDUCED_3": 3, "MINIMAL": 4}
_BREAKER = "CircuitBreakerStrategy"
#: The original's breaker leaves one of these when it moved or counted, and healed nothing.
_BREAKER_MARKS = ("failure_count", "elapsed_seconds", "remaining_timeout_seconds")


class Outcome(NamedTuple):
    outcome: str  #: succeeded, failed, skipped
    reason: Optional[str] = None  #: of a skipped one, where the contract has a word for it


def outcome_of(result: SeenResult) -> Outcome:
    metadata = metadata_of(result)
    if not result.success:
        return _unsuccessful(result.strategy_used, metadata)
    if "degradation_level" in metadata or _is_breaker_at_work(result.strategy_used, metadata):
        return Outcome("skipped")
    return Outcome("succeeded")


def circuit_state(metadata: Dict[Any, Any]) -> Optional[str]:
    """closed, open or half_open; None when the result is not of a breaker."""
    state = metadata.get("circuit_state")
    state = getattr(state, "value", state)
    return _CIRCUIT_STATES.get(state.lower()) if isinstance(state, str) else None


def degradation_level(metadata: Dict[Any, Any]) -> Optional[int]:
    """0 full … 4 minimal; None when the result is not of a degradation."""
    level = metadata.get("degradation_level")
    level = getattr(level, "name", level)
    if isinstance(level, str):
        return _LEVELS.get(level.upper())
    if isinstance(level, int) and not isinstance(level, bool) and 0 <= level <= 4:
        return level
    return None


def _unsuccessful(strategy: Any, metadata: Dict[Any, Any]) -> Outcome:
    if strategy == "None":
        return Outcome("skipped", "no_strategy")
    if metadata.get("error") == "Strategy not applicable":
        return Outcome("skipped", "declined")
    if metadata.get("fail_fast") is True:
        return Outcome("skipped", "circuit_open")
    if metadata.get("manual_approval_required") is True:
        return Outcome("skipped", "awaiting_approval")
    if metadata.get("suggestion"):
        return Outcome("skipped", "auto_heal_disabled")
    return Outcome("failed")


def _is_breaker_at_work(strategy: Any, metadata: Dict[Any, Any]) -> bool:
    """A strategy of one's own that tells a circuit's state may well have healed."""
    if circuit_state(metadata) is None:
        return False
    return strategy == _BREAKER or any(mark in metadata for mark in _BREAKER_MARKS)
