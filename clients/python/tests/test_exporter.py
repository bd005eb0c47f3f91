"""Against the exporter itself, as it was built, in a process of its own."""

import json
import logging
import random
import subprocess
import sys
import threading
import time
import unittest
from dataclasses import asdict
from pathlib import Path
from typing import Any, Dict, List

import stage
from selfhealer_events import EventClient, attach, import_history
from selfhealer_events._standin import (
    AgentRestartStrategy,
    CircuitBreakerStrategy,
    Failure,
    GradualDegradationStrategy,
    PredictiveHealing,
    SelfHealer,
    TaskRetryStrategy,
    now,
)
from stage import RealExporter

_EVERYTHING = 10**9


class WithExporter(unittest.TestCase):
    def setUp(self) -> None:
        logging.getLogger("selfhealer_events").setLevel(logging.CRITICAL)
        self.addCleanup(logging.getLogger("selfhealer_events").setLevel, logging.NOTSET)
        self.exporter = RealExporter(self)
        self.spool_dir = stage.temporary_dir(self)

    def compare(self, healer: SelfHealer, source: str) -> None:
        """The report with the healer's own history, of attempts that ran."""
        history = healer.get_healing_history(_EVERYTHING)
        ran = [r for r in history if not _is_no_attempt(r)]
        stats = self.exporter.stats_of(source)
        self.assertEqual(stats["total_healings"], len(ran))
        self.assertEqual(stats["success_count"], sum(r.success for r in ran))
        self.assertEqual(stats["failure_count"], sum(not r.success for r in ran))
        total_ms = sum(r.duration_ms for r in ran)
        self.assertAlmostEqual(stats["avg_healing_time_ms"] * len(ran), total_ms, places=3)
        of_strategies = self.exporter.get(f"/api/v1/strategies?source={source}")
        for strategy in of_strategies["strategy_effectiveness"]:
            own = [r.success for r in ran if r.strategy_used == strategy["name"]]
            self.assertEqual(strategy["success_count"], sum(own), strategy["name"])
            self.assertEqual(strategy["failure_count"], len(own) - sum(own), strategy["name"])


class Reports(WithExporter):
    def test_the_report_says_what_the_history_says(self) -> None:
        random.seed(20261123)
        healer = SelfHealer()
        healer.register_strategy("agent_down", AgentRestartStrategy(lambda: 0.7))
        healer.register_strategy("task_timeout", TaskRetryStrategy(lambda: 0.4))
        healer.register_strategy("flapping", CircuitBreakerStrategy(3, 0.05))
        healer.register_strategy("memory", GradualDegradationStrategy())
        predictor = PredictiveHealing(healer)
        types = ("agent_down", "task_timeout", "flapping", "memory", "unheard_of")
        failures = _heal_at_random(healer, types, 200)
        attachment = attach(
            healer, predictor, url=self.exporter.url, source="/t", spool_dir=self.spool_dir
        )
        failures += _heal_at_random(healer, types, 300)
        (prediction,) = predictor.predict_failures([{"type": "agent_down", "agent_id": "p"}])
        predictor.apply_preventive_healing(prediction, auto_apply=True)
        self.assertTrue(attachment.flush(30))
        stats = attachment.stats()
        self.assertEqual((stats["rejected"], stats["dropped"]), (0, 0), stats)
        self.compare(healer, "/t")
        # Those of unheard types that were not healed before it was attached left no trace.
        untold = sum(f.failure_type == "unheard_of" for f in failures[:200])
        told = self.exporter.stats_of("/t")["total_failures"]
        self.assertEqual(told, len(failures) - untold)
        self.assertTrue(attachment.detach(30))
        done = import_history(healer, self.exporter.url, "/t")
        self.assertEqual(done["accepted"], 0)
        self.compare(healer, "/t")

    def test_an_import_by_the_exporter_itself_knows_what_was_sent_already(self) -> None:
        healer = SelfHealer()
        healer.register_strategy("agent_down", AgentRestartStrategy(lambda: 0.7))
        _heal_at_random(healer, ("agent_down",), 50)
        done = import_history(healer, self.exporter.url, "/i")
        self.assertEqual(done["rejected"], 0)
        path = stage.temporary_dir(self) / "history.ndjson"
        results = healer.get_healing_history(_EVERYTHING)
        path.write_text("".join(json.dumps(asdict(r), default=str) + "\n" for r in results))
        self.exporter.run("import", str(path), "--source", "/i", "--url", self.exporter.url)
        self.compare(healer, "/i")

    def test_hostile_values_cost_no_attempt(self) -> None:
        healer = SelfHealer()
        healer.register_strategy("t", AgentRestartStrategy(lambda: 1.0))
        attachment = attach(healer, url=self.exporter.url, source="/h", spool_dir=self.spool_dir)
        deep: Any = 1
        for _ in range(5_000):
            deep = [deep]
        odd: List[Any] = ["\ud800", 'a"b,c\n', "x" * 10**5, float("nan"), 10**400, deep, {1: {2}}]
        odd += [b"\xff\x00", now().replace(tzinfo=None), object(), "__overflow__", "", "😀" * 300]
        for number, value in enumerate(odd):
            failure = Failure(f"f_{number}", "t", None, "high", now(), {"odd": value}, {"odd": value})
            healer.heal(failure)
            named = value if isinstance(value, str) and value else f"g_{number}"
            healer.heal(Failure(named, "t", value, value, value, value, {"agent_id": value}))
        self.assertTrue(attachment.flush(30))
        stats = attachment.stats()
        self.assertEqual((stats["rejected"], stats["dropped"]), (0, 0), stats)
        self.assertEqual(self.exporter.stats_of("/h")["total_healings"], 2 * len(odd))

    def test_what_was_learned_can_be_read_back(self) -> None:
        client = EventClient(
            self.exporter.url, "/r", spool_dir=self.spool_dir, read_seconds=20, cache_seconds=0
        )
        self.addCleanup(client.close, 0.0)
        self.assertIsNone(client.best_strategy("agent_down"))
        for number in range(60):
            for strategy, success in (("Good", number % 10 != 0), ("Bad", number % 10 == 0)):
                failure_id = f"agent_down_{strategy}{number}"
                client.failure_detected(failure_id, "agent_down", agent_id=f"a{number}")
                client.healing_completed(failure_id, strategy, 100 + number, success=success)
        self.assertTrue(client.flush(30))
        for context in ({}, {"severity": "high", "attempt": 1, "agent_id": "a1", "colour": "red"}):
            best = client.best_strategy("agent_down", **context)
            assert best is not None
            self.assertEqual(best["strategy"], "Good")
        tuning = client.tuning("Good")
        assert tuning is not None
        self.assertIsNotNone(tuning["attempt_timeout_ms"]["value"])
        self.assertIsNone(client.tuning("nobody"))
        recommendations = client.recommendations()
        assert recommendations is not None
        self.assertIn("Bad", {item.get("strategy") for item in recommendations})


