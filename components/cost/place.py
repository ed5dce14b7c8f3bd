"""Where a stack's nodes are bought."""

from dataclasses import dataclass

from ..catalogue.machines import Cloud
from ..catalogue.prices import price_table
from ..settings.cluster import Cluster, SimCluster
from ..settings.eks import EksCluster
from ..settings.gke import GkeCluster
from ..settings.inventory import cloud_of


@dataclass(frozen=True, slots=True)
class Place:
    """A region of a cloud.

    imagined: whether the nodes are simulated: prices then tell what the cloud would take for such nodes.
    """

    cloud: Cloud
    region: str
    imagined: bool = False


def place_of(cluster: Cluster) -> Place | None:
    """Where the nodes of a cluster are bought; None where they are nobody's that we know prices of."""
    cloud = cloud_of(cluster)
    match cluster:
        case EksCluster() | GkeCluster() if cloud:
            return Place(cloud, cluster.region)
        case SimCluster() if cloud:
            return Place(cloud, reference_region(cloud), imagined=True)
        case _:
            return None


def reference_region(cloud: Cloud) -> str:
    """The region in which the price table holds without a factor."""
    return price_table().services[cloud, "cluster"].region
