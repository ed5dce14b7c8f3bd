"""One sim that every cloud stack of a test run stands on, one after the other, and what is around a cluster."""

import base64
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from components.catalogue.charts import charts
from components.clusters.sim import cluster
from components.clusters.sim.controllers import CONTROLLERS
from components.clusters.sim.spec import SimSpec
from tests.standins.provider.inside import Inside
from tests.standins.provider.making import Place

from .egress import Relay, Target, write_programs
from .internet import Internet
from .visibility import Visibility

_HOSTED = "kueue"
_SERVICES = {"kueue-webhook-service": "webhook", "kueue-visibility-server": "visibility"}


class World:
    """The sim and its surroundings; `close` leaves nothing of it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._programs = home / "programs"
        self._programs.mkdir(parents=True)
        real = shutil.which("kube-apiserver")
        if not real:
            raise AssertionError("kube-apiserver is not on PATH: `make test` builds it")
        written = write_programs(self._programs, Path(real))
        self.internet = Internet(self._programs, {name: pin.version for name, pin in charts().items()})
        self._visibility = Visibility(self._programs)
        self._relay = Relay(written["socket"], self._route)
        self._start()

    def _start(self) -> None:
        # The sim finds kube-apiserver on PATH: here, the one that reaches Services.
        before = os.environ["PATH"]
        os.environ["PATH"] = f"{self._programs}{os.pathsep}{before}"
        try:
            self._spec = SimSpec(name="world", home=self._home, hosted=(CONTROLLERS[_HOSTED],))
            self.sim = cluster.ensure(self._spec)
        finally:
            os.environ["PATH"] = before
        self.describe(self._home)
        self._inside = Inside(Place(package="aws", folder=self._home, region=""))
        self._at_first = self._inside.objects()

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self._spec.place.kubeconfig

    def describe(self, folder: Path) -> None:
        """Tells a cloud's folder where its clusters lead."""
        user = yaml.safe_load(self.sim.kubeconfig)["users"][0]["user"]
        pair = {key: base64.b64decode(user[f"client-{key}-data"]).decode() for key in ("certificate", "key")}
        told = {"server": self.sim.endpoint, "ca": self.sim.ca, **pair}
        path = folder / "cluster.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(told))

    def left(self) -> list[str]:
        """What stands in the sim that was not there at first: kind and name."""
        return sorted(self._inside.objects() - self._at_first)

    def clean(self) -> None:
        """Leaves the sim as it was at first: another one, where what a stack left cannot be taken away."""
        if not self._inside.empty(self._at_first):
            cluster.delete(self._spec.place)
            self._start()

    def close(self) -> None:
        """Ends everything."""
        cluster.delete(self._spec.place)
        for server in (self._relay, self.internet, self._visibility):
            server.shutdown()
            server.server_close()

    def _route(self, address: str, _port: int) -> Target | None:
        """Where a connection to a Service's address ends: at the process that stands for its pods."""
        services: list[Mapping[str, Any]] = (self._inside.get("/api/v1/services") or {}).get("items") or []
        name = next((each["metadata"]["name"] for each in services if each["spec"].get("clusterIP") == address), "")
        match _SERVICES.get(name):
            case "webhook":
                host, _, port = self.sim.hosted[_HOSTED].webhook_url.removeprefix("https://").rpartition(":")
                return host, int(port)
            case "visibility":
                return "127.0.0.1", int(self._visibility.server_address[1])
            case _:
                return None
