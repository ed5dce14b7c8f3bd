"""One sim that every cloud stack of a test run stands on, one after the other, and what is around a cluster."""

import base64
import json
import os
from pathlib import Path

import yaml

from components.catalogue.charts import charts
from components.clusters.sim import cluster
from components.clusters.sim.controllers import CONTROLLERS
from components.clusters.sim.spec import SimSpec
from tests.standins.provider.inside import Inside
from tests.standins.provider.making import Place

from .internet import Internet
from .network import HOSTED, PodNetwork


class World:
    """The sim and its surroundings; `close` leaves nothing of it."""

    def __init__(self, home: Path) -> None:
        self._home = home
        programs = home / "programs"
        programs.mkdir(parents=True)
        self._spec = SimSpec(name="world", home=home, hosted=(CONTROLLERS[HOSTED],))
        self.internet = Internet(programs, {name: pin.version for name, pin in charts().items()})
        self._network = PodNetwork(programs, self._spec)
        self._start()

    def _start(self) -> None:
        # The sim finds kube-apiserver on PATH: here, the one that reaches Services.
        before = os.environ["PATH"]
        os.environ["PATH"] = self._network.before(before)
        try:
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
        self._network.close()
        self.internet.shutdown()
        self.internet.server_close()
