"""The component that installs any add-on."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes
from pulumi_kubernetes.helm.v4 import Chart, PostRendererArgs, RepositoryOptsArgs

from ..catalogue.charts import ChartSource
from ..clusters.cluster import Cluster, HostedEndpoint
from ..objects import Object
from ..registration import register
from .critical_quota import critical_quota
from .plan import AddonPlan, Probe
from .readiness import WebhookReady

_REHOST, _AMEND = Path(__file__).with_name("rehost.py"), Path(__file__).with_name("amend.py")


class Addon(pulumi.ComponentResource):
    """A controller: its namespace, its chart, and the moment from which it answers.

    Custom resources of its kinds depend on ``ready``: the API server refuses them until the controller's webhook
    answers. The provider of ``opts`` is the cluster's.
    """

    ready: pulumi.Resource
    """The add-on answers, or is installed where it has no webhook that would."""

    def __init__(self, plan: AddonPlan, cluster: Cluster, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("kubelanes:addons:Addon", plan.name, {}, opts)
        endpoint = cluster.hosted[plan.name] if plan.hosted else None
        # On nodes, it waits for these; where the cluster hosts it, it needs none, and both come up at once.
        first = [
            *([] if plan.hosted else [cluster.ready]),
            *self._namespace(plan, cluster),
            *([_chart(f"{plan.name}-crd", plan.crds, plan, self)] if plan.crds else []),
        ]
        needed = [register(each, self, depends_on=first) for each in plan.objects]
        chart = _chart(
            plan.name,
            plan.source,
            plan,
            self,
            values=dict(plan.values),
            post_renderer=_rehosting(endpoint) if endpoint else _amending(plan) if plan.amendments else None,
            depends_on=[*first, *needed],
        )
        self.ready = self._answers(plan, plan.probe, cluster, endpoint, chart) if plan.probe else chart
        for each in plan.resources:
            register(each, self, depends_on=[self.ready])
        self.register_outputs({})

    def _answers(
        self, plan: AddonPlan, probe: Probe, cluster: Cluster, endpoint: HostedEndpoint | None, chart: Chart
    ) -> pulumi.Resource:
        return WebhookReady(
            f"{plan.name}-ready",
            controller=plan.name,
            kubeconfig=cluster.kubeconfig,
            probe=probe,
            look_at=_log(plan),
            generation=pulumi.Output.concat(plan.fingerprint, " ", endpoint.ca_bundle if endpoint else "inside"),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[chart]),
        )

    def _namespace(self, plan: AddonPlan, cluster: Cluster) -> list[pulumi.Resource]:
        """The add-on's namespace with what its pods need there; nothing where it is somebody else's."""
        if not plan.owns_namespace:
            return []
        namespace = kubernetes.core.v1.Namespace(
            plan.namespace,
            metadata=kubernetes.meta.v1.ObjectMetaArgs(name=plan.namespace, labels=dict(plan.namespace_labels) or None),
            opts=pulumi.ResourceOptions(parent=self),
        )
        if not cluster.facts.priority_quota:
            return [namespace]
        return [namespace, register(Object(critical_quota(plan.namespace)), self, depends_on=[namespace])]


def _chart(
    name: str,
    source: ChartSource,
    plan: AddonPlan,
    parent: pulumi.Resource,
    *,
    values: dict[str, Any] | None = None,
    post_renderer: PostRendererArgs | None = None,
    depends_on: Sequence[pulumi.Resource] = (),
) -> Chart:
    return Chart(
        name,
        chart=source.chart,
        version=source.version,
        repository_opts=RepositoryOptsArgs(repo=source.repository) if source.repository else None,
        namespace=plan.namespace,
        values=values,
        skip_crds=None if plan.brings_crds else True,
        post_renderer=post_renderer,
        opts=pulumi.ResourceOptions(parent=parent, depends_on=list(depends_on)),
    )


def _rehosting(endpoint: HostedEndpoint) -> PostRendererArgs:
    # Isolated (-I): neither the provider's working folder nor its environment decides what is imported.
    arguments = ["-I", str(_REHOST), "--webhooks", endpoint.webhook_url, "--ca-bundle", endpoint.ca_bundle]
    return PostRendererArgs(command=sys.executable, args=arguments)


def _amending(plan: AddonPlan) -> PostRendererArgs:
    return PostRendererArgs(command=sys.executable, args=["-I", str(_AMEND), json.dumps(plan.amendments)])


def _log(plan: AddonPlan) -> str:
    if plan.hosted:
        return f"{plan.name}.log among the cluster's logs"
    return f"`kubectl --namespace {plan.namespace} logs {plan.workload}`"
