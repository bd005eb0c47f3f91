"""A lock on a file that ends with its process, however that ends. Never waits."""

import os

try:
    import fcntl

    def try_lock(fd: int) -> bool:
        """Whether this open file is now, or still, the holder."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

except ImportError:  # Windows
    import msvcrt

    def try_lock(fd: int) -> bool:
        """Whether this open file is now, or still, the holder."""
        try:
            os.lseek(fd, 0, os.SEEK_SET)
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
        return True
