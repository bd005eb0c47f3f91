"""A process to be killed: heals without end and says how much it has seen acknowledged and kept."""

import sys
from pathlib import Path

import stage  # noqa: F401
from selfhealer_events import attach
from selfhealer_events._standin import AgentRestartStrategy, Failure, SelfHealer, now

url, spool_dir, process_name, flush_seconds = sys.argv[1:]
healer = SelfHealer()
healer.register_strategy("agent_down", AgentRestartStrategy(lambda: 0.5))
attachment = attach(healer, url=url, source="/killed", spool_dir=Path(spool_dir))
healed = 0
while True:
    for _ in range(20):
        failure_id = f"{process_name}_{healed}"
        healer.heal(Failure(failure_id, "agent_down", f"agent-{healed}", "high", now(), {}))
        healed += 1
    if attachment.flush(float(flush_seconds)):
        print("flushed", healed, flush=True)
    print("spooled", attachment.stats()["spooled"], flush=True)
    print("healed", healed, flush=True)
