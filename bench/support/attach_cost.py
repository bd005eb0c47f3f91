"""
What a call costs a healer more when it is attached to the exporter at argv[1]: rounds that take
turns between a bare healer and an attached one, the sending thread at work all the while. Prints JSON.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "clients" / "python"))

from selfhealer_events import attach  # noqa: E402
from selfhealer_events._standin import (  # noqa: E402
    AgentRestartStrategy,
    PredictiveHealing,
    SelfHealer,
)

url, rounds, calls = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
METADATA = {"agent_id": "agent-1", "restored": True, "attempt": 1, "region": "eu", "load": 0.7}


def healer() -> SelfHealer:
    made = SelfHealer()
    made.register_strategy("agent_down", AgentRestartStrategy(lambda: 0.9))
    return made


def heal(of: SelfHealer, _predictor: PredictiveHealing) -> float:
    events = [{"type": "agent_down", "agent_id": f"agent-{n % 50}", **METADATA} for n in range(calls)]
    failures = [of.detect_failure(event) for event in events]
    began = time.perf_counter()
    for failure in failures:
        of.heal(failure)
    return (time.perf_counter() - began) / calls * 1e6


def detect(of: SelfHealer, _predictor: PredictiveHealing) -> float:
    event = {"type": "agent_down", "agent_id": "agent-1", **METADATA}
    began = time.perf_counter()
    for _ in range(calls):
        of.detect_failure(event)
    return (time.perf_counter() - began) / calls * 1e6


def overlook(of: SelfHealer, _predictor: PredictiveHealing) -> float:
    event = {"type": "heartbeat", "agent_id": "agent-1"}
    began = time.perf_counter()
    for _ in range(calls):
        of.detect_failure(event)
    return (time.perf_counter() - began) / calls * 1e6


def predict(_of: SelfHealer, predictor: PredictiveHealing) -> float:
    event = {"type": "agent_down", "agent_id": "agent-1"}
    began = time.perf_counter()
    for _ in range(calls):
        (prediction,) = predictor.predict_failures([event])
        predictor.record_prediction_outcome(prediction, True)
    return (time.perf_counter() - began) / calls / 2 * 1e6


bare, attached = healer(), healer()
bare_predictor, predictor = PredictiveHealing(bare), PredictiveHealing(attached)
attachment = attach(
    attached, predictor, url=url, source="/bench/attach", spool_dir=tempfile.mkdtemp()
)
micros = {}
for measure in (heal, detect, overlook, predict):
    times = micros[measure.__name__] = {"bare": [], "attached": []}
    for number in range(-1, rounds):
        pair = {"bare": measure(bare, bare_predictor), "attached": measure(attached, predictor)}
        assert attachment.flush(60), attachment.stats()
        if number >= 0:
            for name, value in pair.items():
                times[name].append(value)
stats = attachment.stats()
attachment.detach()
print(json.dumps({"micros": micros, "accepted": stats["accepted"], "dropped": stats["dropped"]}))
