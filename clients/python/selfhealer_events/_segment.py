"""One file of a spool: lines of events that the exporter has not acknowledged yet."""

import os
from pathlib import Path
from typing import BinaryIO, List, Optional, Sequence, Tuple


class Segment:
    """
    Lines go in at the end and come out at the front. What was acknowledged is remembered in memory
    only: after a crash it is sent again, and the exporter counts it once.
    """

    def __init__(self, path: Path, size: int = 0, events: int = 0) -> None:
        self.path = path
        self.size = size
        #: How many of its events are not acknowledged yet.
        self.events = events
        self._offset = 0
        self._file: Optional[BinaryIO] = None

    @property
    def bytes_left(self) -> int:
        return self.size - self._offset

    def append(self, lines: Sequence[bytes]) -> None:
        """All of them or none: a write that failed half-way is cut off again."""
        if self._file is None:
            self._file = open_private(self.path)
        body = b"".join(lines)
        try:
            self._file.seek(self.size)
            self._file.write(body)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError:
            self._cut()
            raise
        self.size += len(body)
        self.events += len(lines)

    def peek(self, events_max: int, bytes_max: int) -> Tuple[List[bytes], int]:
        """The oldest lines, at least one, and how many bytes they are. Raises OSError."""
        if self._file is None:
            self._file = open(self.path, "r+b")
        self._file.seek(self._offset)
        data = self._file.read(min(bytes_max, self.bytes_left))
        while b"\n" not in data and self._offset + len(data) < self.size:
            more = self._file.read(bytes_max)
            if not more:
                raise OSError(f"{self.path}: expected {self.size} bytes, got fewer")
            data += more
        lines = data[: data.rfind(b"\n") + 1].splitlines(keepends=True)[:events_max]
        if not lines:
            raise OSError(f"{self.path}: expected a line, got none")
        return lines, sum(map(len, lines))

    def advance(self, events: int, size: int) -> None:
        self._offset += size
        self.events -= events

    def close(self) -> None:
        if self._file is not None:
            try:
                self._file.close()
            except OSError:
                pass
            self._file = None

    def delete(self) -> None:
        self.close()
        try:
            self.path.unlink()
        except OSError:
            pass

    def _cut(self) -> None:
        """What cannot be cut off either is not read: `size` says where the lines end."""
        try:
            if self._file is not None:
                self._file.truncate(self.size)
        except OSError:
            pass
        self.close()


def open_private(path: Path) -> BinaryIO:
    """For reading and writing, made when it is not there, for this user alone."""
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
    return os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0)


def recover(path: Path) -> Tuple[Segment, bool]:
    """
    What a process that is gone has left, and whether its last line was torn. A torn line was never
    acknowledged by anybody and is left out.
    """
    size = events = 0
    torn = False
    with open(path, "rb") as file:
        for line in file:
            if not line.endswith(b"\n"):
                torn = True
                break
            size += len(line)
            events += 1
    return Segment(path, size, events), torn
