"""The order of an examination."""

from collections.abc import Iterator

from ...settings.cluster import Cluster, SimCluster
from ...settings.eks import EksCluster
from ...settings.existing import ExistingCluster
from ...settings.gke import GkeCluster
from ...settings.kind import KindCluster
from ...settings.settings import Settings
from . import clusters
from .credentials import credentials
from .finding import Finding, note
from .machine import ThisMachine
from .packages import packages
from .programs import programs


def examine(
    settings: Settings | None, *, online: bool, kubeconfig: str | None = None, machine: ThisMachine | None = None
) -> tuple[Finding, ...]:
    """Everything that is found.

    settings: the stack; without it, only what every stack needs is looked at.
    online: whether the cloud or the cluster may be asked.
    kubeconfig: the file that leads to the stack's cluster where that is up; its GPUs are looked at, too.
    """
    on = machine or ThisMachine()
    return tuple(_examine(on, settings, online=online, kubeconfig=kubeconfig))


def _examine(
    machine: ThisMachine, settings: Settings | None, *, online: bool, kubeconfig: str | None
) -> Iterator[Finding]:
    yield from programs(machine, settings)
    yield from packages(machine, settings)
    yield from credentials(machine, settings)
    if settings:
        yield from _cluster(machine, settings.cluster, online=online)
        yield from _gpus(settings, online=online, kubeconfig=kubeconfig)
    match settings:
        case Settings(cluster=EksCluster() | GkeCluster() | ExistingCluster()) if not online:
            yield note("nobody was asked", "What the account or the cluster allows is not known.", "Add --online.")
        case Settings(cluster=EksCluster() as cluster):
            from ...cost.plan import plan_stack
            from .aws_account import aws_account

            yield from aws_account(machine, cluster, plan_stack(settings).around.quotas)
        case Settings(cluster=GkeCluster() as cluster):
            from ...cost.plan import plan_stack
            from .gcp_project import gcp_project

            yield from gcp_project(machine, cluster, plan_stack(settings).around.quotas)
        case _:
            pass


def _cluster(machine: ThisMachine, cluster: Cluster, *, online: bool) -> Iterator[Finding]:
    match cluster:
        case SimCluster():
            yield from clusters.sim(machine)
        case KindCluster():
            yield from clusters.kind(machine)
        case ExistingCluster():
            yield from clusters.existing(cluster, online=online)
        case _:
            pass


def _gpus(settings: Settings, *, online: bool, kubeconfig: str | None) -> Iterator[Finding]:
    """The GPUs of the cluster where it can be asked; an existing one by its own kubeconfig."""
    from ...pools.planner import plan_pools
    from .gpus import gpus

    match settings.cluster:
        case ExistingCluster(kubeconfig=path, context=context) if online and kubeconfig is None:
            yield from gpus(path, context, plan_pools(settings))
        case _ if kubeconfig is not None:
            yield from gpus(kubeconfig, None, plan_pools(settings))
        case _:
            pass
