"""The cluster that somebody else built."""

from collections.abc import Sequence

import pulumi
import pulumi_kubernetes as kubernetes
import yaml

from ...pools.plan import PoolPlan
from ...problems import InvalidSettingsError, Problem
from ...settings.existing import ExistingCluster as ExistingSettings
from ..cluster import Cluster
from ..kubeconfig import Document, KubeconfigError, expanded, read_context
from .cluster_check import ClusterCheck
from .facts import facts
from .labelled_pool import LabelledPool


class ExistingCluster(Cluster):
    """A cluster of kind ``existing``: verified, its nodes labelled; nothing of it is created or removed.

    Raises pulumi.RunError, before anything is created, where its kubeconfig cannot be used.
    """

    def __init__(
        self,
        name: str,
        settings: ExistingSettings,
        pools: Sequence[PoolPlan],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:ExistingCluster", name, {}, opts)
        self.facts, self.pools = facts(settings), tuple(pools)
        credentials = _read(settings)
        check = ClusterCheck(
            name,
            settings.facts,
            kubeconfig=portable(settings.kubeconfig),
            context=settings.context,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.kubeconfig = pulumi.Output.secret(yaml.safe_dump(credentials, sort_keys=False))
        self.kubeconfig_path = pulumi.Output.from_input(str(expanded(settings.kubeconfig)))
        self.endpoint = pulumi.Output.from_input(str(credentials["clusters"][0]["cluster"].get("server", "")))
        self.provider = kubernetes.Provider(
            name,
            kubeconfig=self.kubeconfig,
            # Without it, new credentials for the same cluster would replace everything inside.
            cluster_identifier=check.uid,
            enable_config_map_mutable=True,  # a new configuration of a controller is no new ConfigMap
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.ready = LabelledPools(name, self.pools, settings, pulumi.ResourceOptions(parent=self, depends_on=[check]))
        self.register_outputs({"endpoint": self.endpoint, "kubeconfig_path": self.kubeconfig_path})


class LabelledPools(pulumi.ComponentResource):
    """All pools of an existing cluster."""

    def __init__(
        self, name: str, pools: Sequence[PoolPlan], settings: ExistingSettings, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("kubelanes:clusters:LabelledPools", name, {}, opts)
        for pool in pools:
            LabelledPool(
                pool.name,
                pool,
                kubeconfig=portable(settings.kubeconfig),
                context=settings.context,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def portable(path: str) -> str:
    """The path as the engine's state holds it: below ``~`` it is the same file to each user, on any machine."""
    return path if path.startswith("~") else str(expanded(path))


def _read(settings: ExistingSettings) -> Document:
    try:
        return read_context(settings.kubeconfig, settings.context)
    except KubeconfigError as error:
        problem = Problem(f"cluster.{error.key}", error.value, error.text)
        raise pulumi.RunError(str(InvalidSettingsError([problem]))) from None
