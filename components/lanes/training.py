"""How a job of one or many nodes runs: an Indexed Job that waits in its tenant's queue until all its pods fit."""

from collections.abc import Mapping
from math import ceil

from ..objects import Manifest, Object
from ..queueing.plan import LOCAL_QUEUE
from ..settings.lanes import Training
from ..settings.scalars import seconds
from ..settings.workloads import USES
from .context import LaneContext
from .interconnect import interconnect
from .placement import place
from .pod import Container, shared_memory
from .workload import SKIP_AWAIT, Identity, LanePlan, config_map, foundations, pod_template

RENDEZVOUS_PORT = 29500
"""Where the first node waits for the others; PyTorch's default."""

_GRACE = 120
"""Seconds to write a checkpoint when the node is reclaimed; spot nodes give no more."""

_UNDISTURBED = {
    # Consolidation would move a node's work and lose what it computed since the last checkpoint.
    "karpenter.sh/do-not-disrupt": "true",
    "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
}


def plan_training(name: str, training: Training, context: LaneContext) -> LanePlan:
    """Plans the training job ``name``.

    Raises InvalidSettingsError where no pool of the batch lane can serve it.
    """
    path, pods = ("lanes", "training", name), training.nodes
    placement = place(path, training.accelerator, USES["training"], context.pools, pods)
    placement, link = interconnect(name, placement, pods, has_domains=context.has_domains)
    identity = Identity(name=name, tenant=training.tenant, component="training-job")
    container = Container(
        command=training.command,
        env=_rendezvous(name, training.nodes),
        mounts=shared_memory(placement),
        claims=link.claims,
        fabric=link.fabric,
        grace=_GRACE,
    )
    config = config_map(identity, training)
    template = pod_template(identity, training, container, placement, config)
    template["metadata"]["annotations"] = {**_UNDISTURBED, **(link.fabric.annotations if link.fabric else {})}
    # Kueue adds those of the flavors that admit the job. Were there any of ours, each later apply of the job would undo
    # Kueue's, and the API server refuses that: a job's template is immutable.
    template["spec"].pop("tolerations", None)
    if together := [*_in_one(identity, training.topology), *link.affinity(identity)]:
        required = {"requiredDuringSchedulingIgnoredDuringExecution": together}
        template["spec"].setdefault("affinity", {})["podAffinity"] = required
    template["spec"] |= {"restartPolicy": "Never"} | ({"subdomain": name} if training.nodes > 1 else {})
    priority = training.priority or context.default_priority
    # Kueue starts and stops the job through this field.
    job = Object(_job(identity, training, template, priority), ignore=("spec.suspend",))
    return LanePlan(
        identity=identity,
        placement=placement,
        network=link.network if pods > 1 else None,
        foundations=(*foundations(identity, placement, config), *map(Object, link.objects(identity))),
        objects=(job, _meeting_point(identity)) if training.nodes > 1 else (job,),
    )


def _job(identity: Identity, training: Training, template: Manifest, priority: str) -> Manifest:
    """The Job. It has no ``ttlSecondsAfterFinished``: a job that vanished would be created, and run, once more."""
    return identity.manifest(
        "batch/v1",
        "Job",
        labels={"kueue.x-k8s.io/queue-name": LOCAL_QUEUE, "kueue.x-k8s.io/priority-class": priority},
        annotations=SKIP_AWAIT,
        spec={
            "suspend": True,
            "completionMode": "Indexed",
            "completions": training.nodes,
            "parallelism": training.nodes,
            "activeDeadlineSeconds": ceil(seconds(training.deadline)),
            "backoffLimitPerIndex": training.retries,
            # The nodes compute together: when one has failed for good, the others only hold their GPUs.
            "maxFailedIndexes": 0,
            "podReplacementPolicy": "Failed",
            "podFailurePolicy": {"rules": [_NOT_ITS_FAULT]},
            "template": template,
        },
    )


_NOT_ITS_FAULT: Manifest = {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}]}
"""A reclaimed node or a preemption counts as no retry."""

_RANK: Manifest = {"fieldRef": {"fieldPath": "metadata.annotations['batch.kubernetes.io/job-completion-index']"}}


def _rendezvous(name: str, nodes: int) -> Mapping[str, str | Manifest]:
    """What torchrun reads. Source: PyTorch, torch.distributed, "Environment variable initialization"."""
    if nodes == 1:
        return {}
    return {
        "MASTER_ADDR": f"{name}-0.{name}",
        "MASTER_PORT": str(RENDEZVOUS_PORT),
        "NNODES": str(nodes),
        "NODE_RANK": _RANK,
    }


_DOMAINS = {"same-zone": "topology.kubernetes.io/zone"}
"""The node label that the nodes of a job must have in common."""


def _in_one(identity: Identity, topology: str | None) -> list[Manifest]:
    if topology is None:
        return []
    return [{"topologyKey": _DOMAINS[topology], "labelSelector": {"matchLabels": identity.selector}}]


def _meeting_point(identity: Identity) -> Object:
    # Nodes look for each other before any is ready.
    spec = {"clusterIP": "None", "publishNotReadyAddresses": True, "selector": identity.selector}
    return Object(identity.manifest("v1", "Service", annotations=SKIP_AWAIT, spec=spec))
