"""``kubelanes:cluster`` of kind ``kind``."""

from typing import Annotated, Literal

from .cluster_parts import KubernetesVersion
from .model import Model
from .scalars import Cidr, Name, Text, whole


class KindNetwork(Model):
    """The addresses inside a kind cluster; nothing outside this machine sees them."""

    cidr: Cidr = "10.244.0.0/16"
    """The range for pods: each node takes 256 addresses of it."""
    services: Cidr = "10.96.0.0/16"
    """The range for Services; it may not overlap ``cidr``."""


class KindMount(Model):
    """A folder of this machine that every worker node sees, such as one with model weights."""

    host: Text
    """Its path on this machine, absolute."""
    node: Text
    """Where the nodes, and the pods' ``hostPath`` volumes, find it; absolute."""
    read_only: bool = True
    """Whether the nodes may only read it."""


class KindPort(Model):
    """A port on this machine's loopback address that leads to a Service of type NodePort."""

    host: Annotated[int, *whole(1024, 65535)]
    """The port on 127.0.0.1."""
    node: Annotated[int, *whole(30000, 32767)]
    """The Service's node port."""


class KindCluster(Model):
    """Kubernetes in containers on this machine, through the ``kind`` executable."""

    kind: Literal["kind"]
    """A kind cluster that we build on this machine."""
    name: Name = "kubelanes"
    """The cluster's name, unique on this machine."""
    version: KubernetesVersion = "1.36"
    """The Kubernetes minor version; the catalogue pins the node image of each."""
    gpus: Literal["auto", "nvkind", "simulated"] = "auto"
    """Where the GPUs of its pools come from: this machine's, through ``nvkind``, or ``simulated`` by the DRA example
    driver. ``auto`` takes nvkind where it is on PATH and an NVIDIA driver shows GPUs."""
    network: KindNetwork = KindNetwork()
    """The addresses inside."""
    mounts: tuple[KindMount, ...] = ()
    """Folders of this machine that the nodes see."""
    ports: tuple[KindPort, ...] = ()
    """Ports of this machine that lead into the cluster; it has no load balancers of its own."""
