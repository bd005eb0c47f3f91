"""
From what the original says to what the contract says. All of its quirks are known here, in
`_outcome`, `_shapes` and `_predictions`, and nowhere else. Runs on the sender's thread.
"""

import uuid
from typing import Any, Dict, List, Optional, Sequence

from ._identity import digest, result_id, unix_ms
from ._names import name_of
from ._numbers import duration_ms
from ._outcome import circuit_state, degradation_level, outcome_of
from ._predictions import Predictions, failure_type_of
from ._recent import Recent
from ._seen import SeenFailure, SeenResult, metadata_of, read
from ._shapes import Shape, shape_of
from ._wire import Event

_REMEMBERED_MAX = 20_000
_SEVERITIES = frozenset(("critical", "high", "medium", "low"))


class Translator:
    """Each method gives the events to send. Times are unix milliseconds. Not thread-safe."""

    def __init__(self) -> None:
        self.predictions = Predictions()
        self._announced: Recent[str, bool] = Recent(_REMEMBERED_MAX)
        self._occurrences: Recent[str, int] = Recent(_REMEMBERED_MAX)
        self._circuits: Recent[str, str] = Recent(_REMEMBERED_MAX)
        self._levels: Recent[str, int] = Recent(_REMEMBERED_MAX)
        #: Classes whose results bear another name: a start under theirs would never end.
        self._misnamed: Recent[str, bool] = Recent(_REMEMBERED_MAX)

    def strategy(self, strategy: str, failure_types: Sequence[Any], now_ms: float) -> List[Event]:
        types = sorted({name for name in map(name_of, failure_types) if name is not None})
        data = {"strategy": name_of(strategy), "failure_types": types}
        return [Event("strategy.registered", f"strategy-{digest([strategy, types])}", now_ms, data)]

    def failure(self, failure: SeenFailure, now_ms: float) -> List[Event]:
        """Nothing when it has been told before, is only expected, or is nothing with a name."""
        failure_id = name_of(failure.failure_id)
        if failure_id is None or metadata_of(failure).get("predicted") is True:
            return []
        detected_ms = unix_ms(failure.detected_at)
        event_id = "failure-" + digest([_text(failure.failure_id), detected_ms])
        if self._announced.get(event_id):
            return []
        self._announced.put(event_id, True)
        data = _known(
            failure_id=failure_id,
            failure_type=name_of(failure.failure_type) or _type_by_id(failure_id),
            agent_id=_agent_of(failure),
            severity=_severity(failure.severity),
            event=failure.event,
            metadata=failure.metadata,
        )
        _drop_no_agent(data)
        return [Event("failure.detected", event_id, _not_ahead(detected_ms, now_ms), data)]

    def started(self, failure: SeenFailure, strategy: str, now_ms: float) -> List[Event]:
        events = self.failure(failure, now_ms)
        failure_id = name_of(failure.failure_id)
        if failure_id is None or self._misnamed.get(strategy):
            return events
        data = _known(
            failure_id=failure_id,
            strategy_used=name_of(strategy),
            failure_type=name_of(failure.failure_type),
            agent_id=_agent_of(failure),
        )
        events.append(Event("healing.started", "start-" + uuid.uuid4().hex, now_ms, data))
        return events

    def finished(
        self,
        failure: SeenFailure,
        result: SeenResult,
        announced: Optional[str],
        elapsed_ms: Optional[float],
        now_ms: float,
    ) -> List[Event]:
        """`announced`: the strategy of `started`; `elapsed_ms`: how long the call took."""
        if announced is not None and announced != result.strategy_used:
            self._misnamed.put(announced, True)
        is_preventive = metadata_of(failure).get("predicted") is True
        context = _known(
            failure_type=name_of(failure.failure_type),
            agent_id=_agent_of(failure),
            severity=_severity(failure.severity),
            trigger="preventive" if is_preventive else None,
        )
        events = self.failure(failure, now_ms)
        events += self._result(result, context, elapsed_ms, now_ms)
        return events

    def raised(
        self, failure: SeenFailure, strategy: str, error: str, elapsed_ms: float, now_ms: float
    ) -> List[Event]:
        """A strategy that raised has tried and failed; the original's history does not say so."""
        is_preventive = metadata_of(failure).get("predicted") is True
        data = _known(
            failure_id=name_of(failure.failure_id),
            strategy_used=name_of(strategy),
            success=False,
            duration_ms=duration_ms(elapsed_ms),
            failure_type=name_of(failure.failure_type),
            agent_id=_agent_of(failure),
            severity=_severity(failure.severity),
            trigger="preventive" if is_preventive else None,
            metadata={"error": error, "raised": True},
        )
        event_id = "raised-" + uuid.uuid4().hex
        return [*self.failure(failure, now_ms), Event("healing.completed", event_id, now_ms, data)]

    def prevention(
        self, prediction: Any, result: SeenResult, is_told: bool, elapsed_ms: float, now_ms: float
    ) -> List[Event]:
        """`is_told`: the healer's own `heal` has already told the result."""
        events = self.predictions.predicted(prediction, now_ms)
        if outcome_of(result).outcome == "succeeded":
            self.predictions.prevented(prediction)
        if not is_told:
            context = _known(
                failure_type=name_of(failure_type_of(prediction)),
                agent_id=name_of(read(prediction, "agent_id")),
                trigger="preventive",
            )
            events += self._result(result, context, elapsed_ms, now_ms)
        return events

    def past(self, result: SeenResult, now_ms: float) -> List[Event]:
        """One of a history, told in order of time: what it was about is read from its id."""
        metadata = metadata_of(result)
        shape = shape_of(result.failure_id)
        given_type = metadata.get("failure_type")
        context = _known(
            failure_type=name_of(given_type if isinstance(given_type, str) else shape.failure_type),
            agent_id=_agent_of_result(metadata, shape),
            trigger="preventive" if shape.is_preventive else None,
        )
        return self._result(result, context, None, now_ms)

    def _result(
        self,
        result: SeenResult,
        context: Dict[str, Any],
        elapsed_ms: Optional[float],
        now_ms: float,
    ) -> List[Event]:
        result_ms = unix_ms(result.timestamp)
        event_id = self._result_id(result, result_ms)
        time_ms = _not_ahead(result_ms, now_ms)
        took_ms = duration_ms(result.duration_ms)
        outcome = outcome_of(result)
        is_skipped = outcome.outcome == "skipped"
        data = _known(
            failure_id=name_of(result.failure_id),
            strategy_used=name_of(result.strategy_used),
            success=bool(result.success),
            outcome="skipped" if is_skipped else None,
            reason=outcome.reason,
            duration_ms=duration_ms(elapsed_ms) if took_ms is None else took_ms,
            actions_taken=_actions(result.actions_taken),
            metadata=result.metadata,
        )
        data.update(context)
        _drop_no_agent(data)
        events = [Event("healing.completed", event_id, time_ms, data)]
        return events + self._moves(result, data, event_id, time_ms)

    def _moves(
        self, result: SeenResult, data: Dict[str, Any], event_id: str, time_ms: float
    ) -> List[Event]:
        """What a breaker or a degradation has moved, if anything."""
        metadata = metadata_of(result)
        strategy = data.get("strategy_used")
        events = []
        state = circuit_state(metadata)
        if state is not None:
            circuit = name_of(metadata.get("resource_id")) or _circuit_of(data)
            key = f"{strategy}\n{circuit}"
            if self._circuits.get(key) != state:
                self._circuits.put(key, state)
                moved = _known(circuit=circuit, state=state, strategy=strategy)
                events.append(Event("circuit.changed", f"{event_id}-circuit", time_ms, moved))
        level = degradation_level(metadata)
        if level is not None:
            resource = name_of(metadata.get("resource_type")) or "unknown"
            if self._levels.get(resource) != level:
                self._levels.put(resource, level)
                moved = {"resource": resource, "level": level}
                events.append(Event("degradation.changed", f"{event_id}-level", time_ms, moved))
        return events

    def _result_id(self, result: SeenResult, time_ms: Optional[float]) -> str:
        """Two results of one failure, strategy and microsecond are two: the second is numbered."""
        failure_id, strategy = _text(result.failure_id), _text(result.strategy_used)
        first = result_id(failure_id, strategy, 0 if time_ms is None else time_ms)
        number = (self._occurrences.get(first) or 0) + 1
        self._occurrences.put(first, number)
        return first if number == 1 else f"{first}-{number}"


