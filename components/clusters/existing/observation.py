"""What can be seen of a cluster through its API."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..api import Api, Json

_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What was seen, of what this platform did not put there itself, and what it did.

    version: the Kubernetes minor version: ``1.35``.
    signs: what tells components apart: names of DaemonSets and Deployments, last parts of their images, API groups.
    ours: the same of what a Pulumi program put there.
    storage_classes: by name, whether it is the default.
    gpu_nodes: how many nodes offer ``nvidia.com`` resources.
    """

    version: str
    signs: frozenset[str] = frozenset()
    ours: frozenset[str] = frozenset()
    storage_classes: Mapping[str, bool] = field(default_factory=dict[str, bool])
    gpu_nodes: int = 0


def observe(api: Api) -> Observation:
    """Looks; raises ApiError where that is not allowed."""
    version = api.get("/version")
    ours = {each["metadata"]["name"] for each in _items(api, "/api/v1/namespaces") if _is_pulumis(each)}
    workloads = [each for plural in ("daemonsets", "deployments") for each in _items(api, f"/apis/apps/v1/{plural}")]
    groups = {group["name"] for group in api.get("/apis")["groups"]}
    return Observation(
        version=f"{version['major']}.{version['minor'].rstrip('+')}",
        signs=frozenset(groups.union(*(_signs(each) for each in workloads if _namespace(each) not in ours))),
        ours=frozenset[str]().union(*(_signs(each) for each in workloads if _namespace(each) in ours)),
        storage_classes={
            each["metadata"]["name"]: each["metadata"].get("annotations", {}).get(_DEFAULT_CLASS) == "true"
            for each in _items(api, "/apis/storage.k8s.io/v1/storageclasses")
        },
        gpu_nodes=sum(
            any(name.startswith("nvidia.com/") for name in node.get("status", {}).get("capacity", {}))
            for node in _items(api, "/api/v1/nodes")
        ),
    )


def _items(api: Api, path: str) -> list[Json]:
    return api.get(path)["items"]


def _is_pulumis(namespace: Json) -> bool:
    """Whether a Pulumi program made the namespace: what is in it is an add-on of this platform, or of one like it."""
    managers = namespace["metadata"].get("managedFields", [])
    return any(each.get("manager", "").startswith("pulumi-") for each in managers)


def _namespace(workload: Json) -> str:
    return workload["metadata"]["namespace"]


def _signs(workload: Json) -> set[str]:
    return {workload["metadata"]["name"], *_images(workload["spec"]["template"]["spec"])}


def _images(pod: Json) -> Iterator[str]:
    """``k8s-device-plugin`` of ``nvcr.io/nvidia/k8s-device-plugin:v0.19.0``."""
    for container in (*pod.get("initContainers", []), *pod["containers"]):
        yield container["image"].partition("@")[0].rpartition("/")[2].partition(":")[0]
