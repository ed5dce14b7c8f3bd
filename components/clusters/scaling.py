"""What Karpenter is told of a cluster, known before it exists."""

from dataclasses import dataclass

from ..catalogue.machines import Cloud
from ..settings.cluster import Cluster as ClusterSettings
from ..settings.cluster import SimCluster as SimSettings
from ..settings.cluster_parts import Maintenance
from ..settings.eks import EksCluster as EksSettings
from ..settings.environment import Environment
from ..settings.inventory import cloud_of
from .eks.endpoints import is_isolated


@dataclass(frozen=True, slots=True, kw_only=True)
class KarpenterCluster:
    """A cluster whose nodes Karpenter makes.

    name: the cluster's name.
    maintenance: when nodes that are out of date may be replaced.
    region: the cloud's region; its pods cannot ask the instance, for the answer travels one hop only.
    queue: the name of the queue of interruptions; None where nodes are never interrupted.
    isolated: whether AWS is reached through VPC endpoints only, and prices have none.
    simulates: whose machines the nodes look like, where they are simulated; else None.
    """

    name: str
    maintenance: Maintenance
    region: str | None = None
    queue: str | None = None
    isolated: bool = False
    simulates: Cloud | None = None


def karpenter_cluster(settings: ClusterSettings, environment: Environment) -> KarpenterCluster | None:
    """The cluster as Karpenter sees it; None where something else, or nothing, makes its nodes."""
    match settings:
        case EksSettings():
            return KarpenterCluster(
                name=settings.name,
                maintenance=settings.maintenance,
                region=settings.region,
                queue=queue_name(settings.name),
                isolated=is_isolated(settings.network, environment),
            )
        case SimSettings(autoscaler="karpenter"):
            return KarpenterCluster(
                name=settings.name, maintenance=Maintenance(), simulates=cloud_of(settings) or "aws"
            )
        case _:
            return None


def queue_name(cluster: str) -> str:
    """The name of a cluster's queue of interruptions; it is fixed, so that the chart's values are known beforehand."""
    return f"{cluster}-karpenter"
