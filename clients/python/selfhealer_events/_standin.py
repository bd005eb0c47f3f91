"""
A healer of the original's shape, quirks included, that heals nothing: for the demo and the tests.
"""

import random
import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Callable, Dict, List, Optional


@dataclass
class Failure:
    failure_id: str
    failure_type: str
    agent_id: Optional[str]
    severity: str
    detected_at: datetime
    event: Dict[str, Any]
    metadata: Dict[str, Any] = field(default_factory=dict)


@dataclass
class HealingResult:
    success: bool
    failure_id: str
    strategy_used: str
    actions_taken: List[str]
    duration_ms: int
    timestamp: datetime
    metadata: Dict[str, Any] = field(default_factory=dict)


@dataclass
class PredictedFailure:
    failure_type: str
    agent_id: Optional[str]
    confidence: float
    expected_time_ms: Optional[int]
    reasoning: str
    recommended_action: str
    pattern_indicators: List[str]
    prediction_id: str
    predicted_at: datetime
    source: str = "unknown"


def now() -> datetime:
    return datetime.now(timezone.utc)


def result_of(
    failure: Failure,
    strategy: str,
    success: bool,
    metadata: Dict[str, Any],
    duration_ms: int = 0,
    actions: Optional[List[str]] = None,
) -> HealingResult:
    actions = ["tried"] if actions is None else actions
    return HealingResult(
        success, failure.failure_id, strategy, actions, duration_ms, now(), metadata
    )


class AgentRestartStrategy:
    """Succeeds as often as `odds()` says, and takes as long as it says."""

    def __init__(self, odds: Callable[[], float], seconds: Callable[[], float] = lambda: 0.0):
        self._odds = odds
        self._seconds = seconds

    def can_heal(self, failure: Failure) -> bool:
        return failure.metadata.get("declined") is not True

    def heal(self, failure: Failure, _coordinator: Any) -> HealingResult:
        began = time.perf_counter()
        time.sleep(self._seconds())
        success = random.random() < self._odds()
        took_ms = int((time.perf_counter() - began) * 1000)
        metadata = {"agent_id": failure.agent_id} if success else {"error": "it did not come back"}
        return result_of(failure, type(self).__name__, success, metadata, took_ms)


class TaskRetryStrategy(AgentRestartStrategy):
    """The same for tasks, under its own name."""


class CircuitBreakerStrategy:
    """Counts failures as successes until it opens; then fails fast; then tries once."""

    def __init__(self, failures_max: int = 3, open_seconds: float = 5.0) -> None:
        self._failures_max = failures_max
        self._open_seconds = open_seconds
        self._failures: Dict[str, int] = {}
        self._opened_at: Dict[str, float] = {}
        self._is_half_open: Dict[str, bool] = {}

    def can_heal(self, _failure: Failure) -> bool:
        return True

    def heal(self, failure: Failure, _coordinator: Any) -> HealingResult:
        circuit = failure.agent_id or f"resource_{failure.failure_type}"
        if self._is_half_open.pop(circuit, False):
            return self._opened(failure, circuit, "reopened")
        if circuit not in self._opened_at:
            count = self._failures.get(circuit, 0) + 1
            self._failures[circuit] = count
            if count >= self._failures_max:
                return self._opened(failure, circuit, "opened")
            said = {"circuit_state": "closed", "failure_count": count, "resource_id": circuit}
            return result_of(failure, "CircuitBreakerStrategy", True, said)
        elapsed = time.monotonic() - self._opened_at[circuit]
        if elapsed < self._open_seconds:
            said = {"circuit_state": "open", "resource_id": circuit, "fail_fast": True}
            return result_of(failure, "CircuitBreakerStrategy", False, said)
        self._is_half_open[circuit] = True
        said = {"circuit_state": "half_open", "elapsed_seconds": elapsed, "resource_id": circuit}
        return result_of(failure, "CircuitBreakerStrategy", True, said)

    def _opened(self, failure: Failure, circuit: str, state: str) -> HealingResult:
        self._opened_at[circuit] = time.monotonic()
        said = {"circuit_state": state, "resource_id": circuit}
        return result_of(failure, "CircuitBreakerStrategy", False, said)


