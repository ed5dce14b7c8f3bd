"""The objects around a lane's pods: account, configuration, Deployment, Service, disruption budget."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..objects import Manifest, Object, manifest
from ..settings.lanes import Api, Online, Worker, Workload
from ..tenancy.plan import TENANT_LABEL
from .context import LaneContext
from .placement import Placement
from .pod import Container, pod_spec

Scaled = Online | Worker | Api
"""Workloads that run as a number of equal replicas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a workload is called, and the labels it is found by.

    component: the lane component, as in ``app.kubernetes.io/component``.
    version: the version of what it runs; None where only the image tells.
    labels: further labels of its pods.
    """

    name: str
    tenant: str
    component: str
    version: str | None = None
    labels: Mapping[str, str] | None = None

    @property
    def selector(self) -> dict[str, str]:
        """What never changes: a Deployment's selector is immutable."""
        return {"app.kubernetes.io/name": self.name, "app.kubernetes.io/component": self.component}

    @property
    def all_labels(self) -> dict[str, str]:
        """All labels of its objects and pods."""
        version = {"app.kubernetes.io/version": label_value(self.version)} if self.version else {}
        ours = {"app.kubernetes.io/managed-by": "kubelanes", TENANT_LABEL: self.tenant}
        return {**self.selector, **ours, **version, **(self.labels or {})}

    def manifest(
        self,
        api_version: str,
        kind: str,
        name: str | None = None,
        *,
        labels: Mapping[str, str] | None = None,
        annotations: Mapping[str, str] | None = None,
        **body: object,
    ) -> Manifest:
        """An object of this workload in its tenant's namespace; ``labels`` come on top of the workload's own."""
        labels = {**self.all_labels, **(labels or {})}
        return manifest(
            api_version, kind, name or self.name, self.tenant, labels=labels, annotations=annotations, **body
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePlan:
    """One workload, complete.

    foundations: what its pods need before they start.
    objects: the rest, independent of each other.
    url: where the tenant's other pods reach it; None where nothing listens.
    network: what the pods of a job on several nodes reach each other over: ``efa``; None elsewhere.
    """

    identity: Identity
    placement: Placement
    foundations: tuple[Object, ...]
    objects: tuple[Object, ...]
    url: str | None = None
    network: str | None = None


def label_value(text: str) -> str:
    """``text`` as a label value: what labels may not hold becomes a hyphen, and 63 characters are kept."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", text)[:63].strip("._-")


def plan_replicas(
    identity: Identity,
    workload: Scaled,
    container: Container,
    placement: Placement,
    context: LaneContext,
) -> LanePlan:
    """Plans a Deployment with the least number of replicas of its range, its disruption budget and its Service.

    With accelerators a pod gives way before its successor starts: a successor beside it would need as many again,
    and where the quota or the pool is full the rollout would stand still.
    """
    config = config_map(identity, workload)
    template = pod_template(identity, workload, container, placement, config)
    if not placement.preferences:  # to spread is worth as much to the scheduler as the better card, and would undo it
        template["spec"]["topologySpreadConstraints"] = [_spread(identity, key) for key in _DOMAINS]
    deployment = identity.manifest(
        "apps/v1",
        "Deployment",
        spec={
            "replicas": max(1, workload.replicas.range.min),  # nothing would ever raise it from none
            "selector": {"matchLabels": identity.selector},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": _IN_PLACE if placement.accelerated else _BESIDE},
            "template": template,
        },
    )
    served = [_service(identity)] if container.ports else []
    return LanePlan(
        identity=identity,
        placement=placement,
        foundations=foundations(identity, placement, config),
        objects=tuple(map(Object, (deployment, _budget(identity, context), *served))),
        url=f"http://{identity.name}.{identity.tenant}.svc" if served else None,
    )


def foundations(identity: Identity, placement: Placement, config: Manifest | None) -> tuple[Object, ...]:
    """What pods need before they start: an account of their own, their configuration, a template for their claims."""
    account = identity.manifest("v1", "ServiceAccount", automountServiceAccountToken=False)
    spec = placement.claim
    claim = identity.manifest("resource.k8s.io/v1", "ResourceClaimTemplate", spec=spec) if spec else None
    return tuple(Object(item) for item in (account, config, claim) if item)


def config_map(identity: Identity, workload: Workload) -> Manifest | None:
    """The workload's plain configuration; None where it has none.

    It is called after its content: a change makes a new one, which rolls the pods, and a rollback finds the old name.
    """
    if not workload.env:
        return None
    digest = hashlib.sha256(json.dumps(workload.env, sort_keys=True).encode()).hexdigest()[:8]
    return identity.manifest("v1", "ConfigMap", f"{identity.name}-{digest}", data=dict(workload.env), immutable=True)


def pod_template(
    identity: Identity, workload: Workload, container: Container, placement: Placement, config: Manifest | None
) -> Manifest:
    """The template of a workload's pods."""
    spec = pod_spec(identity.name, workload, placement, container, config["metadata"]["name"] if config else None)
    return {"metadata": {"labels": identity.all_labels}, "spec": spec}


SKIP_AWAIT = {"pulumi.com/skipAwait": "true"}
"""For jobs, which may wait in their queue for days, and for Services, whose pods the Deployment waits for already."""

_IN_PLACE = {"maxSurge": 0, "maxUnavailable": 1}
_BESIDE = {"maxSurge": 1, "maxUnavailable": 0}
_DOMAINS = ("topology.kubernetes.io/zone", "kubernetes.io/hostname")


def _service(identity: Identity) -> Manifest:
    ports = [{"name": "http", "port": 80, "targetPort": "http", "appProtocol": "http"}]
    spec = {"selector": identity.selector, "ports": ports}
    return identity.manifest("v1", "Service", annotations=SKIP_AWAIT, spec=spec)


def _budget(identity: Identity, context: LaneContext) -> Manifest:
    spec = {
        "maxUnavailable": context.environment.preset.disruption,
        "selector": {"matchLabels": identity.selector},
        # A pod that never became ready serves nobody; it must not hold up a drain.
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
    return identity.manifest("policy/v1", "PodDisruptionBudget", spec=spec)


def _spread(identity: Identity, key: str) -> Manifest:
    return {
        "maxSkew": 1,
        "topologyKey": key,
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": identity.selector},
        "matchLabelKeys": ["pod-template-hash"],
    }
