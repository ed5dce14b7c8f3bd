"""The component that installs any add-on."""

import sys
from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.helm.v4 import Chart, PostRendererArgs, RepositoryOptsArgs

from ..clusters.cluster import Cluster, HostedEndpoint
from .plan import AddonPlan
from .readiness import WebhookReady

_REHOST = Path(__file__).with_name("rehost.py")


class Addon(pulumi.ComponentResource):
    """A controller: its namespace, its chart, and the moment from which it answers.

    Custom resources of its kinds depend on ``ready``: the API server refuses them until the controller's webhook
    answers. The provider of ``opts`` is the cluster's.
    """

    ready: pulumi.Resource
    """The add-on answers."""

    def __init__(self, plan: AddonPlan, cluster: Cluster, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubelanes:addons:Addon", plan.name, {}, opts)
        endpoint = cluster.hosted[plan.name] if plan.hosted else None
        namespace = kubernetes.core.v1.Namespace(
            plan.namespace, metadata={"name": plan.namespace}, opts=pulumi.ResourceOptions(parent=self)
        )
        chart = Chart(
            plan.name,
            chart=plan.source.chart,
            version=plan.source.version,
            repository_opts=RepositoryOptsArgs(repo=plan.source.repository) if plan.source.repository else None,
            namespace=plan.namespace,
            values=dict(plan.values),
            post_renderer=_rehosting(endpoint) if endpoint else None,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[namespace]),
        )
        self.ready = WebhookReady(
            f"{plan.name}-ready",
            controller=plan.name,
            kubeconfig=cluster.kubeconfig,
            probe=plan.probe,
            look_at=_log(plan),
            generation=pulumi.Output.concat(plan.fingerprint, " ", endpoint.ca_bundle if endpoint else "inside"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[chart]),
        )
        self.register_outputs({})


def _rehosting(endpoint: HostedEndpoint) -> PostRendererArgs:
    # Isolated (-I): neither the provider's working folder nor its environment decides what is imported.
    arguments = ["-I", str(_REHOST), "--webhooks", endpoint.webhook_url, "--ca-bundle", endpoint.ca_bundle]
    return PostRendererArgs(command=sys.executable, args=arguments)


def _log(plan: AddonPlan) -> str:
    if plan.hosted:
        return f"{plan.name}.log among the cluster's logs"
    return f"`kubectl --namespace {plan.namespace} logs {plan.workload}`"
