import unittest
from datetime import datetime, timedelta, timezone

import stage  # noqa: F401  (puts the package on the path)
from selfhealer_events._identity import format_time, result_id, unix_ms


class Times(unittest.TestCase):
    def test_the_same_moment_written_in_any_way_is_the_same_number(self) -> None:
        moment = datetime(2026, 11, 23, 18, 0, 0, 123456, tzinfo=timezone.utc)
        for written in (
            moment,
            moment.astimezone(timezone(timedelta(hours=5, minutes=30))),
            moment.replace(tzinfo=None),
            str(moment),
            moment.isoformat(),
            "2026-11-23T18:00:00.123456Z",
            "2026-11-23t19:00:00.123456+01:00",
            "2026-11-23 18:00:00.123456789",
        ):
            self.assertEqual(unix_ms(written), 1795456800123.456, written)

    def test_what_is_no_time_is_none(self) -> None:
        for value in (None, "", "soon", "2026-13-01T00:00:00Z", "2026-02-30 00:00:00", True, [], b""):
            self.assertIsNone(unix_ms(value), value)
        for value in (float("nan"), float("inf"), 1e300, -1e300):
            self.assertIsNone(unix_ms(value), value)

    def test_a_printed_time_reads_back_as_the_same_number(self) -> None:
        for time_ms in (946684800000.0, 1795456800123.456, 1795456800000.001, 1795456800999.999):
            self.assertEqual(unix_ms(format_time(time_ms)), time_ms)


class Ids(unittest.TestCase):
    def test_a_result_is_named_as_the_exporter_names_it_when_it_imports(self) -> None:
        # From `selfhealer-exporter import` of the same results.
        self.assertEqual(
            result_id("agent_failure_a_1", "AgentRestartStrategy", 1795456800000.0),
            EXPORTER_IDS[0],
        )
        self.assertEqual(result_id('é"\n', "S", 1795456800123.456), EXPORTER_IDS[1])


EXPORTER_IDS = ("result-cd31cff5f9a26c144ef59efb0072372b", "result-f10da792a72eec65462de8742d8ef12c")


if __name__ == "__main__":
    unittest.main()