class Kills(WithExporter):
    def test_kills_of_the_exporter_under_load_lose_nothing_and_count_nothing_twice(self) -> None:
        healer = SelfHealer()
        healer.register_strategy("agent_down", AgentRestartStrategy(lambda: 0.7))
        attachment = attach(healer, url=self.exporter.url, source="/k", spool_dir=self.spool_dir)
        self.addCleanup(attachment.detach, 0.0)
        stop = threading.Event()

        def heal_until_stopped(name: int) -> None:
            number = 0
            while not stop.wait(0.0005):
                number += 1
                failure = Failure(f"agent_{name}_{number}", "agent_down", "a", "low", now(), {})
                healer.heal(failure)

        threads = [threading.Thread(target=heal_until_stopped, args=(i,)) for i in range(3)]
        for thread in threads:
            thread.start()
        try:
            for _ in range(4):
                time.sleep(0.3)
                self.exporter.kill()
                time.sleep(0.2)
                self.exporter.start()
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        self.assertTrue(attachment.flush(60), attachment.stats())
        stats = attachment.stats()
        self.assertEqual((stats["rejected"], stats["dropped"]), (0, 0), stats)
        self.compare(healer, "/k")
        failures = self.exporter.stats_of("/k")["total_failures"]
        self.assertEqual(failures, len(healer.get_healing_history(_EVERYTHING)))

    def test_kills_of_the_healer_lose_nothing_that_flush_returned_for(self) -> None:
        flushed = 0
        healed = 0
        for number in range(3):
            said = self._killed_healer(f"p{number}", flush_seconds=20, rounds=4)
            flushed += said["flushed"]
            healed += said["healed"]
        self._heir()
        # Each failure was healed once: a second count of either would tell them apart.
        stats = self.exporter.stats_of("/killed")
        self.assertEqual(stats["total_failures"], stats["total_healings"])
        self.assertGreaterEqual(stats["total_healings"], flushed)
        self.assertLessEqual(stats["total_healings"], healed + 3 * 20)
        self.assertGreater(flushed, 0)

    def test_what_a_killed_healer_had_on_disk_is_sent_by_the_next(self) -> None:
        self.exporter.kill()
        said = self._killed_healer("p", flush_seconds=1, rounds=3)
        self.assertEqual(said["flushed"], 0)
        self.assertGreater(said["spooled"], 0)
        self.exporter.start()
        self.assertGreaterEqual(self._heir()["accepted"], said["spooled"])

    def _heir(self) -> Dict[str, Any]:
        """What a client did that came after the killed ones."""
        heir = EventClient(self.exporter.url, "/killed", spool_dir=self.spool_dir)
        self.addCleanup(heir.close, 0.0)
        self.assertTrue(heir.flush(30), heir.stats())
        self.assertEqual(heir.stats()["rejected"], 0)
        return heir.stats()

    def _killed_healer(self, name: str, flush_seconds: float, rounds: int) -> Dict[str, int]:
        """Killed after so many rounds of heals; the last number that it said of each kind."""
        script = Path(__file__).with_name("killed_healer.py")
        arguments = [self.exporter.url, str(self.spool_dir), name, str(flush_seconds)]
        process = subprocess.Popen(
            [sys.executable, str(script), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        said = {"flushed": 0, "spooled": 0, "healed": 0}
        assert process.stdout is not None
        while rounds > 0:
            word, count = process.stdout.readline().split()
            said[word] = int(count)
            rounds -= word == "healed"
        process.kill()
        rest, _ = process.communicate()
        for line in rest.splitlines():
            word, count = line.split()
            said[word] = int(count)
        return said


def _is_no_attempt(result: Any) -> bool:
    """As docs/moai-flow.md has it: it failed fast, only counted, or only degraded."""
    told = result.metadata
    if told.get("fail_fast") or "degradation_level" in told:
        return True
    return bool(result.success) and "circuit_state" in told


def _heal_at_random(healer: SelfHealer, types: Any, count: int) -> List[Failure]:
    failures = []
    for number in range(count):
        event = {
            "type": random.choice(types),
            "agent_id": f"agent-{number}",
            "resource_type": "ram",
            "usage_percent": random.choice((50, 92, 99)),
        }
        failure = healer.detect_failure(event)
        assert failure is not None
        failures.append(failure)
        healer.heal(failure)
        if random.random() < 0.2:
            healer.heal(failure)
    return failures


if __name__ == "__main__":
    unittest.main()
