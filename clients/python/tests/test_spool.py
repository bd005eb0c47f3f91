import multiprocessing
import os
import unittest
from pathlib import Path
from typing import List

import stage
from selfhealer_events._outbox import Outbox
from selfhealer_events._spool import Spool

URL = "http://127.0.0.1:9464"


def lines(first: int, count: int, size: int = 20) -> List[bytes]:
    return [f"{number}".encode().ljust(size - 1, b".") + b"\n" for number in range(first, first + count)]


def drain(spool: Spool) -> List[bytes]:
    out: List[bytes] = []
    while spool.events > 0:
        some, size = spool.peek(7, 1000)
        out += some
        spool.advance(len(some), size)
    return out


class Spooling(unittest.TestCase):
    def setUp(self) -> None:
        self.dir = stage.temporary_dir(self)

    def spool(self, bytes_max: int = 1_000_000) -> Spool:
        spool = Spool(self.dir, URL, bytes_max)
        self.addCleanup(spool.close)
        return spool

    def test_what_goes_in_comes_out_in_order(self) -> None:
        spool = self.spool()
        spool.append(lines(0, 100))
        spool.append(lines(100, 50))
        self.assertEqual(drain(spool), lines(0, 150))

    def test_beyond_the_limit_the_oldest_goes_and_is_counted(self) -> None:
        spool = self.spool(bytes_max=2_000)
        dropped = sum(spool.append(lines(10 * i, 10)) for i in range(30))
        self.assertLessEqual(spool.size, 2_000)
        left = drain(spool)
        self.assertEqual(left, lines(300 - len(left), len(left)))
        self.assertEqual(dropped + len(left), 300)

    def test_the_next_client_takes_over_what_a_closed_one_left(self) -> None:
        first = self.spool()
        first.append(lines(0, 10))
        second = self.spool()
        self.assertEqual(second.adopt().events, 0, "the first still holds it")
        first.close()
        self.assertEqual(second.adopt().events, 10)
        self.assertEqual(drain(second), lines(0, 10))
        second.close()
        self.assertEqual([path for path in self.dir.rglob("*") if path.is_file()], [])

    def test_a_torn_last_line_is_left_out(self) -> None:
        first = self.spool()
        first.append(lines(0, 3))
        first.close()
        (path,) = self.dir.rglob("*.ndjson")
        with open(path, "ab") as file:
            file.write(b'{"torn"')
        second = self.spool()
        adopted = second.adopt()
        self.assertEqual((adopted.events, adopted.torn), (3, 1))
        self.assertEqual(drain(second), lines(0, 3))

    def test_another_exporter_has_a_spool_of_its_own(self) -> None:
        first = self.spool()
        first.append(lines(0, 3))
        first.close()
        other = Spool(self.dir, "http://elsewhere:9464")
        self.addCleanup(other.close)
        self.assertEqual(other.adopt().events, 0)

    @unittest.skipUnless(hasattr(os, "fork"), "needs fork")
    def test_a_killed_process_leaves_it_to_the_next(self) -> None:
        context = multiprocessing.get_context("fork")
        ready = context.Event()
        process = context.Process(target=_write_and_hang, args=(self.dir, ready))
        process.start()
        self.assertTrue(ready.wait(30))
        process.kill()
        process.join()
        spool = self.spool()
        self.assertEqual(spool.adopt().events, 5)
        self.assertEqual(drain(spool), lines(0, 5))


class Out(unittest.TestCase):
    def test_without_a_disk_the_newest_stay_in_memory(self) -> None:
        missing = stage.temporary_dir(self) / "file"
        missing.write_text("no folder")
        outbox = Outbox(Spool(missing, URL), held_bytes_max=1_000)
        with self.assertLogs("selfhealer_events", "WARNING"):
            outbox.adopt()
            outbox.add(lines(0, 100))
            outbox.save()
        self.assertEqual(outbox.events + outbox.dropped, 100)
        self.assertEqual(outbox.head(1, 1000), lines(100 - outbox.events, 1))

    def test_events_on_disk_go_before_those_in_memory(self) -> None:
        outbox = Outbox(Spool(stage.temporary_dir(self), URL), held_bytes_max=1_000_000)
        outbox.add(lines(0, 5))
        outbox.save()
        outbox.add(lines(5, 5))
        out: List[bytes] = []
        while outbox.events > 0:
            head = outbox.head(3, 1_000)
            out += head
            outbox.remove_head(head)
        self.assertEqual(out, lines(0, 10))
        self.assertEqual((outbox.added, outbox.left), (10, 10))
        outbox.close()


def _write_and_hang(directory: Path, ready: "multiprocessing.synchronize.Event") -> None:
    import time

    spool = Spool(directory, URL)
    spool.append(lines(0, 5))
    ready.set()
    time.sleep(600)


if __name__ == "__main__":
    unittest.main()
