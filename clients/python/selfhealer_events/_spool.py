"""
What the exporter has not acknowledged waits here, on disk, and survives the process.

    <directory>/<exporter>/<process>-<random>/lock           held as long as its process lives
    <directory>/<exporter>/<process>-<random>/00000001.ndjson

Each client writes to a folder of its own, so that two processes never write to one file. The folder
of a process that is gone (nobody holds its lock) is taken over by the next client of the same
exporter, and its events are sent.
"""

import os
import shutil
import sys
import tempfile
import uuid
from collections import deque
from pathlib import Path
from typing import Deque, Dict, List, NamedTuple, Optional, Sequence, Tuple

from ._identity import digest
from ._lock import try_lock
from ._segment import Segment, open_private, recover

SPOOL_BYTES_MAX = 256 * 1024 * 1024
_SEGMENT_BYTES_MAX = 8 * 1024 * 1024
_NEW = ".new-"


class Adopted(NamedTuple):
    events: int
    torn: int
    dropped: int


class Spool:
    """First in, first out. Not thread-safe: its owner sees to that. Methods raise OSError."""

    def __init__(self, directory: Path, url: str, bytes_max: int = SPOOL_BYTES_MAX) -> None:
        self._exporter_dir = directory / digest([url])[:16]
        self._bytes_max = bytes_max
        # A twentieth is what dropping the oldest drops at once; more files serve nobody.
        self._segment_bytes_max = max(1, min(_SEGMENT_BYTES_MAX, bytes_max // 20))
        self._segments: Deque[Segment] = deque()
        self._own_dir: Optional[Path] = None
        self._numbers = 0
        #: Open files that hold the locks of our own folder and of those taken over.
        self._locks: Dict[Path, int] = {}

    @property
    def events(self) -> int:
        return sum(segment.events for segment in self._segments)

    @property
    def size(self) -> int:
        return sum(segment.bytes_left for segment in self._segments)

    def append(self, lines: Sequence[bytes]) -> int:
        """On disk when it returns. How many of the oldest events had to go for it."""
        start = 0
        while start < len(lines):
            segment = self._segment_to_write()
            size = segment.size
            end = start
            while end < len(lines) and (end == start or size < self._segment_bytes_max):
                size += len(lines[end])
                end += 1
            segment.append(lines[start:end])
            start = end
        return self._drop_oldest()

    def peek(self, events_max: int, bytes_max: int) -> Tuple[List[bytes], int]:
        """The oldest lines and their size, for `advance`."""
        return self._segments[0].peek(events_max, bytes_max)

    def advance(self, events: int, size: int) -> None:
        """Those that `peek` gave are acknowledged."""
        segment = self._segments[0]
        segment.advance(events, size)
        if segment.bytes_left <= 0:
            self.discard_head()

    def discard_head(self) -> int:
        """The oldest file, whole; how many events went with it."""
        segment = self._segments.popleft()
        segment.delete()
        folder = segment.path.parent
        if folder != self._own_dir and all(s.path.parent != folder for s in self._segments):
            self._release(folder, delete=True)
        return segment.events

    def adopt(self) -> Adopted:
        """Takes over what processes that are gone have left."""
        events = torn = 0
        try:
            folders = sorted(self._exporter_dir.iterdir(), key=_modified)
        except FileNotFoundError:
            return Adopted(0, 0, 0)
        for folder in folders:
            if folder in self._locks or folder.name.startswith(_NEW) or not self._lock(folder):
                continue
            for path in sorted(folder.glob("*.ndjson")):
                segment, is_torn = recover(path)
                torn += is_torn
                if segment.events == 0:
                    segment.delete()
                    continue
                self._segments.append(segment)
                events += segment.events
            if all(segment.path.parent != folder for segment in self._segments):
                self._release(folder, delete=True)
        return Adopted(events, torn, self._drop_oldest())

    def close(self) -> None:
        """What is left stays for the next client."""
        for segment in self._segments:
            segment.close()
        empty = self._own_dir is not None and self.events == 0
        for folder in list(self._locks):
            self._release(folder, delete=empty and folder == self._own_dir)
        self._segments.clear()
        self._own_dir = None

    def forget(self) -> None:
        """In a forked child: files and locks stay the parent's, whose lock must not be undone."""
        for segment in self._segments:
            segment.close()
        for fd in self._locks.values():
            os.close(fd)
        self._locks.clear()
        self._segments.clear()
        self._own_dir = None

    def _segment_to_write(self) -> Segment:
        own_dir = self._own_dir or self._make_own_dir()
        last = self._segments[-1] if self._segments else None
        if last is not None and last.path.parent == own_dir:
            if last.size < self._segment_bytes_max:
                return last
            last.close()
        self._numbers += 1
        segment = Segment(own_dir / f"{self._numbers:08}.ndjson")
        self._segments.append(segment)
        return segment

    def _make_own_dir(self) -> Path:
        """Locked before it has the name under which others look for folders nobody holds."""
        self._exporter_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        new = self._exporter_dir / (_NEW + name)
        new.mkdir(mode=0o700)
        if not self._lock(new):
            raise OSError(f"{new}: expected to lock it, but it cannot be locked")
        own_dir = self._exporter_dir / name
        new.rename(own_dir)
        self._locks[own_dir] = self._locks.pop(new)
        self._own_dir = own_dir
        return own_dir

    def _lock(self, folder: Path) -> bool:
        path = folder / "lock"
        try:
            with open_private(path) as file:
                fd = os.dup(file.fileno())
        except OSError:
            return False
        try:
            # Whoever held it may have deleted the file meanwhile: then this lock is on nothing.
            if try_lock(fd) and os.fstat(fd).st_ino == os.stat(path).st_ino:
                self._locks[folder] = fd
                return True
        except OSError:
            pass
        os.close(fd)
        return False

    def _release(self, folder: Path, delete: bool) -> None:
        fd = self._locks.pop(folder, None)
        if delete:
            # Still locked, so that nobody takes it over half deleted.
            shutil.rmtree(folder, ignore_errors=True)
        if fd is not None:
            os.close(fd)

    def _drop_oldest(self) -> int:
        dropped = 0
        while self._segments and self.size > self._bytes_max:
            dropped += self.discard_head()
        return dropped


def default_directory() -> Path:
    """`HEALER_EVENTS_SPOOL`, else where programs of this user keep their state."""
    given = os.environ.get("HEALER_EVENTS_SPOOL")
    if given:
        return Path(given)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    else:
        base = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    candidates = [Path(base) / "selfhealer-events"] if base else []
    user = os.getuid() if hasattr(os, "getuid") else "user"
    candidates.append(Path(tempfile.gettempdir()) / f"selfhealer-events-{user}")
    for candidate in candidates:
        if _is_ours(candidate):
            return candidate
    return candidates[-1]


def _is_ours(directory: Path) -> bool:
    """In a folder that all may write to, another user's folder could stand under the name."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = directory.lstat().st_uid
    except OSError:
        return False
    return os.access(directory, os.W_OK) and (not hasattr(os, "getuid") or owner == os.getuid())


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
