"""The plugin of the DRA example driver, which no simulated node runs: it publishes devices where it would run."""

import logging
import threading
from collections.abc import Mapping
from typing import Any

import yaml

from components.addons.gpus.dra_example import DRIVER, NAMESPACE
from components.clusters.api import APPLY, Api, ApiError
from components.clusters.sim.spec import SimSpec

log = logging.getLogger("example-driver")

_PERIOD = 0.5
_PLUGINS = {"labelSelector": "app.kubernetes.io/component=kubeletplugin", "fieldSelector": "status.phase=Running"}
_DEVICES = "NUM_DEVICES"


class ExampleDriver(threading.Thread):
    """Looks at a sim, which may start later, and anew, until it is stopped: one ResourceSlice for each plugin's pod."""

    def __init__(self, spec: SimSpec) -> None:
        super().__init__(name="example-driver", daemon=True)
        self._spec = spec
        self._published: set[str] = set()
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(_PERIOD):
            try:
                self._look()
            except (OSError, ApiError) as error:
                log.info("the cluster does not answer: %s", error)

    def stop(self) -> None:
        """Stops it, and waits until it has."""
        self._over.set()
        self.join()

    def _look(self) -> None:
        with Api(yaml.safe_load(self._spec.place.kubeconfig.read_text())) as api:
            for pod in api.get(f"/api/v1/namespaces/{NAMESPACE}/pods", **_PLUGINS)["items"]:
                if pod["metadata"]["uid"] in self._published:
                    continue
                node = api.get(f"/api/v1/nodes/{pod['spec']['nodeName']}")
                made = slice_of(node["metadata"], _devices(pod))
                path = f"/apis/resource.k8s.io/v1/resourceslices/{made['metadata']['name']}"
                api.patch(path, made, APPLY, fieldManager="example-driver", force="true")
                self._published.add(pod["metadata"]["uid"])


def slice_of(node: Mapping[str, Any], devices: int) -> dict[str, Any]:
    """What the plugin publishes of its node; gone with the node, as the kubelet's plugins see to.

    Source: dra-example-driver v0.3.0, internal/profiles/gpu/gpu.go.
    """
    name = node["name"]
    owner = {"apiVersion": "v1", "kind": "Node", "name": name, "uid": node["uid"]}
    return {
        "apiVersion": "resource.k8s.io/v1",
        "kind": "ResourceSlice",
        "metadata": {"name": f"{name}-{DRIVER}", "ownerReferences": [owner]},
        "spec": {
            "driver": DRIVER,
            "nodeName": name,
            "pool": {"name": name, "generation": 1, "resourceSliceCount": 1},
            "devices": [_device(name, index) for index in range(devices)],
        },
    }


def _device(node: str, index: int) -> dict[str, Any]:
    return {
        "name": f"gpu-{index}",
        "attributes": {
            "index": {"int": index},
            "uuid": {"string": f"gpu-{node}-{index}"},
            "model": {"string": "LATEST-GPU-MODEL"},
            "driverVersion": {"version": "1.0.0"},
        },
        "capacity": {"memory": {"value": "80Gi"}},
    }


def _devices(pod: Mapping[str, Any]) -> int:
    """How many devices the chart tells the plugin to publish."""
    environment = pod["spec"]["containers"][0]["env"]
    return next(int(each["value"]) for each in environment if each["name"] == _DEVICES)
