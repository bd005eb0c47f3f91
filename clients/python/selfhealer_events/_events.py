"""The events of the contract as methods, each with the fields of its type."""

from datetime import datetime
from typing import Any, Dict, Optional, Sequence, Union

from ._identity import format_time, unix_ms

#: A datetime (naive is UTC), a text in RFC 3339 or as `str(datetime)` prints it, or unix seconds.
Time = Union[datetime, str, float, None]


class EventMethods:
    """
    None of them waits or raises. What they are given is checked by the exporter. The same
    `event_id` again is counted once; without one each call is an event of its own.
    """

    def emit(
        self,
        event_type: str,
        data: Dict[str, Any],
        *,
        event_id: Optional[str] = None,
        time: Time = None,
    ) -> None:
        raise NotImplementedError

    def failure_detected(
        self,
        failure_id: str,
        failure_type: str,
        *,
        agent_id: Optional[str] = None,
        severity: Optional[str] = None,
        detected_at: Time = None,
        event: Any = None,
        metadata: Any = None,
        event_id: Optional[str] = None,
    ) -> None:
        """`severity`: critical, high, medium or low."""
        self.emit(
            "failure.detected",
            {
                "failure_id": failure_id,
                "failure_type": failure_type,
                "agent_id": agent_id,
                "severity": severity,
                "detected_at": _time_text(detected_at),
                "event": event,
                "metadata": metadata,
            },
            event_id=event_id,
        )

    def healing_started(
        self,
        failure_id: str,
        strategy_used: str,
        *,
        failure_type: Optional[str] = None,
        agent_id: Optional[str] = None,
        event_id: Optional[str] = None,
    ) -> None:
        data = {
            "failure_id": failure_id,
            "strategy_used": strategy_used,
            "failure_type": failure_type,
            "agent_id": agent_id,
        }
        self.emit("healing.started", data, event_id=event_id)

    def healing_completed(
        self,
        failure_id: str,
        strategy_used: str,
        duration_ms: float,
        *,
        success: Optional[bool] = None,
        outcome: Optional[str] = None,
        reason: Optional[str] = None,
        actions_taken: Optional[Sequence[str]] = None,
        timestamp: Time = None,
        failure_type: Optional[str] = None,
        agent_id: Optional[str] = None,
        severity: Optional[str] = None,
        trigger: Optional[str] = None,
        metadata: Any = None,
        event_id: Optional[str] = None,
    ) -> None:
        """
        Either `success` or `outcome`: succeeded, failed or skipped. `reason` of a skipped one:
        no_strategy, declined, auto_heal_disabled, circuit_open or awaiting_approval. `trigger`:
        reactive (unless given) or preventive.
        """
        data = {
            "failure_id": failure_id,
            "strategy_used": strategy_used,
            "success": success,
            "outcome": outcome,
            "reason": reason,
            "duration_ms": duration_ms,
            "actions_taken": actions_taken,
            "timestamp": _time_text(timestamp),
            "failure_type": failure_type,
            "agent_id": agent_id,
            "severity": severity,
            "trigger": trigger,
            "metadata": metadata,
        }
        self.emit("healing.completed", data, event_id=event_id)

    def failure_resolved(
        self, failure_id: str, resolution: str, *, event_id: Optional[str] = None
    ) -> None:
        """It ended without a successful attempt: self_recovered, manual or expired."""
        data = {"failure_id": failure_id, "resolution": resolution}
        self.emit("failure.resolved", data, event_id=event_id)

    def strategy_registered(
        self, strategy: str, failure_types: Sequence[str], *, event_id: Optional[str] = None
    ) -> None:
        """Its series begin at 0."""
        data = {"strategy": strategy, "failure_types": list(failure_types)}
        self.emit("strategy.registered", data, event_id=event_id)

    def failure_predicted(
        self,
        prediction_id: str,
        failure_type: str,
        confidence: float,
        *,
        agent_id: Optional[str] = None,
        expected_time_ms: Optional[float] = None,
        predictor: Optional[str] = None,
        reasoning: Optional[str] = None,
        recommended_action: Optional[str] = None,
        pattern_indicators: Optional[Sequence[str]] = None,
        event_id: Optional[str] = None,
    ) -> None:
        """`predictor`: pattern, trend, health, queue, bottleneck. `expected_time_ms`: from now."""
        data = {
            "prediction_id": prediction_id,
            "failure_type": failure_type,
            "confidence": confidence,
            "agent_id": agent_id,
            "expected_time_ms": expected_time_ms,
            "source": predictor,
            "reasoning": reasoning,
            "recommended_action": recommended_action,
            "pattern_indicators": pattern_indicators,
        }
        self.emit("failure.predicted", data, event_id=event_id)

    def prediction_resolved(
        self, prediction_id: str, outcome: str, *, event_id: Optional[str] = None
    ) -> None:
        """`outcome`: occurred, prevented, false_positive or expired."""
        data = {"prediction_id": prediction_id, "outcome": outcome}
        self.emit("prediction.resolved", data, event_id=event_id)

    def circuit_changed(
        self,
        circuit: str,
        state: str,
        *,
        strategy: Optional[str] = None,
        event_id: Optional[str] = None,
    ) -> None:
        """`state`: closed, open or half_open."""
        data = {"circuit": circuit, "state": state, "strategy": strategy}
        self.emit("circuit.changed", data, event_id=event_id)

    def degradation_changed(
        self, resource: str, level: int, *, event_id: Optional[str] = None
    ) -> None:
        """`level`: 0 full service … 4 minimal."""
        self.emit("degradation.changed", {"resource": resource, "level": level}, event_id=event_id)

    def heartbeat(self) -> None:
        """The source is alive. Sent by itself when nothing else was for a while."""
        self.emit("heartbeat", {})


def _time_text(value: Time) -> Any:
    """Seconds become a text; what is no time stays, for the exporter to say so."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        time_ms = unix_ms(value)
        return value if time_ms is None else format_time(time_ms)
    return value
