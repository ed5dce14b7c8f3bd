"""The processes of a sim: found by a mark in their environment, ended without ever touching another's."""

import os
import select
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from .failure import SimError

MARK = "KUBELANES_SIM"
"""The environment variable that every process of a sim inherits; its value is the sim's root folder."""

_STORE = "etcd"


@dataclass(frozen=True, slots=True)
class Process:
    """A running process.

    pid: its number.
    program: the name of its program.
    """

    pid: int
    program: str


def of_sim(root: Path) -> tuple[Process, ...]:
    """Every running process with the sim's mark, whatever became of the sim's files."""
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    return tuple(Process(pid, _program(pid)) for pid in pids if _is_marked(pid, root))


def end(root: Path, patience: float = 10) -> None:
    """Ends all processes of the sim: politely first, then, after ``patience`` seconds, by force.

    The API server needs etcd to shut down in order: etcd is ended last, and where it is missing there is only force.
    Processes that are started meanwhile (by a kwokctl whose caller was killed) are ended too.
    Raises SimError if some are left.
    """
    asked_until = time.monotonic() + patience
    deadline = asked_until + 20
    while running := of_sim(root):
        if time.monotonic() > deadline:
            raise SimError(f"{root}: processes {[p.pid for p in running]} cannot be ended")
        others = [process for process in running if process.program != _STORE]
        polite = len(others) < len(running) and time.monotonic() < asked_until
        how = signal.SIGTERM if polite else signal.SIGKILL
        _signal_and_wait([process.pid for process in others or running], root, how, patience)


def _signal_and_wait(pids: list[int], root: Path, how: signal.Signals, patience: float) -> None:
    handles = [handle for pid in pids if (handle := _signal(pid, root, how)) is not None]
    try:
        _wait(handles, patience)
    finally:
        for handle in handles:
            os.close(handle)


def _signal(pid: int, root: Path, how: signal.Signals) -> int | None:
    """Signals the process through a handle that stays bound to it: its number may go to another process any time."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return None
    try:
        if _is_marked(pid, root):
            signal.pidfd_send_signal(handle, how)
            return handle
    except ProcessLookupError:
        pass
    os.close(handle)
    return None


def _wait(handles: list[int], patience: float) -> None:
    """Waits until the processes have ended, at most ``patience`` seconds."""
    deadline = time.monotonic() + patience
    poll = select.poll()
    for handle in handles:
        poll.register(handle, select.POLLIN)
    left = len(handles)
    while left and (rest := deadline - time.monotonic()) > 0:
        for handle, _ in poll.poll(rest * 1000):
            poll.unregister(handle)
            left -= 1


def _is_marked(pid: int, root: Path) -> bool:
    """Whether the process carries the mark; an ended one has no environment any more."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    return f"{MARK}={root}".encode() in environment.split(b"\0")


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().rstrip("\n")
    except OSError:
        return ""
