"""Kubernetes objects as planners write them, and how they become Pulumi resources."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pulumi

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


def register(
    item: Object,
    parent: pulumi.Resource,
    *,
    depends_on: Sequence[pulumi.Resource] = (),
    deleted_with: pulumi.Resource | None = None,
    replace_on: Sequence[str] = (),
) -> pulumi.CustomResource:
    """Makes ``item`` a child of ``parent``, called after the object's namespace and name.

    ``deleted_with`` is dropped for what is kept: the engine would take the object for gone with its owner.
    ``replace_on`` names property paths that the API server lets nobody change.

    The SDK's own classes are not used: they have no argument for the status of a Node or the value of a
    WorkloadPriorityClass, and importing them takes longer than everything else that a program does.
    """
    metadata = item.manifest["metadata"]
    # Without force, a field that somebody changed by hand belongs to them, and repairing it is a conflict.
    annotations = {"pulumi.com/patchForce": "true"} | metadata.get("annotations", {})
    options = pulumi.ResourceOptions(
        parent=parent,
        depends_on=list(depends_on),
        deleted_with=None if item.keep else deleted_with,
        retain_on_delete=item.keep,
        ignore_changes=list(item.ignore),
        replace_on_changes=list(replace_on),
        delete_before_replace=True,  # the name is fixed: two of them cannot stand at once
    )
    written = item.manifest | {"metadata": metadata | {"annotations": annotations}}
    name = "/".join(filter(None, (metadata.get("namespace"), item.name)))
    return pulumi.CustomResource(_token(item), name, written, options)


def _token(item: Object) -> str:
    api_version = item.manifest["apiVersion"]
    group = api_version if "/" in api_version else f"core/{api_version}"
    return f"kubernetes:{group}:{item.kind}{'Patch' if item.patch else ''}"
