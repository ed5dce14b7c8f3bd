"""How Kubernetes objects become Pulumi resources."""

from collections.abc import Sequence

import pulumi

from .objects import Object


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
