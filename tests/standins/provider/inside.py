"""What a cloud does inside a cluster that it runs: the nodes of its node pools, and the kinds that it brings along.

The cluster is a sim. Requests are made with what Python has: the Kubernetes client takes a second to import.
"""

import http.client
import json
import ssl
import tempfile
import time
import urllib.parse
from collections.abc import Iterator
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any

import yaml

from .making import Place
from .nodes import NODE_POOLS, Manifest, nodes
from .store import Stored

CLUSTERS = {"aws:eks/cluster:Cluster": "eks", "gcp:container/cluster:Cluster": "gke"}
BROUGHT = Path(__file__).with_name("clouds") / "brings.yaml"


class InsideError(RuntimeError):
    """The cluster's API server refuses what the cloud does there."""


class Inside:
    """The cluster behind a cloud."""

    def __init__(self, place: Place) -> None:
        self._place = place

    def follow(self, before: Stored | None, after: Stored | None) -> None:
        """Does inside what follows from a resource that was made, changed or taken away."""
        stored = after or before
        if stored is None or not self._place.has_cluster:
            return
        if stored.token in CLUSTERS and before is None:
            self._first.write_text(json.dumps(sorted(self.objects())))
            for manifest in brought(CLUSTERS[stored.token]):
                self.put(manifest)
        elif stored.token in CLUSTERS and after is None:
            self.empty(set(json.loads(self._first.read_text())))  # with a cluster, everything in it is gone
        if stored.token in NODE_POOLS:
            old, new = (nodes(self._place, each) if each else {} for each in (before, after))
            for name in sorted(set(old) - set(new)):
                self.remove(old[name])
            for name, manifest in sorted(new.items()):
                if old.get(name) != manifest:
                    self.put(manifest)

    def objects(self) -> set[str]:
        """Kind and name of everything that belongs to no namespace."""
        return {
            f"{kind} {each['metadata']['name']}"
            for kind, path in _LISTED.items()
            for each in (self.get(path) or {}).get("items") or []
        }

    def empty(self, at_first: set[str], patience: float = 60) -> bool:
        """Takes away all but what was there at first; whether that is so after at most ``patience`` seconds."""
        deadline = time.monotonic() + patience
        while left := self.objects() - at_first:
            if time.monotonic() > deadline:
                return False
            for each in left:
                kind, _, name = each.partition(" ")
                self.delete(f"{_LISTED[kind]}/{name}")
            time.sleep(0.2)
        return True

    @property
    def _first(self) -> Path:
        return self._place.folder / "at-first.json"

    def put(self, manifest: Manifest) -> None:
        """Makes an object, or makes it what the manifest says; its status too."""
        path = _path(manifest)
        query = "?fieldManager=cloud&force=true"
        self._request("PATCH", f"{path}{query}", manifest, "application/apply-patch+yaml")
        if "status" in manifest:
            self._request("PATCH", f"{path}/status{query}", manifest, "application/apply-patch+yaml")

    def remove(self, manifest: Manifest) -> None:
        """Takes an object away; what is gone already is fine."""
        self.delete(_path(manifest))

    def delete(self, path: str) -> None:
        """Takes away what is there."""
        self._request("DELETE", path, {"propagationPolicy": "Background"})

    def get(self, path: str) -> Any:
        """What the API server answers; None where there is nothing."""
        return self._request("GET", path)

    def _request(self, method: str, path: str, body: Any = None, media: str = "application/json") -> Any:
        address = urllib.parse.urlsplit(self._place.cluster()["server"])
        connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, context=self._context, timeout=30
        )
        try:
            connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": media})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status == HTTPStatus.NOT_FOUND and method in ("GET", "DELETE"):
            return None
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise InsideError(f"{method} {path}: {answer.status} {content.decode(errors='replace')}")
        return json.loads(content)

    @cached_property
    def _context(self) -> ssl.SSLContext:
        cluster = self._place.cluster()
        context = ssl.create_default_context(cadata=cluster["ca"])
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as pair:  # Python reads them from a file only
            pair.write(cluster["certificate"] + cluster["key"])
            pair.flush()
            context.load_cert_chain(pair.name)
        return context


def brought(cluster: str) -> Iterator[Manifest]:
    """The definitions that a new cluster of this kind has in it; no schema is enforced on what they define."""
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    for row in yaml.safe_load(BROUGHT.read_text(encoding="utf-8"))[cluster]:
        plural, _, group = row["name"].partition(".")
        version = {
            "name": row["version"],
            "served": True,
            "storage": True,
            "schema": schema,
            "subresources": {"status": {}},
        }
        yield {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            # Groups of Kubernetes' own are protected: api-approved.kubernetes.io has to say so.
            "metadata": {"name": row["name"], "annotations": {"api-approved.kubernetes.io": "unapproved, a stand-in"}},
            "spec": {
                "group": group,
                "names": {"kind": row["kind"], "plural": plural, "singular": row["kind"].lower()},
                "scope": row["scope"],
                "versions": [version],
            },
        }


_LISTED = {
    "Namespace": "/api/v1/namespaces",
    "Node": "/api/v1/nodes",
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "ValidatingWebhookConfiguration": "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
    "MutatingWebhookConfiguration": "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
    "APIService": "/apis/apiregistration.k8s.io/v1/apiservices",
    "PriorityClass": "/apis/scheduling.k8s.io/v1/priorityclasses",
    "StorageClass": "/apis/storage.k8s.io/v1/storageclasses",
    "DeviceClass": "/apis/resource.k8s.io/v1/deviceclasses",
    "ResourceSlice": "/apis/resource.k8s.io/v1/resourceslices",
}
"""What belongs to no namespace, and where it is listed."""


def _path(manifest: Manifest) -> str:
    return f"{_LISTED[manifest['kind']]}/{manifest['metadata']['name']}"
