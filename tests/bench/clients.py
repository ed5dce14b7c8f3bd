"""Other ways to put the same objects on an API server, all by server-side apply."""

import json
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from kubernetes import client, config

from .objects import Manifest

CONNECTIONS = 16
"""How many requests the concurrent client has under way at once."""


class ApplyError(Exception):
    """An object was refused; the text says which and why."""


class Applier(Protocol):
    """Applies one wave of objects."""

    def __call__(self, wave: Sequence[Manifest]) -> None:
        """Returns when the API server has taken all of them; raises ApplyError."""
        ...


class Kubectl:
    """One ``kubectl apply --server-side`` for each wave, its discovery cache empty at first."""

    def __init__(self, kubeconfig: Path) -> None:
        cache = kubeconfig.with_name("kubectl-cache")
        self._program = ("kubectl", "--kubeconfig", str(kubeconfig), "--cache-dir", str(cache))

    def __call__(self, wave: Sequence[Manifest]) -> None:
        command = [*self._program, "apply", "--server-side", "--force-conflicts", "-f", "-"]
        together = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(wave)})
        done = subprocess.run(command, input=together, text=True, capture_output=True, check=False)
        if done.returncode:
            raise ApplyError(f"kubectl apply ended with {done.returncode}: {done.stderr.strip()}")


class ConcurrentClient:
    """Python threads over the official client's connections, one request for each object."""

    def __init__(self, kubeconfig: Path) -> None:
        settings = client.Configuration()
        settings.connection_pool_maxsize = CONNECTIONS
        api = config.new_client_from_config(str(kubeconfig), client_configuration=settings)
        self._server = settings.host
        self._http = api.rest_client.pool_manager

    def __call__(self, wave: Sequence[Manifest]) -> None:
        groups = {manifest["apiVersion"] for manifest in wave}
        with ThreadPoolExecutor(CONNECTIONS) as threads:
            kinds = dict(zip(groups, threads.map(self._kinds, groups), strict=True))
            paths = [path_of(manifest, kinds[manifest["apiVersion"]][manifest["kind"]]) for manifest in wave]
            for refused in filter(None, threads.map(self._apply, paths, wave)):
                raise ApplyError(refused)

    def _kinds(self, api_version: str) -> Mapping[str, Manifest]:
        listed = self._http.request("GET", self._server + base_of(api_version)).json()["resources"]
        return {each["kind"]: each for each in listed if "/" not in each["name"]}

    def _apply(self, path: str, manifest: Manifest) -> str | None:
        """Why the object was refused; None where it was taken."""
        answer = self._http.request(
            "PATCH",
            f"{self._server}{path}?fieldManager=kubelanes-bench&force=true",
            body=json.dumps(manifest),
            headers={"Content-Type": "application/apply-patch+yaml"},
        )
        taken = answer.status in (HTTPStatus.OK, HTTPStatus.CREATED)
        return None if taken else f"{path}: {answer.status} {answer.data.decode(errors='replace')}"


def base_of(api_version: str) -> str:
    """Where the API of a group and version begins."""
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def path_of(manifest: Manifest, kind: Manifest) -> str:
    """The path of an object; ``kind`` is its entry in the API's discovery document."""
    metadata = manifest["metadata"]
    inside = f"/namespaces/{metadata['namespace']}" if kind["namespaced"] else ""
    return f"{base_of(manifest['apiVersion'])}{inside}/{kind['name']}/{metadata['name']}"
