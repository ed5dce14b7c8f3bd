"""What a pod that takes a whole node needs beside its GPUs to use the fast network between nodes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import yaml

from ..catalogue.gke_networks import subnets_of
from ..catalogue.machines import Machine
from ..catalogue.nccl import nccl, nccl_row, needs_privileges
from ..mounts import Mount
from ..objects import Manifest
from .plan import PoolPlan

EFA_RESOURCE = "vpc.amazonaws.com/efa"
"""What the EFA device plugin calls an interface."""
INFINIBAND_RESOURCE = "rdma/infiniband"
"""What the network operator's device plugin calls the use of all InfiniBand adapters of a node."""
_INFINIBAND_LABEL = "feature.node.kubernetes.io/pci-15b3.present"
"""What Node Feature Discovery puts on nodes with NVIDIA's network adapters, and the network operator looks for."""
GKE_LIBRARIES = "/home/kubernetes/bin/nvidia"
"""Where GKE, or its driver installer, lays the GPU driver on a node, and under it lie the kits of the fast networks.

Source: "NVIDIA GPU Operator with Google GKE"; GoogleCloudPlatform/container-engine-accelerators."""
LIBRARIES = "/usr/local/nvidia"
"""Where containers on GKE see that folder."""

_HUGE_PAGES = 5120
"""MiB of huge pages for a job on EFA. Source: Amazon EKS user guide, "Run machine learning training on Amazon EKS with
Elastic Fabric Adapter": Amazon Linux nodes with EFA set aside 5128 pages of 2 MiB."""
_HUGE_PAGES_PER_CPU = 220
"""MiB of huge pages that Bottlerocket sets aside for each CPU where there is EFA: on the smallest machine less than the
above. Source: bottlerocket-os/bottlerocket-core-kit, sources/api/corndog."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fabric:
    """The fast network of a pool, as one pod on one of its nodes asks for all of it.

    resources: extended resources of the container: its network interfaces, where a device plugin hands them out.
    hugepages: pages of 2 MiB for the container, as ``hugepages-2Mi`` counts them; None where it needs none.
    env: what NCCL and the network's library read; the workload's own variables win.
    annotations: of the pod.
    mounts: volumes of the pod that the container sees.
    volumes: further volumes of the pod, for ``sidecars``.
    sidecars: entries of the pod's ``initContainers`` that stay as long as the pod.
    user: the user that the container must run as; None for any.
    pod_security: the strictest Pod Security level at which the pod is admitted.
    """

    resources: Mapping[str, str] = field(default_factory=dict[str, str])
    hugepages: str | None = None
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    annotations: Mapping[str, str] = field(default_factory=dict[str, str])
    mounts: tuple[Mount, ...] = ()
    volumes: tuple[Manifest, ...] = ()
    sidecars: tuple[Manifest, ...] = ()
    user: int | None = None
    pod_security: Literal["restricted", "privileged"] = "restricted"


def fabric(pool: PoolPlan) -> Fabric | None:
    """The fast network of a pool, for a pod that takes a whole node; None where it has the default network only.

    On EFA the workload's image brings libfabric and NCCL's plugin for it (the EFA installer). On InfiniBand the nodes'
    container runtime lets containers lock memory (``LimitMEMLOCK=infinity``); images of GPU nodes do.
    """
    make = _FABRICS.get(pool.network)
    return make(pool) if make and pool.gpu else None


def network_labels(network: str) -> dict[str, str]:
    """The labels that nodes on this network carry for what serves it."""
    return {_INFINIBAND_LABEL: "true"} if network == "infiniband" else {}


def huge_pages(machine: Machine) -> str:
    """The huge pages of 2 MiB that a job on EFA takes; no node image sets aside less where there is EFA."""
    return f"{min(_HUGE_PAGES, _HUGE_PAGES_PER_CPU * machine.vcpu)}Mi"


def kit_folder(network: str) -> str:
    """The folder of a network's kit below that of the driver's libraries; each version has its own.

    A job begins and ends with the version that its pods name, whatever is installed meanwhile.
    """
    kit = nccl().kits[network]
    return f"{kit.name}-{kit.version}"


def interfaces(pool: PoolPlan) -> dict[str, str]:
    """The fast interfaces of a pod on GKE, and the Network object of each. RDMA begins at eth2, after a second gVNIC.

    Source: GKE, "Maximize GPU network bandwidth in Standard mode clusters" and "Create an AI-optimized GKE cluster".
    """
    first, mode = (2, "RDMA") if pool.network == "rdma" else (1, "NetDevice")
    fast = [subnet.name for subnet in subnets_of(pool.network, pool.zones) if subnet.mode == mode]
    return {f"eth{first + at}": name for at, name in enumerate(fast[: pool.machine.interfaces])}


def _environment(pool: PoolPlan) -> dict[str, str]:
    row = nccl_row(pool.network, pool.machine)
    kit = f"{LIBRARIES}/{kit_folder(pool.network)}" if pool.network in nccl().kits else ""
    return {name: value.format(kit=kit, interfaces=",".join(interfaces(pool))) for name, value in row.env.items()}


def _efa(pool: PoolPlan) -> Fabric:
    return Fabric(
        resources={EFA_RESOURCE: str(pool.machine.interfaces)},
        hugepages=huge_pages(pool.machine),
        env=_environment(pool),
    )


def _infiniband(pool: PoolPlan) -> Fabric:
    return Fabric(resources={INFINIBAND_RESOURCE: "1"}, env=_environment(pool))


def _rdma(pool: PoolPlan) -> Fabric:
    return Fabric(
        env=_environment(pool),
        annotations=_attached(pool),
        mounts=_needed_libraries(pool),
        pod_security=_pod_security(pool),
    )


def _gpudirect(pool: PoolPlan) -> Fabric:
    """GPUDirect-TCPX and -TCPXO: a daemon beside the workload moves the data between its GPUs and the interfaces.

    The daemon sets up interfaces and looks into the node's ``/sys``, which no stricter level admits; its sockets are
    root's. Source: GoogleCloudPlatform/container-engine-accelerators, gpudirect-tcpx and gpudirect-tcpxo.
    """
    daemon, beside = _DAEMONS[pool.network]
    seen = (_HOST_LIBRARIES, *_DAEMON_SEES, *((_SOCKETS,) if beside is _SOCKETS else ()))
    mounts = (*_needed_libraries(pool), beside)
    image = nccl().kits[pool.network].daemon
    return Fabric(
        env=_environment(pool),
        annotations={**_attached(pool), **_injected(daemon["name"], _DEVICES[pool.network])},
        mounts=mounts,
        volumes=tuple(mount.volume for mount in seen if mount not in mounts),
        sidecars=({**daemon, "image": image, "volumeMounts": [mount.volume_mount for mount in seen]},),
        user=0,
        pod_security=_pod_security(pool),
    )


def _needed_libraries(pool: PoolPlan) -> tuple[Mount, ...]:
    """The folder of the driver's libraries and the kit, where no device plugin mounts it."""
    return (_HOST_LIBRARIES,) if pool.gpu and pool.gpu.libraries == "injected" else ()