def _known(**fields: Any) -> Dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else name_of(value) or ""


def _not_ahead(time_ms: Optional[float], now_ms: float) -> float:
    """It has happened already, so a time to come is a clock that was wrong or a zone left out."""
    return now_ms if time_ms is None else min(time_ms, now_ms)


def _type_by_id(failure_id: str) -> str:
    """As the exporter would take it where an attempt does not say."""
    return shape_of(failure_id).failure_type or failure_id.split("_", 1)[0] or "unknown"


def _severity(value: Any) -> Optional[str]:
    value = getattr(value, "value", value)
    word = value.lower() if isinstance(value, str) else None
    return word if word in _SEVERITIES else None


def _agent_of(failure: SeenFailure) -> Optional[str]:
    agent = name_of(failure.agent_id)
    return agent if agent is not None else name_of(metadata_of(failure).get("agent_id"))


def _drop_no_agent(data: Dict[str, Any]) -> None:
    """The exporter would take metadata.agent_id for the agent, and the event not at all."""
    metadata = data.get("metadata")
    if "agent_id" not in data and isinstance(metadata, dict) and "agent_id" in metadata:
        data["metadata"] = {key: metadata[key] for key in metadata if key != "agent_id"}


def _agent_of_result(metadata: Dict[Any, Any], shape: Shape) -> Optional[str]:
    agent = metadata.get("agent_id")
    return name_of(agent if isinstance(agent, str) and agent else shape.agent_id)


def _circuit_of(data: Dict[str, Any]) -> str:
    """As the original's breaker names it, where it did not say."""
    return data.get("agent_id") or name_of(f"resource_{data.get('failure_type', 'unknown')}") or ""


def _actions(actions: Any) -> Optional[List[str]]:
    if isinstance(actions, str):
        return [actions]
    if not isinstance(actions, (list, tuple)):
        return None
    return [item if isinstance(item, str) else f"<{type(item).__name__}>" for item in actions]
