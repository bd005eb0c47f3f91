import json
import unittest
from datetime import datetime, timezone
from decimal import Decimal
from enum import Enum
from typing import Any, Dict

import stage  # noqa: F401
from selfhealer_events._names import is_name, name_of
from selfhealer_events._wire import EVENT_BYTES_MAX, Event, encode


class Colour(Enum):
    RED = 1


class Hostile:
    def __repr__(self) -> str:
        raise RuntimeError("never called")

    __str__ = __repr__


def data_of(data: Dict[str, Any]) -> Any:
    line = encode(Event("healing.completed", "1", 1795456800000.0, data), "/t")
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    return json.loads(line)["data"]


class Encoding(unittest.TestCase):
    def test_an_event_is_one_line_of_a_cloudevent(self) -> None:
        line = encode(Event("heartbeat", "7", 1795456800123.0, {}), "/swarms/alpha")
        self.assertEqual(
            json.loads(line),
            {
                "specversion": "1.0",
                "id": "7",
                "source": "/swarms/alpha",
                "type": "selfhealer.heartbeat",
                "time": "2026-11-23T18:00:00.123Z",
                "data": {},
            },
        )

    def test_what_json_does_not_know_becomes_something_that_it_knows(self) -> None:
        said = {
            "nan": float("nan"),
            "inf": float("-inf"),
            "when": datetime(2026, 1, 1, tzinfo=timezone.utc),
            "colour": Colour.RED,
            "price": Decimal("1.5"),
            "bytes": b"abc",
            "set": {1},
            "hostile": Hostile(),
            (1, 2): "a tuple as key",
            None: 1,
            "big": 10**400,
            "surrogate": "\ud800",
        }
        self.assertEqual(
            data_of(said),
            {
                "nan": "<nan>",
                "inf": "<-inf>",
                "when": "2026-01-01T00:00:00+00:00",
                "colour": "RED",
                "price": "<Decimal>",
                "bytes": "<bytes>",
                "set": [1],
                "hostile": "<Hostile>",
                "<tuple>": "a tuple as key",
                "None": 1,
                "big": "<int>",
                "surrogate": "\ud800",
            },
        )

    def test_circles_and_endless_depth_end(self) -> None:
        circle: Dict[str, Any] = {}
        circle["self"] = circle
        deep: Any = 1
        for _ in range(100_000):
            deep = [deep]
        for value in (circle, deep):
            line = encode(Event("x", "1", 0.0, {"metadata": value}), "/t")
            self.assertLess(_depth(json.loads(line)), 32)

    def test_an_event_that_is_too_large_loses_what_is_dispensable_and_keeps_the_agent(self) -> None:
        said = {
            "failure_id": "f",
            "event": "x" * 1_000_000,
            "metadata": {"agent_id": "a", "dump": ["y" * 100] * 10_000},
            "actions_taken": ["z" * 1_000] * 1_000,
        }
        line = encode(Event("healing.completed", "1", 0.0, said), "/t")
        self.assertLessEqual(len(line), EVENT_BYTES_MAX)
        data = json.loads(line)["data"]
        self.assertEqual(data["failure_id"], "f")
        self.assertEqual(data["metadata"], {"agent_id": "a"})
        self.assertTrue(data["truncated"])


class Names(unittest.TestCase):
    def test_a_name_that_the_exporter_takes_stays(self) -> None:
        for name in ("agent-017", "95%", "ümlaut 😀", "a" * 200, "😀" * 200):
            self.assertEqual(name_of(name), name)

    def test_any_other_becomes_one_that_it_takes_and_that_no_other_becomes(self) -> None:
        bad = ['a"b', "a,b", "a\\b", "a\nb", "{a}", "\ud800", "", "__overflow__", "a" * 201, "a" * 202]
        bad += ["," * 200, "a\x85b", "a\u2028b", "%,"]
        names = [name_of(text) for text in bad if text]
        for name in names:
            self.assertTrue(name is not None and is_name(name), name)
        self.assertEqual(len(set(names)), len(names))
        self.assertEqual(name_of('a"b'), "a%22b")
        self.assertIsNone(name_of(""))

    def test_other_kinds_of_names(self) -> None:
        self.assertEqual(name_of(17), "17")
        self.assertEqual(name_of(b"agent-1"), "agent-1")
        self.assertEqual(name_of(Colour.RED), "1")
        for value in (None, True, 1.5, [], Hostile()):
            self.assertIsNone(name_of(value))
        broken = name_of(b"\xff\xfe")
        self.assertTrue(broken is not None and is_name(broken))


def _depth(value: Any) -> int:
    levels, depth = [value], 0
    while levels:
        depth += 1
        below = []
        for item in levels:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        levels = [item for item in below if isinstance(item, (dict, list))]
    return depth


if __name__ == "__main__":
    unittest.main()