def _pod_security(pool: PoolPlan) -> Literal["restricted", "privileged"]:
    reaching = pool.gpu and needs_privileges(pool.network, pool.gpu.libraries)
    return "privileged" if reaching else "restricted"


def _attached(pool: PoolPlan) -> dict[str, str]:
    """What attaches a pod to its networks. Source: GKE, "Set up multi-network support for Pods"."""
    networks = {"eth0": "default", **interfaces(pool)}
    entries = [{"interfaceName": interface, "network": network} for interface, network in networks.items()]
    return {"networking.gke.io/default-interface": "eth0", "networking.gke.io/interfaces": json.dumps(entries)}


def _injected(container: str, devices: tuple[str, ...]) -> dict[str, str]:
    """What gives a container devices that it does not ask for by resource; the workload has the GPUs themselves.

    Source: GoogleCloudPlatform/container-engine-accelerators, nri_device_injector/README.md.
    """
    return {f"devices.gke.io/container.{container}": yaml.safe_dump([{"path": path} for path in devices])}


def _host(name: str, path: str, at: str, *, read_only: bool = False) -> Mount:
    return Mount(name=name, path=at, source={"hostPath": {"path": path}}, read_only=read_only)


_HOST_LIBRARIES = _host("gpu-libraries", GKE_LIBRARIES, LIBRARIES, read_only=True)
_DAEMON_SEES = (_host("sys", "/sys", "/hostsysfs"), _host("proc-sys", "/proc/sys", "/hostprocsysfs"))
_SOCKETS = Mount(name="tcpx-sockets", path="/run/tcpx", source={"emptyDir": {}})
_APERTURES = _host("aperture-devices", "/dev/aperture_devices", "/dev/aperture_devices")

