"""Kubernetes objects as planners write them. `registration` makes Pulumi resources of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

Manifest = dict[str, Any]
"""A Kubernetes object, spelled as in YAML."""


@dataclass(frozen=True, slots=True)
class Object:
    """A Kubernetes object and what Pulumi has to know about it.

    manifest: the object, complete.
    keep: whether it stays in the cluster when it leaves the stack.
    ignore: property paths that belong to a controller after creation.
    patch: whether somebody else makes the object, and only what the manifest says of it is ours.
    """

    manifest: Manifest
    keep: bool = False
    ignore: tuple[str, ...] = ()
    patch: bool = False

    @property
    def kind(self) -> str:
        """Its kind, such as ``Deployment``."""
        return self.manifest["kind"]

    @property
    def name(self) -> str:
        """Its name in the cluster."""
        return self.manifest["metadata"]["name"]

    def kept(self, keep: bool) -> "Object":
        """The same object with another answer to ``keep``."""
        return replace(self, keep=keep)


def manifest(
    api_version: str,
    kind: str,
    name: str,
    namespace: str | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    **body: object,
) -> Manifest:
    """A manifest whose metadata holds only what is given; ``body`` is everything beside it."""
    optional = {"namespace": namespace, "labels": labels, "annotations": annotations}
    metadata = {"name": name} | {key: value for key, value in optional.items() if value}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **body}
