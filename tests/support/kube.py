"""A small client for tests: manifests in, dictionaries out."""

from pathlib import Path
from typing import Any

from kubernetes import client, config, dynamic
from kubernetes.client.exceptions import ApiException
from kubernetes.dynamic.exceptions import ConflictError, NotFoundError

from .waiting import eventually

Manifest = dict[str, Any]


class Kube:
    """One API server, as whoever the kubeconfig names."""

    def __init__(self, kubeconfig: Path, impersonate: str | None = None, groups: tuple[str, ...] = ()) -> None:
        api = config.new_client_from_config(str(kubeconfig))
        if impersonate:
            api.set_default_header("Impersonate-User", impersonate)
        for group in groups:
            api.set_default_header("Impersonate-Group", group)
        self.api = api
        self._dynamic = dynamic.DynamicClient(api)

    def _kind(self, api_version: str, kind: str) -> Any:
        return self._dynamic.resources.get(api_version=api_version, kind=kind)

    def create(self, manifest: Manifest, *, dry_run: bool = False) -> Manifest:
        """Creates the object; with ``dry_run`` only asks whether it would be accepted."""
        kind = self._kind(manifest["apiVersion"], manifest["kind"])
        extra = {"dry_run": "All"} if dry_run else {}
        return kind.create(body=manifest, namespace=manifest["metadata"].get("namespace"), **extra).to_dict()

    def refusal(self, manifest: Manifest) -> str:
        """The API server's reason for refusing the object; fails if it accepts it."""
        try:
            self.create(manifest, dry_run=True)
        except ApiException as error:
            return str(error.body)
        raise AssertionError(f"{manifest['kind']} {manifest['metadata']['name']} was accepted")

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Manifest | None:
        """The object, or None where there is none."""
        try:
            return self._kind(api_version, kind).get(name=name, namespace=namespace).to_dict()
        except NotFoundError:
            return None

    def every(self, api_version: str, kind: str, namespace: str | None = None, **query: str) -> list[Manifest]:
        """All objects of a kind; ``label_selector`` and ``field_selector`` narrow them."""
        found = self._kind(api_version, kind).get(namespace=namespace, **query)
        return [item.to_dict() for item in found.items]

    def patch(self, api_version: str, kind: str, name: str, body: Manifest, namespace: str | None = None) -> Manifest:
        """A merge patch."""
        media = "application/merge-patch+json"
        found = self._kind(api_version, kind).patch(name=name, namespace=namespace, body=body, content_type=media)
        return found.to_dict()

    def delete(self, manifest: Manifest) -> None:
        """Deletes the object and waits until it is gone; one that is gone already is fine."""
        kind, meta = self._kind(manifest["apiVersion"], manifest["kind"]), manifest["metadata"]
        try:
            kind.delete(name=meta["name"], namespace=meta.get("namespace"), body={"propagationPolicy": "Background"})
        except (NotFoundError, ConflictError):
            return
        key = (manifest["apiVersion"], manifest["kind"], meta["name"], meta.get("namespace"))
        eventually(lambda: self.get(*key) is None, f"{key} should be gone")

    def abandon(self, namespace: str) -> None:
        """Empties a namespace of its pods, waits until they are gone, and lets the rest of it go by itself."""
        for pod in self.every("v1", "Pod", namespace):
            name = pod["metadata"]["name"]
            self._kind("v1", "Pod").delete(name=name, namespace=namespace, body={"gracePeriodSeconds": 0})
        eventually(lambda: not self.every("v1", "Pod", namespace), f"{namespace} should be empty")
        self._kind("v1", "Namespace").delete(name=namespace)

    def allowed(self, user: str, groups: list[str], verb: str, resource: str, namespace: str, group: str = "") -> bool:
        """Whether RBAC lets a user of these groups do it (SubjectAccessReview)."""
        attributes = client.V1ResourceAttributes(verb=verb, resource=resource, namespace=namespace, group=group)
        spec = client.V1SubjectAccessReviewSpec(user=user, groups=groups, resource_attributes=attributes)
        review = client.V1SubjectAccessReview(spec=spec)
        return bool(client.AuthorizationV1Api(self.api).create_subject_access_review(review).status.allowed)


def condition(manifest: Manifest, kind: str) -> Manifest:
    """The named condition of an object's status; empty where it has none yet."""
    found = (c for c in manifest.get("status", {}).get("conditions", []) if c["type"] == kind)
    return next(found, {})