_GPUS = (*(f"/dev/nvidia{at}" for at in range(8)), "/dev/nvidiactl", "/dev/nvidia-uvm")
_DEVICES = {"gpudirect-tcpx": _GPUS, "gpudirect-tcpxo": (*_GPUS, "/dev/dmabuf_import_helper")}

_READY = "/run/health-check"
_TCPX_DAEMON: Manifest = {
    "name": "tcpx-daemon",
    "command": ["/tcpgpudmarxd/build/app/tcpgpudmarxd"],
    "args": [
        "--gpu_nic_preset",
        "a3vm",
        "--gpu_shmem_type",
        "fd",
        "--uds_path",
        _SOCKETS.path,
        "--setup_param",
        '"--verbose 128 2 0 "',
    ],
    "env": [{"name": "LD_LIBRARY_PATH", "value": f"{LIBRARIES}/lib64"}],
    "securityContext": {"runAsUser": 0, "runAsNonRoot": False, "capabilities": {"add": ["NET_ADMIN"]}},
}
_TCPXO_DAEMON: Manifest = {
    "name": "tcpxo-daemon",
    "command": ["/bin/sh", "-c"],
    "args": ["chmod 755 /fts/entrypoint_rxdm_container.sh && exec /fts/entrypoint_rxdm_container.sh --num_hops=2"],
    "env": [
        {"name": "LD_LIBRARY_PATH", "value": f"{LIBRARIES}/lib64"},
        {"name": "HEALTH_CHECK_LOG_FILE", "value": _READY},
    ],
    "securityContext": {
        "runAsUser": 0,
        "runAsNonRoot": False,
        "capabilities": {"add": ["NET_ADMIN", "NET_BIND_SERVICE"]},
    },
    # It writes the file after about 30 seconds; on a node whose hardware is broken, never.
    "startupProbe": {"exec": {"command": ["cat", _READY]}, "periodSeconds": 5, "failureThreshold": 24},
}
_STAYS: Manifest = {
    "restartPolicy": "Always",
    # Google's examples name none; what a tenant's containers get by default is too little for eight GPUs' buffers.
    "resources": {"requests": {"cpu": "1", "memory": "4Gi"}, "limits": {"memory": "4Gi"}},
}
_DAEMONS: Mapping[str, tuple[Manifest, Mount]] = {
    "gpudirect-tcpx": ({**_TCPX_DAEMON, **_STAYS}, _SOCKETS),
    "gpudirect-tcpxo": ({**_TCPXO_DAEMON, **_STAYS}, _APERTURES),
}
"""The daemon, and what the workload shares with it or has beside it."""

_FABRICS: Mapping[str, Callable[[PoolPlan], Fabric]] = MappingProxyType(
    {
        "efa": _efa,
        "gpudirect-tcpx": _gpudirect,
        "gpudirect-tcpxo": _gpudirect,
        "rdma": _rdma,
        "infiniband": _infiniband,
    }
)
