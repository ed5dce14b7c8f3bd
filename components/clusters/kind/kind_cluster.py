"""The cluster in containers on this machine."""

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes

from ...addons.gpus.dra_example import GpuSimulation, SimulatedGpus, plan_simulated_gpus
from ...catalogue.charts import ChartError, chart_mirror
from ...pools.plan import PoolPlan
from ...problems import InvalidSettingsError
from ...settings.kind import KindCluster as KindSettings
from ..cluster import Cluster
from ..facts import ClusterFacts
from .facts import facts
from .gpus import gpu_source, visible_gpus
from .plan import KindPlan, plan_kind
from .resource import KindNodes


class KindCluster(Cluster):
    """A cluster of kind ``kind``: a control plane and a worker for each node of each pool.

    Raises pulumi.RunError, before anything is created, for what this machine cannot carry out.
    """

    def __init__(
        self,
        name: str,
        settings: KindSettings,
        pools: Sequence[PoolPlan],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:KindCluster", name, {}, opts)
        self.facts, self.pools = facts(settings), tuple(pools)
        plan, simulated = _plan(settings, pools, self.facts)
        nodes = KindNodes(name, plan, opts=pulumi.ResourceOptions(parent=self))
        self.vessel = self.ready = nodes
        self.kubeconfig = pulumi.Output.secret(nodes.kubeconfig)
        self.kubeconfig_path, self.endpoint = nodes.kubeconfig_path, nodes.endpoint
        self.provider = kubernetes.Provider(
            name,
            kubeconfig=self.kubeconfig,
            # Without it, a new kubeconfig of the same cluster would replace everything inside.
            cluster_identifier=nodes.uid,
            delete_unreachable=True,  # what was in a cluster that has vanished is gone, not in the way
            enable_config_map_mutable=True,  # a new configuration of a controller is no new ConfigMap
            opts=pulumi.ResourceOptions(parent=self, deleted_with=nodes),
        )
        if simulated:
            inside = pulumi.ResourceOptions(parent=self, providers=[self.provider], deleted_with=self.vessel)
            GpuSimulation(simulated, self, inside)
        self.register_outputs({"endpoint": self.endpoint, "kubeconfig_path": self.kubeconfig_path})


def _plan(
    settings: KindSettings, pools: Sequence[PoolPlan], known: ClusterFacts
) -> tuple[KindPlan, SimulatedGpus | None]:
    """The nodes, and what simulates their GPUs where this machine has none."""
    try:
        plan = plan_kind(settings, pools, gpu_source(settings), visible_gpus())
        simulated = known.device_plugin == "simulated"
        return plan, plan_simulated_gpus(known, pools, chart_mirror()) if simulated else None
    except (InvalidSettingsError, ChartError) as error:
        raise pulumi.RunError(str(error)) from None
