"""The pod network of one sim, with Kueue's Services in it: they end at the Kueue that the sim hosts."""

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from components.clusters.api import Api, ApiError
from components.clusters.sim import cluster
from components.clusters.sim.spec import SimSpec

from .egress import Relay, Target, write_programs
from .visibility import Visibility

HOSTED = "kueue"
_SERVICES = {"kueue-webhook-service": "webhook", "kueue-visibility-server": "visibility"}


class PodNetwork:
    """The network of a sim that may start later, and anew; `close` leaves nothing of it.

    programs: an empty folder, for what goes first on the PATH of whoever starts the sim.
    spec: the sim, which hosts Kueue.
    path: where the real kube-apiserver is looked for; PATH by default.
    """

    def __init__(self, programs: Path, spec: SimSpec, path: str | None = None) -> None:
        real = shutil.which("kube-apiserver", path=path)
        if not real:
            raise AssertionError("kube-apiserver is not on PATH: `make test` builds it")
        self._programs, self._spec = programs, spec
        written = write_programs(programs, Path(real))
        self._visibility = Visibility(programs)
        self._relay = Relay(written["socket"], self._route)

    def before(self, path: str) -> str:
        """A PATH on which a sim is started that reaches Services."""
        return f"{self._programs}{os.pathsep}{path}"

    def close(self) -> None:
        """Ends it; the sim should be gone."""
        for server in (self._relay, self._visibility):
            server.shutdown()
            server.server_close()

    def _route(self, address: str, _port: int) -> Target | None:
        """Where a connection to a Service's address ends: at the process that stands for its pods."""
        name = next((each["metadata"]["name"] for each in self._services() if _has(each, address)), "")
        match _SERVICES.get(name):
            case "webhook":
                url = cluster.describe(self._spec).hosted[HOSTED].webhook_url
                host, _, port = url.removeprefix("https://").rpartition(":")
                return host, int(port)
            case "visibility":
                return "127.0.0.1", int(self._visibility.server_address[1])
            case _:
                return None

    def _services(self) -> list[Mapping[str, Any]]:
        with suppress(OSError, ApiError), Api(yaml.safe_load(self._spec.place.kubeconfig.read_text())) as api:
            return api.get("/api/v1/services")["items"]
        return []  # it starts or ends just now


def _has(service: Mapping[str, Any], address: str) -> bool:
    return service["spec"].get("clusterIP") == address
