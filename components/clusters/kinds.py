"""From ``kubelanes:cluster`` to the component of that kind. Each kind's modules are imported only where it is used."""

from collections.abc import Sequence

import pulumi

from ..pools.plan import PoolPlan
from ..problems import InvalidSettingsError, Problem
from ..settings.cluster import Cluster as ClusterSettings
from ..settings.cluster import SimCluster as SimSettings
from .cluster import Cluster, ClusterFacts


def plan_facts(settings: ClusterSettings) -> ClusterFacts:
    """What will be known of the cluster.

    Raises InvalidSettingsError for a kind that this version cannot build.
    """
    match settings:
        case SimSettings():
            from .sim.sim_cluster import FACTS

            return FACTS
        case _:
            raise InvalidSettingsError([_unbuilt(settings)])


def build_cluster(
    name: str, settings: ClusterSettings, pools: Sequence[PoolPlan], opts: pulumi.ResourceOptions
) -> Cluster:
    """The cluster with its pools.

    Raises InvalidSettingsError for a kind that this version cannot build.
    """
    match settings:
        case SimSettings():
            from .sim.sim_cluster import SimCluster

            return SimCluster(name, settings, pools, opts)
        case _:
            raise InvalidSettingsError([_unbuilt(settings)])


def _unbuilt(settings: ClusterSettings) -> Problem:
    return Problem(
        "cluster.kind",
        settings.kind,
        "this version of kubelanes builds clusters of kind sim only. Write sim; the rest was checked all the same.",
    )
