"""From ``kubelanes:cluster`` to the component of that kind. Each kind's modules are imported only where it is used."""

from collections.abc import Sequence
from importlib.util import find_spec

import pulumi

from ..pools.plan import PoolPlan
from ..problems import InvalidSettingsError, Problem
from ..settings.cluster import Cluster as ClusterSettings
from ..settings.cluster import ExistingCluster as ExistingSettings
from ..settings.cluster import KindCluster as KindSettings
from ..settings.cluster import SimCluster as SimSettings
from ..settings.eks import EksCluster as EksSettings
from ..settings.environment import Environment
from ..settings.gke import GkeCluster as GkeSettings
from .cluster import Cluster
from .facts import ClusterFacts


def plan_facts(settings: ClusterSettings) -> ClusterFacts:
    """What will be known of the cluster; no cloud's SDK is needed for it."""
    match settings:
        case SimSettings():
            from .sim.facts import facts

            return facts(settings)
        case EksSettings():
            from .eks.facts import facts

            return facts(settings)
        case GkeSettings():
            from .gke.facts import facts

            return facts(settings)
        case KindSettings():
            from .kind.facts import facts

            return facts(settings)
        case ExistingSettings():
            from .existing.facts import facts

            return facts(settings)


_SDKS = {"eks": ("pulumi_aws", "aws"), "gke": ("pulumi_gcp", "gcp")}
"""The SDK that building a cluster of a kind takes, and the extra of this package that brings it."""


def require_sdk(settings: ClusterSettings) -> None:
    """Raises InvalidSettingsError where the SDK of the cluster's cloud is not installed."""
    sdk, extra = _SDKS.get(settings.kind, ("", ""))
    if sdk and find_spec(sdk) is None:
        text = f"is built with {sdk}, which is not installed. Install it: pip install 'kubelanes[{extra}]'."
        raise InvalidSettingsError([Problem("cluster.kind", settings.kind, text)])


def build_cluster(
    name: str,
    settings: ClusterSettings,
    pools: Sequence[PoolPlan],
    environment: Environment,
    opts: pulumi.ResourceOptions,
) -> Cluster:
    """The cluster with its pools."""
    match settings:
        case SimSettings():
            from .sim.sim_cluster import SimCluster

            return SimCluster(name, settings, pools, opts)
        case EksSettings():
            from .eks.eks_cluster import EksCluster

            return EksCluster(name, settings, pools, opts, environment=environment)
        case GkeSettings():
            from .gke.gke_cluster import GkeCluster

            return GkeCluster(name, settings, pools, opts, environment=environment)
        case KindSettings():
            from .kind.kind_cluster import KindCluster

            return KindCluster(name, settings, pools, opts)
        case ExistingSettings():
            from .existing.existing_cluster import ExistingCluster

            return ExistingCluster(name, settings, pools, opts)
