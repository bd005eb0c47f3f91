"""
Predictions of the original's PredictiveHealing. Its `pred-<milliseconds>` is the same for all that
are made within a millisecond; each gets a name of its own here, under which its outcome is told.
"""

from typing import Any, List, Optional, Tuple

from ._identity import digest, unix_ms
from ._names import name_of
from ._numbers import duration_ms, share
from ._recent import Recent
from ._seen import read
from ._wire import Event

_REMEMBERED_MAX = 10_000
_PREDICTORS = frozenset(("pattern", "trend", "health", "queue", "bottleneck"))


class Predictions:
    """Not thread-safe."""

    def __init__(self) -> None:
        # The objects are kept with their names: as long as they are, no other has their identity.
        self._names: Recent[int, Tuple[Any, str]] = Recent(_REMEMBERED_MAX)
        self._holders: Recent[str, int] = Recent(_REMEMBERED_MAX)
        self._prevented: Recent[str, bool] = Recent(_REMEMBERED_MAX)

    def predicted(self, prediction: Any, now_ms: float) -> List[Event]:
        """Nothing when it has been told before."""
        if self._known(prediction) is not None:
            return []
        name = self._claim(prediction)
        time_ms = unix_ms(read(prediction, "predicted_at"))
        data = {
            "prediction_id": name,
            "failure_type": name_of(failure_type_of(prediction)),
            "confidence": _confidence(prediction),
            "agent_id": name_of(read(prediction, "agent_id")),
            "expected_time_ms": _expected_ms(prediction),
            "source": _predictor(prediction),
            "reasoning": read(prediction, "reasoning"),
            "recommended_action": read(prediction, "recommended_action"),
            "pattern_indicators": read(prediction, "pattern_indicators"),
        }
        known = {key: value for key, value in data.items() if value is not None}
        at_ms = now_ms if time_ms is None else min(time_ms, now_ms)
        return [Event("failure.predicted", f"predicted-{digest([name])}", at_ms, known)]

    def prevented(self, prediction: Any) -> None:
        """A preventive attempt on it succeeded: should it not occur, that is why."""
        self._prevented.put(self._name(prediction), True)

    def resolved(self, prediction: Any, occurred: bool, now_ms: float) -> List[Event]:
        events = self.predicted(prediction, now_ms)
        name = self._name(prediction)
        if occurred:
            outcome = "occurred"
        else:
            outcome = "prevented" if self._prevented.get(name) else "false_positive"
        data = {"prediction_id": name, "outcome": outcome}
        events.append(Event("prediction.resolved", f"resolved-{digest([name])}", now_ms, data))
        return events

    def _name(self, prediction: Any) -> str:
        return self._known(prediction) or _derived_name(prediction)

    def _known(self, prediction: Any) -> Optional[str]:
        entry = self._names.get(id(prediction))
        return entry[1] if entry is not None and entry[0] is prediction else None

    def _claim(self, prediction: Any) -> str:
        """What makes it different is in its name; where nothing does, it is numbered."""
        derived = name = _derived_name(prediction)
        number = 1
        while self._holders.get(name) is not None:
            number += 1
            name = f"{derived}-{number}"
        self._holders.put(name, id(prediction))
        self._names.put(id(prediction), (prediction, name))
        return name


def failure_type_of(prediction: Any) -> Any:
    """SelfHealer and PredictiveHealing each have a PredictedFailure, with names of their own."""
    value = read(prediction, "failure_type")
    return read(prediction, "predicted_type") if value is None else value


def _derived_name(prediction: Any) -> str:
    given = name_of(read(prediction, "prediction_id")) or "pred"
    agent = name_of(read(prediction, "agent_id"))
    predicted_ms = unix_ms(read(prediction, "predicted_at"))
    parts = [given, name_of(failure_type_of(prediction)), agent, predicted_ms]
    return f"{given[:160]}-{digest(parts)[:12]}"


def _confidence(prediction: Any) -> Any:
    value = read(prediction, "confidence")
    return share(read(prediction, "probability") if value is None else value)


def _expected_ms(prediction: Any) -> Any:
    value = read(prediction, "expected_time_ms")
    return duration_ms(read(prediction, "time_to_failure_ms") if value is None else value)


def _predictor(prediction: Any) -> Any:
    source = read(prediction, "source")
    return source if isinstance(source, str) and source in _PREDICTORS else None
