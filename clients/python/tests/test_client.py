import logging
import os
import subprocess
import sys
import threading
import time
import unittest
from typing import Any, Dict, List, Optional

import stage
from selfhealer_events import EventClient
from stage import Answer, FakeExporter, settled, until


def refuse(status: int, headers: Optional[Dict[str, str]] = None) -> Any:
    body = b'{"error":{"code":"c","message":"m"}}'
    return lambda _events: (status, headers or {}, body)


class Sending(unittest.TestCase):
    def setUp(self) -> None:
        logging.getLogger("selfhealer_events").setLevel(logging.CRITICAL)
        self.addCleanup(logging.getLogger("selfhealer_events").setLevel, logging.NOTSET)
        self.exporter = FakeExporter(self)
        self.spool_dir = stage.temporary_dir(self)

    def client(self, url: Optional[str] = None, **options: Any) -> EventClient:
        options.setdefault("spool_dir", self.spool_dir)
        client = EventClient(url or self.exporter.url, "/t", **options)
        self.addCleanup(client.close, 0.0)
        return client

    def test_every_method_sends_its_event(self) -> None:
        client = self.client()
        client.failure_detected("f", "t", agent_id="a", severity="low", detected_at=1795456800.5)
        client.healing_started("f", "s")
        client.healing_completed("f", "s", 5, success=True, actions_taken=["x"])
        client.failure_resolved("f", "manual")
        client.strategy_registered("s", ("t",))
        client.failure_predicted("p", "t", 0.5, predictor="trend", expected_time_ms=10)
        client.prediction_resolved("p", "occurred")
        client.circuit_changed("c", "open", strategy="s")
        client.degradation_changed("r", 3)
        client.heartbeat()
        client.emit("healing.completed", {"failure_id": "g"}, event_id="mine", time="2026-11-23 18:00:00")
        self.assertTrue(client.flush(10))
        types = [event["type"].replace("selfhealer.", "") for event in self.exporter.events]
        self.assertEqual(
            types,
            [
                "failure.detected",
                "healing.started",
                "healing.completed",
                "failure.resolved",
                "strategy.registered",
                "failure.predicted",
                "prediction.resolved",
                "circuit.changed",
                "degradation.changed",
                "heartbeat",
                "healing.completed",
            ],
        )
        detected = self.exporter.events[0]["data"]
        self.assertEqual(detected["detected_at"], "2026-11-23T18:00:00.500Z")
        last = self.exporter.events[-1]
        self.assertEqual((last["id"], last["time"]), ("mine", "2026-11-23T18:00:00.000Z"))
        self.assertEqual({event["source"] for event in self.exporter.events}, {"/t"})

    def test_events_travel_together(self) -> None:
        client = self.client()
        for number in range(2_500):
            client.emit("heartbeat", {}, event_id=str(number))
        self.assertTrue(client.flush(10))
        self.assertEqual([event["id"] for event in self.exporter.events], [str(n) for n in range(2_500)])
        self.assertLess(len(self.exporter.requests), 250)

    def test_a_rejected_event_is_counted_and_not_sent_again(self) -> None:
        sent: List[str] = []

        def reject_one(events: List[Any]) -> Answer:
            self.exporter.answers.append(reject_one)
            sent.extend(event["id"] for event in events)
            why = {"code": "invalid_identifier", "message": "data.failure_id: …"}
            rejected = [{"index": i, **why} for i, e in enumerate(events) if e["id"] == "1"]
            return settled(len(events) - len(rejected), 0, tuple(rejected))

        self.exporter.answers.append(reject_one)
        client = self.client()
        logging.getLogger("selfhealer_events").setLevel(logging.WARNING)
        with self.assertLogs("selfhealer_events", "WARNING") as logged:
            for number in range(3):
                client.emit("heartbeat", {}, event_id=str(number))
            self.assertTrue(client.flush(10))
        self.assertIn("invalid_identifier", logged.output[0])
        stats = client.stats()
        self.assertEqual((stats["accepted"], stats["rejected"]), (2, 1))
        self.assertEqual(stats["rejected_by_code"], {"invalid_identifier": 1})
        self.assertEqual(sent, ["0", "1", "2"])

    def test_when_all_are_rejected_the_answer_is_400_and_final(self) -> None:
        why = {"index": 0, "code": "unknown_type", "message": "m"}
        body = settled(0, 0, (why,))[2]
        self.exporter.answers.append(lambda _events: (400, {}, body))
        client = self.client()
        client.emit("nonsense", {})
        self.assertTrue(client.flush(10))
        self.assertEqual(client.stats()["rejected"], 1)

    def test_an_exporter_that_cannot_take_them_is_asked_again(self) -> None:
        for status in (500, 503, 429, 401, 404, 200):
            self.exporter.answers.append(refuse(status))
        client = self.client()
        client.heartbeat()
        self.assertTrue(client.flush(30))
        stats = client.stats()
        self.assertEqual((stats["accepted"], stats["retries"], stats["waiting"]), (1, 6, 0))

    def test_retry_after_is_waited_for(self) -> None:
        self.exporter.answers.append(refuse(429, {"Retry-After": "2"}))
        client = self.client()
        client.heartbeat()
        self.assertTrue(client.flush(30))
        first, second = self.exporter.request_times
        self.assertGreaterEqual(second - first, 2.0)

    def test_a_body_that_is_refused_is_divided(self) -> None:
        def too_many(events: List[Any]) -> Optional[Answer]:
            self.exporter.answers.append(too_many)
            if any(event["id"] == "bad" for event in events):
                return refuse(413)(events)  # type: ignore[no-any-return]
            return None

        self.exporter.answers.append(too_many)
        client = self.client()
        for number in range(10):
            client.emit("heartbeat", {}, event_id="bad" if number == 4 else str(number))
        self.assertTrue(client.flush(30))
        self.assertEqual(len(self.exporter.events), 9)
        self.assertEqual(client.stats()["rejected_by_code"], {"refused": 1})

    def test_an_answer_that_does_not_account_for_every_event_is_none(self) -> None:
        self.exporter.answers.append(lambda events: settled(len(events) + 1))
        self.exporter.answers.append(lambda _events: (200, {}, b"<html>a proxy</html>"))
        client = self.client()
        client.heartbeat()
        self.assertTrue(client.flush(30))
        self.assertEqual((client.stats()["accepted"], client.stats()["retries"]), (1, 2))

    def test_what_an_exporter_that_is_away_misses_is_sent_by_the_next_process(self) -> None:
        url = f"http://127.0.0.1:{stage.free_port()}"
        client = self.client(url)
        for number in range(100):
            client.emit("heartbeat", {}, event_id=str(number))
        self.assertFalse(client.flush(0.3))
        until(lambda: client.stats()["spooled"] == 100, "all are on disk")
        self.assertFalse(client.stats()["is_reachable"])
        client.close(0)
        late = FakeExporter(self, int(url.rsplit(":", 1)[1]))
        heir = self.client(url)
        self.assertTrue(heir.flush(30))
        self.assertEqual([event["id"] for event in late.events], [str(n) for n in range(100)])

    def test_an_exporter_that_comes_back_gets_everything_in_order(self) -> None:
        port = stage.free_port()
        client = self.client(f"http://127.0.0.1:{port}")
        client.emit("heartbeat", {}, event_id="0")
        until(lambda: client.stats()["spooled"] == 1, "it is on disk")
        late = FakeExporter(self, port)
        for number in range(1, 50):
            client.emit("heartbeat", {}, event_id=str(number))
        self.assertTrue(client.flush(30))
        self.assertEqual([event["id"] for event in late.events], [str(n) for n in range(50)])

    def test_a_full_queue_turns_away_and_counts(self) -> None:
        hold = threading.Event()
        self.addCleanup(hold.set)
        self.exporter.answers.append(lambda _events: hold.wait(30) and None)
        client = self.client(queue_max=10)
        client.heartbeat()
        until(lambda: self.exporter.requests, "the sender is busy")
        for _ in range(25):
            client.heartbeat()
        hold.set()
        self.assertFalse(client.flush(30), "some were dropped")
        stats = client.stats()
        self.assertEqual((stats["accepted"], stats["dropped_by_reason"]["queue_full"]), (11, 15))
        self.assertTrue(client.flush(30), "since then none was")

    def test_flush_returns_false_in_time_when_nobody_answers(self) -> None:
        hold = threading.Event()
        self.addCleanup(hold.set)
        self.exporter.answers.append(lambda _events: hold.wait(30) and None)
        client = self.client()
        client.heartbeat()
        self.assertFalse(client.flush(0.2))

    def test_closing_while_nobody_answers_keeps_the_events(self) -> None:
        hold = threading.Event()
        self.addCleanup(hold.set)
        self.exporter.answers.append(lambda _events: hold.wait(30) and None)
        client = self.client()
        client.emit("heartbeat", {}, event_id="kept")
        self.assertFalse(client.close(0.2))
        hold.set()
        heir = self.client()
        self.assertTrue(heir.flush(30))
        self.assertIn("kept", [event["id"] for event in self.exporter.events])

    def test_after_closing_calls_are_counted_and_nothing_else(self) -> None:
        client = self.client()
        client.heartbeat()
        self.assertTrue(client.close(10))
        self.assertTrue(client.flush(1))
        client.heartbeat()
        self.assertEqual(client.stats()["dropped_by_reason"]["closed"], 1)
        self.assertEqual(len(self.exporter.events), 1)

    def test_many_threads_at_once_lose_nothing(self) -> None:
        client = self.client()

        def run(name: int) -> None:
            for number in range(500):
                client.emit("heartbeat", {}, event_id=f"{name}-{number}")

        threads = [threading.Thread(target=run, args=(name,)) for name in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertTrue(client.flush(30))
        self.assertEqual(len({event["id"] for event in self.exporter.events}), 4_000)

    def test_a_connection_that_the_exporter_has_closed_is_opened_anew(self) -> None:
        client = self.client()
        client.heartbeat()
        self.assertTrue(client.flush(10))
        port = self.exporter.port
        self.exporter.close()
        self.exporter = FakeExporter(self, port)
        client.heartbeat()
        self.assertTrue(client.flush(30))
        self.assertEqual(len(self.exporter.events), 1)

    def test_a_quiet_source_sends_heartbeats(self) -> None:
        self.client(heartbeat_seconds=0.1)
        until(lambda: len(self.exporter.of_type("heartbeat")) >= 3, "three heartbeats came")

    def test_credentials(self) -> None:
        for token, header in (("user:pass word", "Basic dXNlcjpwYXNzIHdvcmQ="), ("abc", "Bearer abc")):
            client = self.client(token=token)
            client.heartbeat()
            self.assertTrue(client.flush(10))
            self.assertEqual(self.exporter.requests[-1][1]["Authorization"], header)

    def test_what_cannot_be_used_is_said_at_once(self) -> None:
        for arguments in (
            {"url": "127.0.0.1:9464"},
            {"url": "ftp://x"},
            {"url": "http://user:pw@x"},
            {"url": "http://x:port"},
            {"source": "a,b"},
            {"source": ""},
            {"token": "a\nb"},
        ):
            with self.assertRaises(ValueError, msg=str(arguments)):
                EventClient(**{"url": self.exporter.url, "source": "/t", **arguments})


_PROGRAM = """
import stage
from selfhealer_events import EventClient
client = EventClient({url!r}, "/t", spool_dir={spool!r})
for number in range(50):
    client.emit("heartbeat", {{}}, event_id=str(number))
"""


class Ending(unittest.TestCase):
    def run_program(self, url: str, spool_dir: Any) -> None:
        program = _PROGRAM.format(url=url, spool=str(spool_dir))
        folder = os.path.dirname(os.path.abspath(__file__))
        done = subprocess.run(
            [sys.executable, "-B", "-c", program], cwd=folder, capture_output=True, text=True
        )
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_program_that_just_ends_has_sent_everything(self) -> None:
        exporter = FakeExporter(self)
        self.run_program(exporter.url, stage.temporary_dir(self))
        self.assertEqual(len(exporter.events), 50)

    def test_what_it_could_not_send_the_next_one_sends(self) -> None:
        port, spool_dir = stage.free_port(), stage.temporary_dir(self)
        url = f"http://127.0.0.1:{port}"
        self.run_program(url, spool_dir)
        exporter = FakeExporter(self, port)
        client = EventClient(url, "/t", spool_dir=spool_dir)
        self.addCleanup(client.close, 0.0)
        self.assertTrue(client.flush(30))
        self.assertEqual([event["id"] for event in exporter.events], [str(n) for n in range(50)])


@unittest.skipUnless(hasattr(os, "fork"), "needs fork")
class Forking(unittest.TestCase):
    def test_parent_and_child_each_send_their_own(self) -> None:
        exporter = FakeExporter(self)
        client = EventClient(exporter.url, "/t", spool_dir=stage.temporary_dir(self))
        self.addCleanup(client.close, 0.0)
        stop = threading.Event()
        noise = threading.Thread(target=lambda: [client.heartbeat() for _ in iter(stop.is_set, True)])
        for round_number in range(10):
            client.emit("x", {}, event_id=f"parent-{round_number}")
            child = os.fork()
            if child == 0:
                status = 1
                try:
                    client.emit("x", {}, event_id=f"child-{round_number}")
                    status = 0 if client.flush(20) and client.stats()["accepted"] == 1 else 1
                finally:
                    os._exit(status)
            self.assertEqual(os.waitpid(child, 0)[1], 0)
            if round_number == 4:
                noise.start()
            time.sleep(0.01)
        stop.set()
        noise.join()
        self.assertTrue(client.flush(20))
        ids = [event["id"] for event in exporter.events if event["type"] == "selfhealer.x"]
        wanted = [f"{who}-{number}" for number in range(10) for who in ("parent", "child")]
        self.assertEqual(sorted(ids), sorted(wanted))

    def test_a_worker_of_a_pool_sends_before_it_ends(self) -> None:
        import multiprocessing

        exporter = FakeExporter(self)
        client = EventClient(exporter.url, "/t", spool_dir=stage.temporary_dir(self))
        self.addCleanup(client.close, 0.0)
        context = multiprocessing.get_context("fork")
        workers = [context.Process(target=client.heartbeat) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(30)
        until(lambda: len(exporter.events) == 3, "each has sent its heartbeat")


if __name__ == "__main__":
    unittest.main()
