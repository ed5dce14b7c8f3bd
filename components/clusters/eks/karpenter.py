"""What Karpenter stands on in AWS: its role, its nodes' role, and the queue that tells it of interruptions."""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pulumi
import pulumi_aws as aws

from ...pools.eks import NodeGroupContext
from ...pools.karpenter import ec2_node_class, scaled
from ...pools.plan import PoolPlan
from ..scaling import queue_name
from .iam import Home, node_trust, pod_trust, render
from .karpenter_policy import identities, interruptions, nodes_life, queue_policy, surroundings, volumes
from .role import Role

NAMESPACE = "kube-system"
SERVICE_ACCOUNT = "karpenter"
"""Where Karpenter runs, and as whom; the same as in the add-on."""

EVENTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "health": ("aws.health", "AWS Health Event"),
        "spot": ("aws.ec2", "EC2 Spot Instance Interruption Warning"),
        "rebalance": ("aws.ec2", "EC2 Instance Rebalance Recommendation"),
        "state": ("aws.ec2", "EC2 Instance State-change Notification"),
        "reservation": ("aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning"),
    }
)
"""What Karpenter wants to hear of, by source and type. Source: karpenter-provider-aws v1.14, cloudformation.yaml."""

_KEPT = 300
"""Seconds that a message is kept: an older one tells of an instance that is gone."""


class KarpenterFoundation(pulumi.ComponentResource):
    """Everything that Karpenter needs outside the cluster.

    Its nodes have a role of their own: that of the node groups has an access entry which EKS makes and takes away with
    them.

    cluster_name: the cluster, once it is there.
    node_policies: ARNs of the policies that every node of the cluster has.
    key: the ARN of the key that encrypts volumes.
    """

    instance_profile: pulumi.Output[str]
    """The name of the instance profile of the nodes that Karpenter makes."""
    node_role_name: pulumi.Output[str]
    """The name of their role."""
    queue_name: str
    """The name of the queue of interruptions."""

    def __init__(
        self,
        name: str,
        home: Home,
        cluster_name: pulumi.Input[str],
        node_policies: Sequence[str],
        key: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:EksKarpenter", name, {}, opts)
        self._name, self._home = name, home
        nodes = self._nodes(cluster_name, node_policies)
        profile = aws.iam.InstanceProfile(f"{name}-karpenter", role=nodes.role_name, opts=self._inside())
        queue = self._queue()
        self._controller(cluster_name, nodes, profile, queue, key)
        self.queue_name = queue_name(home.cluster)
        self.instance_profile, self.node_role_name = profile.name, nodes.role_name
        self.register_outputs({"queue_name": self.queue_name, "node_role_name": self.node_role_name})

    def node_classes(self, pools: Sequence[PoolPlan], where: NodeGroupContext) -> list[dict[str, object]]:
        """What the nodes of all pools that Karpenter scales are made of, as objects of the cluster."""
        return [ec2_node_class(pool, where, self.instance_profile) for pool in pools if scaled(pool)]

    def _nodes(self, cluster_name: pulumi.Input[str], policies: Sequence[str]) -> Role:
        role = Role(
            f"{self._name}-karpenter-nodes",
            f"Nodes that Karpenter makes for the EKS cluster {self._home.cluster}",
            node_trust(self._home.region),
            managed=policies,
            opts=self._inside(),
        )
        aws.eks.AccessEntry(
            f"{self._name}-karpenter-nodes",
            cluster_name=cluster_name,
            principal_arn=role.arn,
            type="EC2_LINUX",
            opts=self._inside(),
        )
        return role

    def _queue(self) -> aws.sqs.Queue:
        rules = f"{self._home.cluster}-karpenter-"
        queue = aws.sqs.Queue(
            f"{self._name}-karpenter",
            name=queue_name(self._home.cluster),
            message_retention_seconds=_KEPT,
            sqs_managed_sse_enabled=True,
            opts=self._inside(),
        )
        aws.sqs.QueuePolicy(
            f"{self._name}-karpenter",
            queue_url=queue.url,
            policy=render(queue_policy(self._home, queue.arn, rules)),
            opts=self._inside(),
        )
        for event, (source, detail) in EVENTS.items():
            rule = aws.cloudwatch.EventRule(
                f"{self._name}-karpenter-{event}",
                name=f"{rules}{event}",
                description=f"{detail}, for Karpenter of the EKS cluster {self._home.cluster}",
                event_pattern=json.dumps({"source": [source], "detail-type": [detail]}),
                opts=self._inside(),
            )
            aws.cloudwatch.EventTarget(
                f"{self._name}-karpenter-{event}", rule=rule.name, arn=queue.arn, opts=self._inside()
            )
        return queue

    def _controller(
        self,
        cluster_name: pulumi.Input[str],
        nodes: Role,
        profile: aws.iam.InstanceProfile,
        queue: aws.sqs.Queue,
        key: pulumi.Input[str],
    ) -> None:
        home = self._home
        role = Role(
            f"{self._name}-karpenter",
            f"Karpenter of the EKS cluster {home.cluster}",
            pod_trust(home, NAMESPACE, SERVICE_ACCOUNT),
            own={
                "nodes": nodes_life(home),
                "identities": identities(home, nodes.arn, profile.arn),
                "surroundings": surroundings(home),
                "interruptions": interruptions(queue.arn),
                "volumes": volumes(home, key),
            },
            opts=self._inside(),
        )
        aws.eks.PodIdentityAssociation(
            f"{self._name}-karpenter",
            cluster_name=cluster_name,
            namespace=NAMESPACE,
            service_account=SERVICE_ACCOUNT,
            role_arn=role.arn,
            # Without its policies Karpenter ends at its start; it is restarted later and later.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[role]),
        )

    def _inside(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)
