"""What nodes on GKE's fast networks need: NCCL's plugin of the network, and for GPUDirect-TCPX and -TCPXO devices.

The plugin lies below the folder of the driver's libraries, which containers see: read-only, with nothing of the node
mounted by the pod itself. It lies in a folder of its own, where no library path leads but that of jobs which name it:
among the driver's libraries it would be loaded by every NCCL on the node, and fail in those without its settings.
Sources: GoogleCloudPlatform/container-engine-accelerators, gpudirect-rdma, gpudirect-tcpx, gpudirect-tcpxo and
nri_device_injector; llm-d, "Disabling NCCL Tuner Plugin".
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from ...catalogue.nccl import Kit, nccl
from ...clusters.facts import ClusterFacts
from ...mounts import Mount
from ...objects import Manifest, Object
from ...pools.fabric import GKE_LIBRARIES, kit_folder
from ...pools.plan import PoolPlan
from ...settings.settings import Settings
from ..daemons import daemon_set

_INJECTOR = (
    "gcr.io/gke-release/nri-device-injector@sha256:6e79483d52abdc28454bf186320b10a56b0f117a10e8d65d5c74dbb821a76970"
)
_PAUSE = "gke.gcr.io/pause:3.8@sha256:880e63f94b145e46f1b1082bb71b85e21f16b99b180b9996407d61240ceb9830"
_HOST_TOOLS = "docker.io/library/ubuntu:24.04"
"""It holds nsenter; everything else that runs is the node's own."""

_INSTALL = """\
set -eu
chmod 755 /scripts/container_entry.sh
/scripts/container_entry.sh install --install-nccl
[ -d {source} ]
mkdir -p {target}
cp -r {source}/. {target}
"""
"""The image's own script puts the plugin into a folder of the container; from there it goes to the node."""
_APERTURES = """\
set -eu
modprobe import-helper
for device in /sys/bus/pci/devices/*; do
  [ "$(cat "$device/vendor") $(cat "$device/device")" = "0x1ae0 0x0084" ] || continue
  shown=/dev/aperture_devices/$(basename "$device")
  mkdir -p "$shown"
  mountpoint -q "$shown" || mount --bind "$(readlink -f "$device")" "$shown"
done
"""
"""Loads the driver that lets the daemon import GPU memory, and shows pods the apertures of the interfaces (Google's
PCI device 1ae0:0084). They stay root's: GPUDirect-TCPXO is used by pods that run as root."""


def plan_gke_fast_networks(
    _settings: Settings, _facts: ClusterFacts, pools: Sequence[PoolPlan], _mirror: Path
) -> tuple[Object, ...]:
    """The DaemonSets for the pools on these networks; none where there are none."""
    return tuple(map(Object, (*_installers(pools), *_injector(pools))))


def _installers(pools: Sequence[PoolPlan]) -> Iterator[Manifest]:
    """One DaemonSet for each network and architecture."""

    def key(pool: PoolPlan) -> tuple[str, str]:
        return pool.network, pool.machine.arch

    fast = sorted((pool for pool in pools if pool.gpu and pool.network in nccl().kits), key=key)
    for (network, _), alike in groupby(fast, key):
        members = list(alike)
        yield _installer(network, nccl().kits[network], members)


def _installer(network: str, kit: Kit, pools: Sequence[PoolPlan]) -> Manifest:
    arch = pools[0].machine.arch
    target = f"{_LIBRARIES.path}/{kit_folder(network)}"
    install = {
        "name": "install",
        "image": kit.images[arch],
        "command": ["/bin/sh", "-c", _INSTALL.format(source=kit.folder, target=target)],
        "resources": {"requests": {"cpu": "150m", "memory": "256Mi"}, "limits": {"memory": "1Gi"}},
        "securityContext": {"runAsUser": 0, "allowPrivilegeEscalation": False},
        "volumeMounts": [_LIBRARIES.volume_mount],
    }
    apertures = {
        "name": "apertures",
        "image": _HOST_TOOLS,
        "command": ["nsenter", "--target=1", "--all", "--", "/bin/sh", "-c", _APERTURES],
        "resources": _SMALL,
        "securityContext": {"privileged": True},
    }
    on_host = network == "gpudirect-tcpxo"
    waiting = {"name": "installed", "image": _PAUSE, "resources": _SMALL, "securityContext": _NOBODY}
    pod = {
        **({"hostPID": True} if on_host else {}),
        "initContainers": [*([apertures] if on_host else []), install],
        "containers": [waiting],
        "volumes": [_LIBRARIES.volume],
    }
    return daemon_set(f"nccl-{kit.name}-installer-{arch}", pools, pod, update=_ALL_AT_ONCE)


def _injector(pools: Sequence[PoolPlan]) -> Iterator[Manifest]:
    """What gives the daemons of GPUDirect-TCPX and -TCPXO the GPUs, which their workloads have already."""
    served = [pool for pool in pools if pool.gpu and pool.network.startswith("gpudirect-")]
    if served:
        container = {
            "name": "device-injector",
            "image": _INJECTOR,
            "resources": {"requests": {"cpu": "150m", "memory": "64Mi"}, "limits": {"memory": "256Mi"}},
            "securityContext": {"privileged": True},
            "volumeMounts": [mount.volume_mount for mount in _INJECTOR_SEES],
        }
        volumes = [mount.volume for mount in _INJECTOR_SEES]
        # It tells the node's containerd to load it, and waits for that in the node's own process space.
        spec = {"hostNetwork": True, "hostPID": True, "containers": [container], "volumes": volumes}
        yield daemon_set("device-injector", served, spec, update=_ALL_AT_ONCE)


def _host(name: str, path: str, kind: str | None = None) -> Mount:
    return Mount(name=name, path=path, source={"hostPath": {"path": path} | ({"type": kind} if kind else {})})


_LIBRARIES = _host("gpu-libraries", GKE_LIBRARIES, "DirectoryOrCreate")
_INJECTOR_SEES = (_host("dev", "/dev"), _host("nri", "/var/run/nri"))
_ALL_AT_ONCE = {"maxUnavailable": "100%"}
"""What is installed stays while the pod that installed it is replaced: no job notices."""
_SMALL = {"requests": {"cpu": "5m", "memory": "16Mi"}, "limits": {"memory": "64Mi"}}
_NOBODY = {
    "runAsNonRoot": True,
    "runAsUser": 65534,
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
    "seccompProfile": {"type": "RuntimeDefault"},
}
