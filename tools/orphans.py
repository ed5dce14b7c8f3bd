"""What outlives a run that was killed: Pulumi's plugins, and clusters on this machine that no state knows of."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .failure import SetupError

ADDRESS = re.compile(r"127\.0\.0\.1:(\d+)")
SIM_MARK = "KUBELANES_SIM"  # components/clusters/sim gives it to every process of a sim, with the sim's folder as value
PATIENCE_S = 10


@dataclass(frozen=True, slots=True)
class Process:
    """A running process of this user, its command line and its environment."""

    pid: int
    command: tuple[str, ...]
    environment: tuple[str, ...]


def stop_orphaned_plugins(home: Path) -> None:
    """End the plugins that were started with ``home`` as KUBELANES_HOME and whose engine is gone."""
    for process in _processes():
        ports = engine_ports(process.command)
        if ports and f"KUBELANES_HOME={home}" in process.environment and not any(map(_answers, ports)):
            _signal(process.pid, signal.SIGTERM)


def stop_sims(home: Path) -> None:
    """End every process of every sim below ``home``: politely, and after some seconds by force."""
    deadline = time.monotonic() + PATIENCE_S
    while pids := [process.pid for process in _processes() if _is_of_sim(process, home)]:
        for pid in pids:
            _signal(pid, signal.SIGTERM if time.monotonic() < deadline else signal.SIGKILL)
        time.sleep(0.1)


def remove_kind_clusters(home: Path) -> None:
    """Remove every kind cluster that was begun with ``home`` as KUBELANES_HOME.

    Raises SetupError where that fails: what tells it from another's cluster has to stay until then.
    """
    for config in sorted((home / "kind").glob("*/kind.yaml")):  # components/clusters/kind writes it before any node
        options = ["--name", config.parent.name, "--kubeconfig", str(config.with_name("kubeconfig"))]
        try:
            done = subprocess.run(["kind", "delete", "cluster", *options], capture_output=True, text=True, check=False)
        except FileNotFoundError:
            raise SetupError(
                f"kind is not on PATH, and its cluster {config.parent.name} may stand: install it"
            ) from None
        if done.returncode:
            raise SetupError(f"kind cannot remove the cluster {config.parent.name}: {done.stderr.strip()}")


def engine_ports(command: tuple[str, ...]) -> tuple[int, ...]:
    """The ports of the engine that started a plugin, from its command line; none where it is no plugin."""
    is_plugin = any(Path(word).name.startswith("pulumi-") for word in command[:2]) or "pulumi.dynamic" in command
    return tuple(int(found[1]) for word in command if is_plugin and (found := ADDRESS.fullmatch(word)))


def _is_of_sim(process: Process, home: Path) -> bool:
    return any(variable.startswith(f"{SIM_MARK}={home}/") for variable in process.environment)


def _processes() -> Iterator[Process]:
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile, or is another user's
            yield Process(int(folder.name), _words(folder / "cmdline"), _words(folder / "environ"))


def _words(file: Path) -> tuple[str, ...]:
    return tuple(file.read_text(errors="replace").split("\0"))


def _answers(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def _signal(pid: int, how: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, how)
