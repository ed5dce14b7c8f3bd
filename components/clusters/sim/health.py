"""How a sim is: absent, stopped, broken or running."""

import ssl
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from . import processes
from .config import Endpoints
from .home import SimHome
from .record import SimRecord
from .spec import COMPONENTS


class State(StrEnum):
    """How a sim is.

    ABSENT: there is none, or a half-made one, or its data is gone.
    STOPPED: it has its data, and no process runs.
    BROKEN: it has its data, but a process is missing or its API server does not answer.
    RUNNING: everything runs.
    """

    ABSENT = "absent"
    STOPPED = "stopped"
    BROKEN = "broken"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Health:
    """How a sim was found.

    state: how it is.
    reason: why it is not running; empty where it is.
    record: what is remembered of it; None where it is absent.
    """

    state: State
    reason: str = ""
    record: SimRecord | None = None


def probe(place: SimHome, hosted: Iterable[str]) -> Health:
    """Looks at the sim without changing anything. ``hosted`` names the controllers that it should host."""
    record = SimRecord.read(place.record)
    if record is None:
        return Health(State.ABSENT, f"{place.root} holds no complete sim")
    if not (place.etcd / "member").is_dir() or not (place.pki / "ca.key").is_file():
        return Health(State.ABSENT, f"the data of the sim in {place.root} is gone")
    pids = {process.pid for process in processes.of_sim(place.root)}
    if not pids:
        return Health(State.STOPPED, "no process of the sim runs", record)
    missing = [name for name in (*COMPONENTS, *hosted) if _pid(place, name) not in pids]
    if missing:
        return Health(State.BROKEN, f"not running: {', '.join(missing)}", record)
    if not answers(place, record.ports, "/readyz"):
        return Health(State.BROKEN, "the API server is not ready", record)
    return Health(State.RUNNING, "", record)


def answers(place: SimHome, ports: dict[str, int], path: str) -> bool:
    """Whether the API server answers a request of the administrator's with success within a few seconds."""
    try:
        context = ssl.create_default_context(cafile=str(place.pki / "ca.crt"))
        context.load_cert_chain(place.pki / "admin.crt", place.pki / "admin.key")
        with urllib.request.urlopen(  # noqa: S310 - always https, to the loopback address
            Endpoints(ports).url("kube-apiserver") + path, context=context, timeout=5
        ):
            return True
    except (OSError, urllib.error.URLError):
        return False


def _pid(place: SimHome, component: str) -> int | None:
    try:
        return int((place.kwok_cluster / "pids" / f"{component}.pid").read_text())
    except (OSError, ValueError):
        return None
