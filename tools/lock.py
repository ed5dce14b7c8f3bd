"""One run at a time, by a lock that the system frees when its holder dies."""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from .failure import SetupError


@contextmanager
def exclusive(path: Path, *, wait: str | None = None, refuse: str = "") -> Generator[None, None, None]:
    """Hold the lock ``path`` while the body runs.

    wait: said before waiting where another process holds it. Without it, SetupError with ``refuse``. ``{pid}`` in
    either text becomes the holder's process id.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            if wait is None:
                raise SetupError(refuse.format(pid=holder)) from None
            print(wait.format(pid=holder), flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield
