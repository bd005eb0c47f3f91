import unittest
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List, Optional

import stage  # noqa: F401
from selfhealer_events._identity import unix_ms
from selfhealer_events._predictions import Predictions
from selfhealer_events._seen import seen_failure, seen_result
from selfhealer_events._standin import Failure, HealingResult, PredictedFailure
from selfhealer_events._translator import Translator
from selfhealer_events._wire import Event

AT = datetime(2026, 11, 23, 18, tzinfo=timezone.utc)
AT_MS = 1795456800000.0
LATER_MS = AT_MS + 60_000


def failure(failure_id: str = "f1", **changes: Any) -> Failure:
    fields: Dict[str, Any] = {
        "failure_id": failure_id,
        "failure_type": "agent_down",
        "agent_id": "agent-1",
        "severity": "high",
        "detected_at": AT,
        "event": {},
        "metadata": {},
    }
    return Failure(**{**fields, **changes})


def result(success: bool, strategy: str, metadata: Any, **changes: Any) -> HealingResult:
    fields: Dict[str, Any] = {
        "success": success,
        "failure_id": "f1",
        "strategy_used": strategy,
        "actions_taken": ["did"],
        "duration_ms": 12,
        "timestamp": AT + timedelta(seconds=1),
        "metadata": metadata,
    }
    return HealingResult(**{**fields, **changes})


def finish(
    translator: Translator, of: Failure, done: Any, announced: Optional[str] = None
) -> List[Event]:
    seen = seen_result(done)
    assert seen is not None
    return translator.finished(seen_failure(of), seen, announced, 7.5, LATER_MS)


def completion(done: Any, of: Optional[Failure] = None) -> Dict[str, Any]:
    events = finish(Translator(), failure() if of is None else of, done)
    (data,) = [event.data for event in events if event.type == "healing.completed"]
    return data


class Outcomes(unittest.TestCase):
    def test_what_was_not_tried_is_skipped_with_its_reason(self) -> None:
        for strategy, metadata, reason in (
            ("None", {"error": "No matching strategy"}, "no_strategy"),
            ("A", {"error": "Strategy not applicable"}, "declined"),
            ("A", {"suggestion": True, "auto_heal": False}, "auto_heal_disabled"),
            ("CircuitBreakerStrategy", {"circuit_state": "open", "fail_fast": True}, "circuit_open"),
            ("PredictiveHealing", {"manual_approval_required": True}, "awaiting_approval"),
        ):
            data = completion(result(False, strategy, metadata))
            self.assertEqual((data["outcome"], data["reason"]), ("skipped", reason), strategy)
            self.assertFalse(data["success"])

    def test_a_breaker_that_counted_or_moved_has_not_healed(self) -> None:
        for metadata in (
            {"circuit_state": "closed", "failure_count": 1, "resource_id": "r"},
            {"circuit_state": "half_open", "elapsed_seconds": 60.0, "resource_id": "r"},
        ):
            data = completion(result(True, "CircuitBreakerStrategy", metadata))
            self.assertEqual(data["outcome"], "skipped")
            self.assertNotIn("reason", data)
            self.assertTrue(data["success"])

    def test_a_breaker_that_opened_has_failed(self) -> None:
        for state in ("opened", "reopened"):
            said = {"circuit_state": state, "resource_id": "r"}
            data = completion(result(False, "CircuitBreakerStrategy", said))
            self.assertNotIn("outcome", data)
            self.assertFalse(data["success"])

    def test_a_degradation_does_not_heal(self) -> None:
        said = {"degradation_level": "FULL", "resource_type": "memory"}
        data = completion(result(True, "GradualDegradationStrategy", said))
        self.assertEqual(data["outcome"], "skipped")

    def test_a_strategy_of_ones_own_may_tell_a_circuit_and_heal(self) -> None:
        data = completion(result(True, "Mine", {"circuit_state": "closed", "resource_id": "r"}))
        self.assertNotIn("outcome", data)

    def test_attempts_that_ran_say_only_whether_they_succeeded(self) -> None:
        for success in (True, False):
            data = completion(result(success, "A", {"error": "x"} if not success else {}))
            self.assertNotIn("outcome", data)
            self.assertEqual(data["success"], success)
            self.assertEqual(data["failure_type"], "agent_down")
            self.assertEqual(data["agent_id"], "agent-1")
            self.assertEqual(data["severity"], "high")


