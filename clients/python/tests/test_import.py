import contextlib
import io
import json
import logging
import unittest
from dataclasses import asdict
from pathlib import Path
from typing import List, Tuple

import stage
from selfhealer_events import import_history
from selfhealer_events.__main__ import main
from selfhealer_events._standin import AgentRestartStrategy, SelfHealer
from stage import FakeExporter


def healed(count: int) -> SelfHealer:
    healer = SelfHealer()
    healer.register_strategy("agent_down", AgentRestartStrategy(lambda: 0.5))
    for number in range(count):
        failure = healer.detect_failure({"type": "agent_down", "agent_id": f"a{number % 3}"})
        assert failure is not None
        healer.heal(failure)
    return healer


class Importing(unittest.TestCase):
    def setUp(self) -> None:
        logging.getLogger("selfhealer_events").setLevel(logging.CRITICAL)
        self.addCleanup(logging.getLogger("selfhealer_events").setLevel, logging.NOTSET)
        self.exporter = FakeExporter(self)
        self.exporter.pages["/readyz"] = (200, {}, b"{}")

    def run_main(self, *arguments: str) -> Tuple[int, str]:
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main([*arguments, "--url", self.exporter.url, "--source", "/t"])
        return code, out.getvalue()

    def write(self, text: str) -> str:
        path = stage.temporary_dir(self) / "dump"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def sent(self) -> List[str]:
        return [event["id"] for event in self.exporter.events]

    def test_the_history_of_a_healer_or_a_list_of_results(self) -> None:
        healer = healed(30)
        done = import_history(healer, self.exporter.url, "/t", timeout=10)
        self.assertEqual((done["accepted"], done["is_complete"]), (30, True))
        ids = self.sent()
        self.exporter.events.clear()
        import_history(list(reversed(healer.get_healing_history())), self.exporter.url, "/t")
        self.assertEqual(self.sent(), ids)

    def test_dumps_of_every_form_give_the_same_events(self) -> None:
        healer = healed(7)
        import_history(healer, self.exporter.url, "/t", timeout=10)
        ids = self.sent()
        results = [asdict(result) for result in healer.get_healing_history()]
        lines = [json.dumps(result, default=str) for result in results]
        for text in (
            "\n".join(lines),
            "\r\n".join(lines) + "\r\n\r\n",
            "\ufeff[" + ",".join(lines) + "]",
            '{"healing_history": [' + ",".join(lines) + "]}",
            "\n".join(json.dumps({**r, "timestamp": r["timestamp"].isoformat()}) for r in results),
            "\n".join(lines + lines),
        ):
            self.exporter.events.clear()
            code, said = self.run_main("import", self.write(text))
            self.assertEqual(code, 0, said)
            self.assertEqual(self.sent(), ids)

    def test_pairs_of_failure_and_result_tell_both(self) -> None:
        result = asdict(healed(1).get_healing_history()[0])
        failure_id = result.pop("failure_id")
        failure = {"failure_id": failure_id, "failure_type": "agent_down", "severity": "low"}
        text = json.dumps({"failure": failure, "result": result}, default=str)
        code, said = self.run_main("import", self.write(text))
        self.assertEqual(code, 0, said)
        self.assertEqual(self.exporter.of_type("failure.detected")[0]["severity"], "low")
        self.assertEqual(self.exporter.of_type("healing.completed")[0]["failure_id"], failure_id)

    def test_a_result_may_say_what_failed(self) -> None:
        result = {**asdict(healed(1).get_healing_history()[0]), "failure_type": "disk_full"}
        text = json.dumps({**result, "agent_id": "a7", "metadata": None}, default=str)
        self.assertEqual(self.run_main("import", self.write(text))[0], 0)
        (data,) = self.exporter.of_type("healing.completed")
        self.assertEqual((data["failure_type"], data["agent_id"]), ("disk_full", "a7"))

    def test_events_keep_their_id_and_source(self) -> None:
        event = {"specversion": "1.0", "id": "7", "source": "/mine", "type": "selfhealer.heartbeat"}
        self.assertEqual(self.run_main("import", self.write(json.dumps(event)))[0], 0)
        self.assertEqual(self.exporter.events, [event])

    def test_what_cannot_be_read_is_said_by_line_and_the_rest_is_sent(self) -> None:
        good = json.dumps(asdict(healed(1).get_healing_history()[0]), default=str)
        bad = ["nonsense", "[]", '{"success": true}', good.replace("true", "7").replace("false", "7")]
        code, said = self.run_main("import", self.write("\n".join([*bad, good])))
        self.assertEqual(code, 65)
        for number in (1, 2, 3, 4):
            self.assertIn(f"line {number}:", said)
        self.assertEqual(len(self.exporter.events), 1)

    def test_exit_codes(self) -> None:
        self.assertEqual(self.run_main("import", "/no/such/file")[0], 74)
        self.assertEqual(self.run_main("import", self.write(""))[0], 0)
        self.assertEqual(self.run_main("import", str(Path(self.write("")).parent))[0], 74)
        away = f"http://127.0.0.1:{stage.free_port()}"
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertEqual(main(["import", self.write(""), "--url", away]), 69)
            self.assertEqual(main(["import", self.write(""), "--url", "nonsense"]), 2)
            with self.assertRaises(SystemExit) as exit_:
                main(["nonsense"])
        self.assertEqual(exit_.exception.code, 2)

    def test_the_demo_heals(self) -> None:
        code, said = self.run_main("demo", "--seconds", "1", "--rate", "100")
        self.assertEqual(code, 0, said)
        self.assertIn("accepted", said)
        self.assertGreater(len(self.exporter.of_type("healing.completed")), 0)


if __name__ == "__main__":
    unittest.main()
