"""``Platform``: the architecture, in the order in which its parts depend on each other."""

from collections.abc import Mapping

import pulumi

from .addons.addon import Addon
from .addons.gpus.stack import GpuStack
from .addons.karpenter import NodePools
from .catalogue.charts import ChartError
from .clusters.kinds import build_cluster, require_sdk
from .exports import pool_table, tenant_table, workload_table
from .lanes.lanes import Lanes
from .plan import plan_platform
from .pools.device_classes import DeviceClasses
from .problems import InvalidSettingsError
from .queueing.queues import Queues
from .settings.inventory import cloud_of
from .settings.pending import pending
from .settings.settings import Settings
from .tenancy.tenants import Tenants


class Platform(pulumi.ComponentResource):
    """A whole AI platform out of one stack file: cluster, add-ons, tenants, queues, lanes.

    settings: the stack file, checked (`load_settings`).
    Raises pulumi.RunError, before anything is registered, with all that keeps the settings from being carried out.
    """

    exports: Mapping[str, object]
    """What users want to know when it is up; ``kubeconfig`` is a secret."""

    def __init__(self, name: str, settings: Settings, opts: pulumi.ResourceOptions | None = None) -> None:
        try:
            require_sdk(settings.cluster)
            plan = plan_platform(settings)
        except (InvalidSettingsError, ChartError) as error:
            raise pulumi.RunError(str(error)) from None
        super().__init__("kubelanes:platform:Platform", name, {}, opts)
        for path, instead in pending(settings):
            pulumi.log.warn(f"{path} is checked and not carried out by this version: {instead}", self)
        for path, why in plan.gpu_stack.idle:
            pulumi.log.warn(f"{path} has no effect on this cluster: {why}", self)
        cluster = build_cluster(
            "cluster", settings.cluster, plan.pools, settings.environment, pulumi.ResourceOptions(parent=self)
        )
        inside = pulumi.ResourceOptions(parent=self, providers=[cluster.provider], deleted_with=cluster.vessel)

        if plan.gpu_stack.parts:
            GpuStack("gpus", plan.gpu_stack, cluster, inside)
        kueue = Addon(plan.kueue, cluster, inside)
        if plan.karpenter:
            karpenter = Addon(plan.karpenter.addon, cluster, inside)
            NodePools("node-pools", plan.karpenter, cluster.node_classes, after=[karpenter.ready], opts=inside)
        if plan.device_classes:
            DeviceClasses("device-classes", plan.device_classes, inside)
        tenants = Tenants("tenants", plan.tenants, inside)
        queues = Queues("queues", plan.queues, kueue=kueue.ready, namespaces=tenants.namespaces, opts=inside)
        guards = {tenant: [*tenants.guards(tenant), queues, cluster.ready] for tenant in settings.tenants}
        lanes = Lanes("lanes", settings.lanes, plan.lanes, guards, inside)

        self.exports = {
            "kubeconfig": cluster.kubeconfig,
            "kubeconfig_path": cluster.kubeconfig_path,
            "endpoints": {"kubernetes": cluster.endpoint, **lanes.urls},
            "pools": pool_table(plan.pools, cloud_of(settings.cluster)),
            "tenants": tenant_table(settings),
            "workloads": workload_table(settings, (item.plan for item in lanes.workloads.values())),
        }
        self.register_outputs(dict(self.exports))