class Moves(unittest.TestCase):
    def test_circuits_move_as_the_breaker_says_and_only_when_they_do(self) -> None:
        translator = Translator()
        moves = []
        states = ("closed", "closed", "opened", "open", "half_open", "reopened", "open", "reset")
        for number, state in enumerate(states):
            said = {"circuit_state": state, "resource_id": "agent-1"}
            done = result(False, "CircuitBreakerStrategy", said, failure_id=f"f{number}")
            for event in finish(translator, failure(f"f{number}"), done):
                if event.type == "circuit.changed":
                    self.assertEqual(event.data["circuit"], "agent-1")
                    self.assertEqual(event.data["strategy"], "CircuitBreakerStrategy")
                    moves.append(event.data["state"])
        self.assertEqual(moves, ["closed", "open", "half_open", "open", "closed"])

    def test_levels_move_as_the_degradation_says(self) -> None:
        translator = Translator()
        moves = []
        for level in ("FULL", "REDUCED_1", "REDUCED_1", "REDUCED_2", "REDUCED_3", "MINIMAL", "FULL"):
            said = {"degradation_level": level, "resource_type": "tokens"}
            for event in finish(translator, failure(), result(True, "G", said)):
                if event.type == "degradation.changed":
                    self.assertEqual(event.data["resource"], "tokens")
                    moves.append(event.data["level"])
        self.assertEqual(moves, [0, 1, 2, 3, 4, 0])

    def test_states_and_levels_that_nobody_knows_move_nothing(self) -> None:
        for said in ({"circuit_state": "ajar"}, {"degradation_level": "HALF"}, {"circuit_state": 7}):
            events = finish(Translator(), failure(), result(False, "A", said))
            types = [event.type for event in events]
            self.assertEqual(types, ["failure.detected", "healing.completed"])


class Failures(unittest.TestCase):
    def test_a_failure_is_told_once_wherever_it_is_seen_first(self) -> None:
        translator = Translator()
        seen = seen_failure(failure())
        events = translator.failure(seen, LATER_MS)
        self.assertEqual([event.type for event in events], ["failure.detected"])
        self.assertEqual(events[0].time_ms, AT_MS)
        self.assertEqual(translator.failure(seen, LATER_MS), [])
        types = [event.type for event in translator.started(seen, "A", LATER_MS)]
        self.assertEqual(types, ["healing.started"])

    def test_a_failure_without_a_name_is_none_and_one_without_a_type_has_its_prefix(self) -> None:
        for nothing in (True, [], object(), {"failure_id": ""}):
            self.assertEqual(Translator().failure(seen_failure(nothing), LATER_MS), [])
        (event,) = Translator().failure(seen_failure({"failure_id": "disk_7"}), LATER_MS)
        self.assertEqual(event.data, {"failure_id": "disk_7", "failure_type": "disk"})

    def test_its_event_has_the_same_id_in_another_process(self) -> None:
        ids = {Translator().failure(seen_failure(failure()), LATER_MS)[0].id for _ in range(2)}
        self.assertEqual(len(ids), 1)

    def test_one_that_is_only_expected_is_none_and_its_attempt_preventive(self) -> None:
        expected = failure(metadata={"predicted": True})
        events = finish(Translator(), expected, result(True, "A", {}))
        self.assertEqual([event.type for event in events], ["healing.completed"])
        self.assertEqual(events[0].data["trigger"], "preventive")

    def test_severities_of_ones_own_are_left_out(self) -> None:
        for given, told in (("HIGH", "high"), ("fatal", None), (3, None), (None, None)):
            (event,) = Translator().failure(seen_failure(failure(severity=given)), LATER_MS)
            self.assertEqual(event.data.get("severity"), told)

    def test_a_strategy_that_raised_has_failed(self) -> None:
        translator = Translator()
        events = translator.raised(seen_failure(failure()), "A", "KeyError", 3.5, LATER_MS)
        data = events[-1].data
        self.assertEqual((data["success"], data["duration_ms"]), (False, 3.5))

    def test_a_start_under_a_name_that_the_result_does_not_bear_is_not_repeated(self) -> None:
        translator = Translator()
        seen = seen_failure(failure())
        self.assertEqual(len(translator.started(seen, "Class", LATER_MS)), 2)
        finish(translator, failure(), result(True, "its own name", {}), "Class")
        self.assertEqual(translator.started(seen, "Class", LATER_MS), [])


class HostileValues(unittest.TestCase):
    def test_durations_that_are_none_are_measured(self) -> None:
        for given in (float("nan"), float("inf"), None, "12", 10**13, True, object()):
            self.assertEqual(completion(result(True, "A", {}, duration_ms=given))["duration_ms"], 7.5)

    def test_a_clock_set_back_makes_no_negative_duration(self) -> None:
        self.assertEqual(completion(result(True, "A", {}, duration_ms=-5))["duration_ms"], 0)

    def test_times_to_come_and_times_that_are_none_become_now(self) -> None:
        for given in (AT + timedelta(days=1), None, "soon", datetime.max):
            events = finish(Translator(), failure(), result(True, "A", {}, timestamp=given))
            self.assertEqual(events[-1].time_ms, LATER_MS, given)

    def test_results_of_one_moment_are_told_apart_and_named_the_same_again(self) -> None:
        def ids() -> List[str]:
            translator = Translator()
            same = [result(True, "A", {}) for _ in range(3)]
            return [finish(translator, failure(), done)[-1].id for done in same]

        self.assertEqual(len(set(ids())), 3)
        self.assertEqual(ids(), ids())

    def test_objects_that_raise_when_looked_at(self) -> None:
        class Wild:
            success = True
            strategy_used = "A"

            def __getattr__(self, name: str) -> Any:
                raise RuntimeError(name)

        self.assertIsNone(seen_failure(Wild()).failure_id)
        seen = seen_result(Wild())
        assert seen is not None
        self.assertEqual((seen.success, seen.failure_id), (True, None))
        self.assertIsNone(seen_result(None))
        self.assertIsNone(seen_result("done"))


