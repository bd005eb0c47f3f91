"""
What a call costs a healer more when it is attached to the exporter at argv[1]: small rounds that
take turns between a bare healer and an attached one, the sending thread at work all the while.
Prints JSON.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Dict, List

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "clients" / "python"))

from selfhealer_events import attach  # noqa: E402
from selfhealer_events._standin import (  # noqa: E402
    AgentRestartStrategy,
    PredictiveHealing,
    SelfHealer,
    result_of,
)

url, rounds, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
METADATA = {"agent_id": "agent-1", "restored": True, "attempt": 1, "region": "eu", "load": 0.7}
DOWN = {"type": "agent_down", **METADATA}


class QuickStrategy(AgentRestartStrategy):
    """Does nothing, so that nothing but the calls is measured."""

    def heal(self, failure: Any, _coordinator: Any) -> Any:
        return result_of(failure, "QuickStrategy", True, {"agent_id": failure.agent_id}, 1)


class Side:
    def __init__(self) -> None:
        self.healer = SelfHealer()
        self.healer.register_strategy("agent_down", QuickStrategy(lambda: 1.0))
        # Lets go of the interpreter, as every strategy that does something will.
        self.healer.register_strategy("agent_slow", AgentRestartStrategy(lambda: 1.0))
        self.predictor = PredictiveHealing(self.healer)


def heal(side: Side) -> float:
    failures = [side.healer.detect_failure(DOWN) for _ in range(calls)]
    return micros_of(side.healer.heal, failures)


def heal_slowly(side: Side) -> float:
    event = {**DOWN, "type": "agent_slow"}
    failures = [side.healer.detect_failure(event) for _ in range(calls)]
    return micros_of(side.healer.heal, failures)


def detect(side: Side) -> float:
    return micros_of(side.healer.detect_failure, [DOWN] * calls)


def overlook(side: Side) -> float:
    return micros_of(side.healer.detect_failure, [{"type": "heartbeat"}] * calls)


def predict(side: Side) -> float:
    return micros_of(side.predictor.predict_failures, [[DOWN]] * calls)


def micros_of(call: Callable[[Any], Any], arguments: List[Any]) -> float:
    began = time.perf_counter()
    for argument in arguments:
        call(argument)
    return (time.perf_counter() - began) / len(arguments) * 1e6


bare, attached = Side(), Side()
attachment = attach(
    attached.healer,
    attached.predictor,
    url=url,
    source="/bench/attach",
    spool_dir=tempfile.mkdtemp(),
)
micros: Dict[str, Dict[str, List[float]]] = {}
for measure in (heal, heal_slowly, detect, overlook, predict):
    times = micros[measure.__name__] = {"bare": [], "attached": []}
    for number in range(-1, rounds):
        pair = {"bare": measure(bare), "attached": measure(attached)}
        if number >= 0:
            for name, value in pair.items():
                times[name].append(value)
    assert attachment.flush(60), attachment.stats()
stats = attachment.stats()
attachment.detach()
print(json.dumps({"micros": micros, "accepted": stats["accepted"], "dropped": stats["dropped"]}))
