"""The pod template that all lanes share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..mounts import Mount
from ..objects import Manifest
from ..pools.fabric import Fabric
from ..quantities import canonical
from ..settings.lanes import Workload
from ..tenancy.priorities import PRIORITY_CLASSES
from .placement import CLAIM, Placement
from .security import CONTAINER_SECURITY, pod_security

SCRATCH = Mount(name="tmp", path="/tmp", source={"emptyDir": {}})  # noqa: S108 - a volume of the pod's own
_SHARED_MEMORY = Mount(name="shm", path="/dev/shm", source={"emptyDir": {"medium": "Memory"}})  # noqa: S108 - likewise
"""What processes on several GPUs exchange data through: the runtime's own 64 MiB end in a bus error.

Its size is the pod's memory limit, which it counts towards.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """What differs from lane to lane.

    args: arguments to ``command``, or to the image's own.
    env: environment variables that the lane itself sets; the workload's own win.
    probes: ``startupProbe``, ``livenessProbe``, ``readinessProbe``.
    mounts: volumes beside ``/tmp``.
    claims: further entries of the pod's ``resourceClaims``, all of them the container's.
    fabric: the fast network between nodes that it uses; None where it has the default one only.
    user: the number of the user that it runs as; the image's where it is None, which may not be root.
    drain: seconds for which a pod that ends still serves, until nobody sends to it any more.
    grace: seconds after which it is killed, ``drain`` included.
    """

    command: Sequence[str] = ()
    args: Sequence[str] = ()
    env: Mapping[str, str | Manifest] = field(default_factory=dict[str, str | Manifest])
    ports: Mapping[str, int] = field(default_factory=dict[str, int])
    probes: Mapping[str, Manifest] = field(default_factory=dict[str, Manifest])
    mounts: Sequence[Mount] = ()
    claims: Sequence[Manifest] = ()
    fabric: Fabric | None = None
    user: int | None = None
    drain: int = 0
    grace: int = 30


def pod_spec(name: str, workload: Workload, placement: Placement, container: Container, config: str | None) -> Manifest:
    """The spec of a pod.

    config: the ConfigMap with the workload's plain environment, where it has one.
    """
    fabric = container.fabric or _NO_FABRIC
    mounts = (SCRATCH, *container.mounts, *fabric.mounts)
    return _present(
        {
            **placement.pod_spec,
            "priorityClassName": PRIORITY_CLASSES[placement.lane].name,
            "serviceAccountName": name,
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "securityContext": pod_security(container.user if fabric.user is None else fabric.user),
            "terminationGracePeriodSeconds": container.grace,
            "resourceClaims": _claims(name, placement, container),
            "volumes": [*(mount.volume for mount in mounts), *fabric.volumes],
            "initContainers": list(fabric.sidecars),
            "containers": [
                _present(
                    {
                        "name": "main",
                        "image": workload.image,
                        "command": list(container.command),
                        "args": list(container.args),
                        "env": _environment(workload, {**fabric.env, **container.env}),
                        "envFrom": [{"configMapRef": {"name": config}}] if config else [],
                        "ports": [{"name": port, "containerPort": at} for port, at in container.ports.items()],
                        "resources": _resources(workload, placement, container, fabric),
                        "securityContext": CONTAINER_SECURITY,
                        "volumeMounts": [mount.volume_mount for mount in mounts],
                        "lifecycle": {"preStop": {"sleep": {"seconds": container.drain}}} if container.drain else {},
                        **container.probes,
                    }
                )
            ],
        }
    )


def shared_memory(placement: Placement) -> tuple[Mount, ...]:
    """The volume through which a container's own processes share memory; none where it uses no accelerators.

    None either for clients of MPS, who talk to their server through what the device plugin, or the node, has there: a
    volume of the pod's would lie above it, and CUDA would find no server.
    Source: NVIDIA/k8s-device-plugin v0.19.3, internal/plugin/mps.go (``ShmDir``), and its issue 805.
    """
    return (_SHARED_MEMORY,) if placement.accelerated and not placement.by_mps else ()


def probe(path: str, *, period: int, failures: int, port: str = "http") -> Manifest:
    """An HTTP probe every ``period`` seconds that gives up after ``failures`` in a row."""
    return {"httpGet": {"path": path, "port": port}, "periodSeconds": period, "failureThreshold": failures}


_NO_FABRIC = Fabric()


def _claims(name: str, placement: Placement, container: Container) -> list[Manifest]:
    own = [{"name": CLAIM, "resourceClaimTemplateName": name}] if placement.claim else []
    return [*own, *container.claims]


def _resources(workload: Workload, placement: Placement, container: Container, fabric: Fabric) -> Manifest:
    # No CPU limit: it would throttle a pod whose node is idle. Memory and GPUs cannot be taken back: limit = request.
    pages = {"hugepages-2Mi": canonical(fabric.hugepages)} if fabric.hugepages else {}
    fixed = {"memory": canonical(workload.memory), **pages, **placement.limits, **fabric.resources}
    claims = [{"name": claim["name"]} for claim in _claims("", placement, container)]
    return _present({"requests": {"cpu": canonical(workload.cpu), **fixed}, "limits": fixed, "claims": claims})


def _environment(workload: Workload, lane: Mapping[str, str | Manifest]) -> list[Manifest]:
    ours = {key: value for key, value in lane.items() if key not in workload.env}
    values = {key: {"value": value} if isinstance(value, str) else {"valueFrom": value} for key, value in ours.items()}
    secrets = {
        variable: {"valueFrom": {"secretKeyRef": {"name": secret, "key": variable}}}
        for variable, secret in workload.secrets.items()
    }
    return [{"name": variable, **value} for variable, value in (values | secrets).items()]


def _present(manifest: Manifest) -> Manifest:
    """Without what is empty: the API server drops it, and what it drops would look like drift."""
    return {key: value for key, value in manifest.items() if value not in ([], {}, None)}