class Pasts(unittest.TestCase):
    def test_the_shapes_of_ids_tell_what_failed(self) -> None:
        for failure_id, failure_type, agent, trigger in (
            ("agent_failure_agent_7_1795456800000", "agent_down", "agent_7", None),
            ("task_timeout_t_1_1795456800000", "task_timeout", None, None),
            ("resource_tokens_1795456800000", "resource_exhaustion", None, None),
            ("quorum_loss_1795456800000", "quorum_loss", None, None),
            ("predicted_memory_exhaustion_1795456800000", "memory_exhaustion", None, "preventive"),
            ("odd_1", None, None, None),
        ):
            seen = seen_result(result(True, "A", {}, failure_id=failure_id))
            assert seen is not None
            (event,) = Translator().past(seen, LATER_MS)
            self.assertEqual(event.data.get("failure_type"), failure_type)
            self.assertEqual(event.data.get("agent_id"), agent)
            self.assertEqual(event.data.get("trigger"), trigger)
            self.assertEqual(event.time_ms, AT_MS + 1000)

    def test_a_result_has_the_same_id_live_and_from_history(self) -> None:
        done = result(True, "A", {})
        seen = seen_result(done)
        assert seen is not None
        live = finish(Translator(), failure(), done)[-1].id
        self.assertEqual(Translator().past(seen, LATER_MS)[-1].id, live)


def predicted(**changes: Any) -> PredictedFailure:
    fields: Dict[str, Any] = {
        "failure_type": "agent_down",
        "agent_id": "a",
        "confidence": 0.8,
        "expected_time_ms": 1000,
        "reasoning": "",
        "recommended_action": "",
        "pattern_indicators": [],
        "prediction_id": "pred-1",
        "predicted_at": AT,
        "source": "trend",
    }
    return PredictedFailure(**{**fields, **changes})


class PredictionNames(unittest.TestCase):
    def test_predictions_of_one_millisecond_have_names_of_their_own(self) -> None:
        predictions = Predictions()
        made = [predicted(), predicted(), predicted(agent_id="b"), predicted(failure_type="x")]
        told = [predictions.predicted(one, LATER_MS)[0].data["prediction_id"] for one in made]
        self.assertEqual(len(set(told)), 4)
        for one, name in zip(made, told):
            self.assertEqual(predictions.predicted(one, LATER_MS), [])
            (event,) = predictions.resolved(one, True, LATER_MS)
            self.assertEqual(event.data, {"prediction_id": name, "outcome": "occurred"})

    def test_the_name_is_the_same_in_another_process(self) -> None:
        names = {
            Predictions().predicted(predicted(), LATER_MS)[0].data["prediction_id"]
            for _ in range(2)
        }
        self.assertEqual(len(names), 1)

    def test_one_that_did_not_occur_was_prevented_or_false(self) -> None:
        predictions = Predictions()
        one, other = predicted(), predicted(agent_id="b")
        predictions.prevented(one)
        self.assertEqual(predictions.resolved(one, False, LATER_MS)[-1].data["outcome"], "prevented")
        outcome = predictions.resolved(other, False, LATER_MS)[-1].data["outcome"]
        self.assertEqual(outcome, "false_positive")

    def test_values_out_of_bounds_come_within_them_or_are_left_out(self) -> None:
        one = predicted(confidence=1.2, expected_time_ms=10**12, source="unknown", agent_id=None)
        (event,) = Predictions().predicted(one, LATER_MS)
        self.assertEqual(event.data["confidence"], 1.0)
        for name in ("expected_time_ms", "source", "agent_id"):
            self.assertNotIn(name, event.data)

    def test_the_other_shape_of_a_prediction(self) -> None:
        class Other:
            predicted_type = "task_failed"
            agent_id = None
            probability = 0.9
            time_to_failure_ms = 500

        (event,) = Predictions().predicted(Other(), LATER_MS)
        self.assertEqual(event.data["failure_type"], "task_failed")
        self.assertEqual((event.data["confidence"], event.data["expected_time_ms"]), (0.9, 500))


class Elsewhere(unittest.TestCase):
    def test_naive_times_are_utc(self) -> None:
        self.assertEqual(unix_ms(AT.replace(tzinfo=None)), AT_MS)


if __name__ == "__main__":
    unittest.main()
