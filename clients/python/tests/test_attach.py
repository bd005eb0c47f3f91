import json
import logging
import threading
import unittest
from typing import Any, Dict, List

import stage
from selfhealer_events import Attachment, EventClient, attach, detach
from selfhealer_events._standin import (
    AgentRestartStrategy,
    CircuitBreakerStrategy,
    Failure,
    GradualDegradationStrategy,
    PredictiveHealing,
    SelfHealer,
    now,
)
from stage import FakeExporter


def always() -> float:
    return 1.0


class Attaching(unittest.TestCase):
    def setUp(self) -> None:
        self.exporter = FakeExporter(self)
        self.healer = SelfHealer()
        self.healer.register_strategy("agent_down", AgentRestartStrategy(always))

    def attach(self, predictor: Any = None, healer: Any = None, **options: Any) -> Attachment:
        options.setdefault("spool_dir", stage.temporary_dir(self))
        options.setdefault("source", "/t")
        healer = self.healer if healer is None else healer
        attachment = attach(healer, predictor, url=self.exporter.url, **options)
        self.addCleanup(attachment.detach, 0.0)
        return attachment

    def heal(self, failure_type: str = "agent_down", **event: Any) -> Any:
        failure = self.healer.detect_failure({"type": failure_type, "agent_id": "a", **event})
        assert failure is not None
        return self.healer.heal(failure)

    def test_a_heal_becomes_detection_start_and_completion(self) -> None:
        attachment = self.attach()
        result = self.heal()
        self.assertTrue(attachment.flush(10))
        types = [event["type"].replace("selfhealer.", "") for event in self.exporter.events]
        self.assertEqual(
            types,
            ["strategy.registered", "failure.detected", "healing.started", "healing.completed"],
        )
        (done,) = self.exporter.of_type("healing.completed")
        self.assertEqual(done["failure_id"], result.failure_id)
        self.assertEqual(done["failure_type"], "agent_down")

    def test_what_the_healer_gives_back_is_what_it_always_gave(self) -> None:
        self.attach()
        self.assertIsNone(self.healer.detect_failure({"type": "heartbeat"}))
        failure = self.healer.detect_failure(event={"type": "agent_down"})
        result = self.healer.heal(failure=failure)
        self.assertIs(result, self.healer.get_healing_history()[0])

    def test_strategies_are_announced_before_and_after(self) -> None:
        self.healer.register_strategy("agent_failed", AgentRestartStrategy(always))
        attachment = self.attach()
        self.healer.register_strategy(failure_type="x", strategy=CircuitBreakerStrategy())
        self.assertTrue(attachment.flush(10))
        self.assertEqual(
            self.exporter.of_type("strategy.registered"),
            [
                {
                    "strategy": "AgentRestartStrategy",
                    "failure_types": ["agent_down", "agent_failed"],
                },
                {"strategy": "CircuitBreakerStrategy", "failure_types": ["x"]},
            ],
        )

    def test_the_history_is_sent_oldest_first_and_under_the_same_ids_again(self) -> None:
        done = [self.heal().failure_id for _ in range(250)]
        first = self.attach()
        live = self.heal().failure_id
        self.assertTrue(first.flush(10))
        sent = self.exporter.of_type("healing.completed")
        self.assertEqual([data["failure_id"] for data in sent], [*done, live])
        ids = [e["id"] for e in self.exporter.events if e["type"].endswith("completed")]
        self.assertTrue(first.detach(10))
        self.exporter.events.clear()
        second = self.attach()
        self.assertTrue(second.flush(10))
        again = [e["id"] for e in self.exporter.events if e["type"].endswith("completed")]
        self.assertEqual(again, ids)

    def test_heals_while_attaching_are_sent_once_and_none_is_left_out(self) -> None:
        stop = threading.Event()
        threads = [threading.Thread(target=self._heal_until, args=(stop,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            attachment = self.attach()
            self.heal()
            self.assertTrue(attachment.detach(20))
        stop.set()
        for thread in threads:
            thread.join()
        attachment = self.attach()
        self.assertTrue(attachment.flush(20))
        ids = {e["id"] for e in self.exporter.events if e["type"].endswith("completed")}
        self.assertEqual(len(ids), len(self.healer.get_healing_history(10**9)))

    def _heal_until(self, stop: threading.Event) -> None:
        while not stop.wait(0.0005):
            self.heal()

    def test_quirks_arrive_translated(self) -> None:
        self.healer.register_strategy("flapping", CircuitBreakerStrategy(2, 3600))
        self.healer.register_strategy("memory", GradualDegradationStrategy())
        attachment = self.attach()
        for _ in range(3):
            self.heal("flapping")
        self.heal("memory", resource_type="ram", usage_percent=96)
        self.heal("unheard_of")
        self.heal(declined=True)
        self.healer._auto_heal = False
        self.heal()
        self.assertTrue(attachment.flush(10))
        told = [
            (data["strategy_used"], data.get("outcome"), data.get("reason"))
            for data in self.exporter.of_type("healing.completed")
        ]
        self.assertEqual(
            told,
            [
                ("CircuitBreakerStrategy", "skipped", None),
                ("CircuitBreakerStrategy", None, None),
                ("CircuitBreakerStrategy", "skipped", "circuit_open"),
                ("GradualDegradationStrategy", "skipped", None),
                ("None", "skipped", "no_strategy"),
                ("AgentRestartStrategy", "skipped", "declined"),
                ("AgentRestartStrategy", "skipped", "auto_heal_disabled"),
            ],
        )
        states = [data["state"] for data in self.exporter.of_type("circuit.changed")]
        self.assertEqual(states, ["closed", "open"])
        self.assertEqual(
            self.exporter.of_type("degradation.changed"), [{"resource": "ram", "level": 2}]
        )

    def test_a_strategy_that_raises_still_raises_and_has_failed(self) -> None:
        class Broken(AgentRestartStrategy):
            def heal(self, failure: Failure, _coordinator: Any) -> Any:
                raise KeyError("broken")

        self.healer.register_strategy("agent_down", Broken(always))
        attachment = self.attach()
        with self.assertRaisesRegex(KeyError, "broken"):
            self.heal()
        self.assertTrue(attachment.flush(10))
        (data,) = self.exporter.of_type("healing.completed")
        self.assertEqual((data["strategy_used"], data["success"]), ("Broken", False))

    def test_predictions_and_what_is_done_about_them(self) -> None:
        predictor = PredictiveHealing(self.healer)
        attachment = self.attach(predictor)
        events: List[Dict[str, Any]] = [{"type": "agent_down", "agent_id": a} for a in "abc"]
        first, second, third = predictor.predict_failures(events)
        queued = predictor.apply_preventive_healing(first)
        healed = predictor.apply_preventive_healing(second, auto_apply=True)
        predictor.record_prediction_outcome(first, True)
        predictor.record_prediction_outcome(prediction=second, occurred=False)
        predictor.record_prediction_outcome(third, occurred=False)
        self.assertTrue(attachment.flush(10))
        predicted = self.exporter.of_type("failure.predicted")
        names = [data["prediction_id"] for data in predicted]
        self.assertEqual(len(set(names)), 3)
        self.assertEqual(
            [(d["prediction_id"], d["outcome"]) for d in self.exporter.of_type("prediction.resolved")],
            [(names[0], "occurred"), (names[1], "prevented"), (names[2], "false_positive")],
        )
        completed = self.exporter.of_type("healing.completed")
        self.assertEqual([d["failure_id"] for d in completed], [queued.failure_id, healed.failure_id])
        self.assertEqual([d["trigger"] for d in completed], ["preventive", "preventive"])
        self.assertEqual(completed[0]["reason"], "awaiting_approval")
        self.assertEqual(self.exporter.of_type("failure.detected"), [])

    def test_detaching_restores_the_instances_exactly(self) -> None:
        predictor = PredictiveHealing(self.healer)
        mine = self.healer.detect_failure

        def detect_failure(event: Any) -> Any:
            return mine(event)

        self.healer.detect_failure = detect_failure  # type: ignore[method-assign]
        before = dict(vars(self.healer)), dict(vars(predictor))
        attachment = self.attach(predictor)
        self.assertNotEqual(dict(vars(self.healer)), before[0])
        self.assertTrue(attachment.detach(10))
        self.assertEqual((dict(vars(self.healer)), dict(vars(predictor))), before)
        count = len(self.exporter.events)
        self.heal()
        attachment.flush(1)
        self.assertEqual(len(self.exporter.events), count)

    def test_attaching_twice_tells_once(self) -> None:
        attachment = self.attach()
        self.assertIs(self.attach(), attachment)
        self.heal()
        self.assertTrue(attachment.flush(10))
        self.assertEqual(len(self.exporter.of_type("healing.completed")), 1)

    def test_two_exporters_and_detaching_in_any_order(self) -> None:
        other = FakeExporter(self)
        before = set(vars(self.healer))
        first = self.attach()
        second = attach(
            self.healer, url=other.url, source="/t", spool_dir=stage.temporary_dir(self)
        )
        self.heal()
        self.assertTrue(first.detach(10))
        self.heal()
        self.assertTrue(second.detach(10))
        self.assertEqual(set(vars(self.healer)), before)
        self.assertEqual(len(self.exporter.of_type("healing.completed")), 1)
        self.assertEqual(len(other.of_type("healing.completed")), 2)

    def test_detach_of_the_module_finds_what_stands(self) -> None:
        before = dict(vars(self.healer))
        self.attach()
        self.assertTrue(detach(self.healer, 10))
        self.assertEqual(dict(vars(self.healer)), before)
        self.assertTrue(detach(self.healer))

    def test_a_wrapper_put_over_ours_survives(self) -> None:
        attachment = self.attach()
        inner = self.healer.heal
        calls = []

        def outer(failure: Any) -> Any:
            calls.append(failure)
            return inner(failure)

        self.healer.heal = outer  # type: ignore[method-assign]
        attachment.detach(10)
        self.assertIs(self.healer.heal, outer)
        self.heal()
        self.assertEqual(len(calls), 1)

    def test_what_cannot_be_attached_is_said(self) -> None:
        class Slots:
            __slots__ = ()

            def heal(self, failure: Any) -> Any:
                return failure

        for thing in (object(), None, Slots()):
            with self.assertRaises(TypeError):
                attach(thing, url=self.exporter.url, spool_dir=stage.temporary_dir(self))

    def test_the_healer_sees_no_exception_whatever_it_holds(self) -> None:
        logging.getLogger("selfhealer_events").setLevel(logging.CRITICAL)
        self.addCleanup(logging.getLogger("selfhealer_events").setLevel, logging.NOTSET)

        class Wild:
            def __getattr__(self, name: str) -> Any:
                raise RuntimeError(name)

            def __bool__(self) -> bool:
                raise RuntimeError("bool")

        circle: Dict[str, Any] = {}
        circle["circle"] = circle
        values: List[Any] = [None, b"\xff", "\ud800", "x" * 10**6, float("nan"), 10**400, Wild()]
        values += [circle, {1: {2: {3}}}, [Wild()], {"metadata": Wild()}, object(), {}, ()]
        attachment = self.attach()
        for value in values:
            failure = Failure("f", "agent_down", None, "high", now(), {}, {})
            for name in ("failure_id", "agent_id", "severity", "detected_at", "event"):
                setattr(failure, name, value)
                self.healer.heal(failure)
            result_like = Failure("f", "custom", "a", "high", now(), {}, {})
            self.healer.register_strategy("custom", _Gives(value))
            self.healer.heal(result_like)
        self.heal()
        self.assertFalse(attachment.flush(20) and attachment.stats()["queued"])
        self.assertEqual(attachment.stats()["queued"], 0)
        for event in self.exporter.events:
            json.dumps(event, allow_nan=False)

    def test_no_call_waits_for_an_exporter_that_does_not_answer(self) -> None:
        hold = threading.Event()
        self.addCleanup(hold.set)
        self.exporter.answers.append(lambda _events: None if hold.wait(60) else None)
        attachment = self.attach()
        stage.until(lambda: self.exporter.requests, "the sender waits for an answer")
        for _ in range(1_000):
            self.heal()
        self.assertEqual(self.exporter.events, [])
        hold.set()
        self.assertTrue(attachment.flush(20))
        self.assertEqual(len(self.exporter.of_type("healing.completed")), 1_000)

    def test_an_exporter_that_is_away_does_not_matter_to_the_healer(self) -> None:
        url = f"http://127.0.0.1:{stage.free_port()}"
        attachment = attach(self.healer, url=url, spool_dir=stage.temporary_dir(self))
        self.addCleanup(attachment.detach, 0.0)
        self.assertTrue(self.heal().success)
        self.assertIsNone(attachment.best_strategy("agent_down"))
        self.assertFalse(attachment.flush(0.2))


class _Gives:
    """A strategy whose result is odd in every field."""

    def __init__(self, value: Any) -> None:
        self._value = value

    def can_heal(self, _failure: Any) -> bool:
        return True

    def heal(self, failure: Failure, _coordinator: Any) -> Any:
        class Result:
            success = True
            failure_id = self._value
            strategy_used = self._value
            actions_taken = self._value
            duration_ms = self._value
            timestamp = self._value
            metadata = {"agent_id": self._value, "value": self._value, "circuit_state": self._value}

        return Result()


class Advice(unittest.TestCase):
    def setUp(self) -> None:
        self.exporter = FakeExporter(self)

    def client(self, **options: Any) -> EventClient:
        options.setdefault("spool_bytes_max", 0)
        client = EventClient(self.exporter.url, "/t", **options)
        self.addCleanup(client.close, 0.0)
        return client

    def page(self, path: str, body: Any, status: int = 200) -> None:
        self.exporter.pages[path] = (status, {}, json.dumps(body).encode())

    def test_answers_are_given_as_they_are_and_kept(self) -> None:
        best = {"strategy": "A", "probability": 0.9, "why": "it is"}
        self.page("/api/v1/strategies/best?failure_type=agent_down", best)
        known = {"value": 3, "verdict": "known"}
        self.page("/api/v1/strategies/A%20b/tuning", {"parameters": {"retry_limit": known}})
        self.page("/api/v1/recommendations", {"recommendation_details": [{"id": "x"}]})
        client = self.client()
        for _ in range(3):
            self.assertEqual(client.best_strategy("agent_down", colour="red"), best)
            self.assertEqual(client.tuning("A b"), {"retry_limit": known})
            self.assertEqual(client.recommendations(), [{"id": "x"}])
        self.assertEqual(len(self.exporter.requests), 3)

    def test_context_that_is_known_is_sent_and_one_that_is_refused_left_out(self) -> None:
        asked = "/api/v1/strategies/best?failure_type=t"
        self.page(asked, {"strategy": "A"})
        self.page(asked + "&severity=high&agent_id=a&attempt=2", {"strategy": "B"})
        self.page(asked + "&attempt=0", {"error": {}}, 400)
        client = self.client()
        best = client.best_strategy("t", severity="HIGH", agent_id="a", attempt=2, other=1)
        self.assertEqual(best, {"strategy": "B"})
        self.assertEqual(client.best_strategy("t", attempt=0), {"strategy": "A"})

    def test_what_the_exporter_does_not_know_is_none(self) -> None:
        self.page("/api/v1/strategies/best?failure_type=t", {"strategy": None, "probability": None})
        unknown = {"value": None, "verdict": "insufficient"}
        self.page("/api/v1/strategies/A/tuning", {"parameters": {"retry_limit": unknown}})
        client = self.client()
        self.assertIsNone(client.best_strategy("t"))
        self.assertIsNone(client.tuning("A"))
        self.assertIsNone(client.best_strategy(None))  # type: ignore[arg-type]

    def test_an_exporter_that_is_away_is_not_asked_every_time(self) -> None:
        client = self.client()
        for _ in range(5):
            self.assertIsNone(client.recommendations(), "the page is missing")
        self.assertEqual(len(self.exporter.requests), 1)


if __name__ == "__main__":
    unittest.main()
