"""``kubelanes:cluster``: which cluster the platform stands on. One model per kind, none with another kind's fields."""

from typing import Annotated, Literal

from pydantic import Field

from .eks import EksCluster
from .existing import ExistingCluster
from .gke import GkeCluster
from .kind import KindCluster
from .model import Model
from .scalars import Name


class SimCluster(Model):
    """A real control plane on this machine with simulated nodes: no cloud, no container engine, no GPU."""

    kind: Literal["sim"]
    """A simulated cluster."""
    name: Name = "sim"
    """The cluster's name; two sims on one machine need two names."""
    imitates: Literal["eks", "gke"] = "eks"
    """Whose machine types and node labels the simulated nodes carry."""
    autoscaler: Literal["none", "karpenter"] = "none"
    """Who adds and removes nodes: ``none``, pools stand at their largest size; ``karpenter``, they grow from their
    least size for pods that wait, and shrink when nodes are empty."""


Cluster = Annotated[
    SimCluster | EksCluster | GkeCluster | KindCluster | ExistingCluster,
    Field(discriminator="kind"),
]
"""The cluster of a stack, told apart by ``kind``."""