class GradualDegradationStrategy:
    """Always says that it succeeded."""

    _LEVELS = (("MINIMAL", 99), ("REDUCED_3", 98), ("REDUCED_2", 95), ("REDUCED_1", 90))

    def can_heal(self, _failure: Failure) -> bool:
        return True

    def heal(self, failure: Failure, _coordinator: Any) -> HealingResult:
        usage = failure.metadata.get("usage_percent", 0)
        level = next((name for name, least in self._LEVELS if usage >= least), "FULL")
        resource = failure.metadata.get("resource_type", "unknown")
        said = {"resource_type": resource, "degradation_level": level, "usage_percent": usage}
        return result_of(failure, "GradualDegradationStrategy", True, said)


class SelfHealer:
    """Detects, heals, remembers; not recorded is what it did not try."""

    def __init__(self, auto_heal: bool = True) -> None:
        self._auto_heal = auto_heal
        self._healing_strategies: Dict[str, Any] = {}
        self._healing_history: List[HealingResult] = []
        self._lock = threading.RLock()
        self._numbers = 0

    def register_strategy(self, failure_type: str, strategy: Any) -> None:
        with self._lock:
            self._healing_strategies[failure_type] = strategy

    def detect_failure(self, event: Dict[str, Any]) -> Optional[Failure]:
        failure_type = event.get("type")
        if not isinstance(failure_type, str) or failure_type == "heartbeat":
            return None
        with self._lock:
            self._numbers += 1
            number = self._numbers
        failure_id = f"{failure_type}_{number}_{int(time.time() * 1000)}"
        severity = event.get("severity", "high")
        return Failure(
            failure_id, failure_type, event.get("agent_id"), severity, now(), event, dict(event)
        )

    def heal(self, failure: Failure) -> HealingResult:
        with self._lock:
            strategy = self._healing_strategies.get(failure.failure_type)
            if strategy is None:
                return result_of(failure, "None", False, {"error": "No matching strategy"})
            name = type(strategy).__name__
            if not strategy.can_heal(failure):
                return result_of(failure, name, False, {"error": "Strategy not applicable"})
            if not self._auto_heal:
                return result_of(failure, name, False, {"suggestion": True, "auto_heal": False})
            result: HealingResult = strategy.heal(failure, None)
            self._healing_history.append(result)
            return result

    def get_healing_history(self, limit: int = 100) -> List[HealingResult]:
        with self._lock:
            return list(reversed(self._healing_history[-limit:]))


class PredictiveHealing:
    """Its predictions of one millisecond share an id."""

    def __init__(self, self_healer: SelfHealer) -> None:
        self.self_healer = self_healer

    def predict_failures(self, current_events: List[Dict[str, Any]]) -> List[PredictedFailure]:
        prediction_id = f"pred-{int(time.time() * 1000)}"
        return [
            PredictedFailure(
                failure_type=event["type"],
                agent_id=event.get("agent_id"),
                confidence=event.get("confidence", 0.8),
                expected_time_ms=event.get("expected_time_ms", 60_000),
                reasoning="it looks like it",
                recommended_action="watch it",
                pattern_indicators=["stand-in"],
                prediction_id=prediction_id,
                predicted_at=now(),
                source=event.get("source", "trend"),
            )
            for event in current_events
        ]

    def apply_preventive_healing(
        self, prediction: PredictedFailure, auto_apply: bool = False
    ) -> HealingResult:
        failure = Failure(
            f"predicted_{prediction.failure_type}_{int(time.time() * 1000)}",
            prediction.failure_type,
            prediction.agent_id,
            "medium",
            now(),
            {"type": "predicted_failure"},
            {"predicted": True},
        )
        if auto_apply:
            return self.self_healer.heal(failure)
        said = {"prediction": prediction.__dict__, "manual_approval_required": True}
        return result_of(failure, "PredictiveHealing", False, said)

    def record_prediction_outcome(self, prediction: PredictedFailure, occurred: bool) -> None:
        """The original learns from it."""
