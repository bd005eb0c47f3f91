"""A stand-in swarm against a running exporter: something to look at without a healer."""

import random
import time
from typing import Any, Callable, Dict, Optional

from ._attachment import attach
from ._standin import (
    AgentRestartStrategy,
    CircuitBreakerStrategy,
    GradualDegradationStrategy,
    PredictiveHealing,
    SelfHealer,
    TaskRetryStrategy,
)

_AGENTS = 12
_REPORT_SECONDS = 5.0


def run_demo(
    url: str,
    source: Optional[str],
    token: Optional[str],
    seconds: float,
    rate: float,
    say: Callable[[str], None],
) -> Dict[str, Any]:
    """
    About `rate` failures a second, for `seconds` (0: until interrupted); one strategy wears out on
    the way. Gives the last stats.
    """
    began = time.monotonic()

    def worn() -> float:
        """From 95 % down to 50 % within the first ten minutes."""
        return max(0.5, 0.95 - 0.45 * (time.monotonic() - began) / 600)

    healer = SelfHealer()
    healer.register_strategy("agent_down", AgentRestartStrategy(worn, lambda: 0.02))
    healer.register_strategy("task_timeout", TaskRetryStrategy(lambda: 0.8, lambda: 0.01))
    healer.register_strategy("agent_flapping", CircuitBreakerStrategy())
    healer.register_strategy("memory_pressure", GradualDegradationStrategy())
    predictor = PredictiveHealing(healer)
    attachment = attach(healer, predictor, url=url, source=source or "/demo/python", token=token)
    said_at = 0.0
    try:
        while seconds <= 0 or time.monotonic() - began < seconds:
            _step(healer, predictor)
            if time.monotonic() - said_at >= _REPORT_SECONDS:
                said_at = time.monotonic()
                say(_line(attachment.stats(), len(healer.get_healing_history(1_000_000))))
            time.sleep(random.expovariate(rate))
    except KeyboardInterrupt:
        pass
    attachment.flush(5.0)
    stats = attachment.stats()
    say(_line(stats, len(healer.get_healing_history(1_000_000))))
    attachment.detach()
    return stats


def _step(healer: SelfHealer, predictor: PredictiveHealing) -> None:
    agent = f"agent-{random.randrange(_AGENTS):02}"
    failure_type = random.choices(
        ("agent_down", "task_timeout", "agent_flapping", "memory_pressure", "unheard_of"),
        (8, 6, 2, 1, 0.2),
    )[0]
    event: Dict[str, Any] = {"type": failure_type, "agent_id": agent}
    if failure_type == "memory_pressure":
        event.update(resource_type="memory", usage_percent=random.choice((50, 91, 96, 99.5)))
    if random.random() < 0.05:
        (prediction,) = predictor.predict_failures([event])
        result = predictor.apply_preventive_healing(prediction, auto_apply=random.random() < 0.5)
        if result.success:
            predictor.record_prediction_outcome(prediction, False)
            return
    failure = healer.detect_failure(event)
    for _ in range(3):
        if failure is None or healer.heal(failure).success:
            break


def _line(stats: Dict[str, Any], attempts: int) -> str:
    where = {None: "not asked yet", True: "reachable", False: f"away ({stats['last_error']})"}[
        stats["is_reachable"]
    ]
    return (
        f"{attempts} attempts; {stats['accepted']} events accepted, {stats['waiting']} waiting, "
        f"{stats['rejected']} rejected; exporter {where}"
    )
