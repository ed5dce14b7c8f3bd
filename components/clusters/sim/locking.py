"""One run at a time may change a sim."""

import fcntl
import logging
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from .failure import SimError

log = logging.getLogger(__name__)


@contextmanager
def exclusively(path: Path, timeout: float = 300) -> Generator[None]:
    """Holds the lock file at ``path``, waiting up to ``timeout`` seconds for whoever holds it.

    The kernel lets go of it when its holder dies, however that happens. The file is gone afterwards.
    Raises SimError when the wait is over.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = _acquire(path, time.monotonic() + timeout)
    try:
        yield
    finally:
        # Unlinked while it is held: whoever waits on the old file sees that it is gone and opens the new one.
        path.unlink(missing_ok=True)
        os.close(handle)


def _acquire(path: Path, deadline: float) -> int:
    announced = False
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 32, 0).decode() or "unknown"
            os.close(handle)
            if time.monotonic() > deadline:
                raise SimError(
                    f"{path}: process {holder} has held this cluster's lock for too long. "
                    "Wait until that run ends, or end it, and run again."
                ) from None
            if not announced:
                log.warning("waiting for process %s, which is changing the same cluster", holder)
                announced = True
            time.sleep(0.1)
            continue
        if _is_current(handle, path):
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
            return handle
        os.close(handle)


def _is_current(handle: int, path: Path) -> bool:
    """Whether the open file is still the one at the path: its last holder may have unlinked it meanwhile."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False
