"""What may reach nodes and the control plane, and what nodes may reach."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from .network import DISCOVERY
from .ports import FROM_CONTROL_PLANE


class NodeSecurity(pulumi.ComponentResource):
    """The security group of all nodes, and who reaches the control plane's own.

    Pods have their node's group, so that nodes reach each other on every port; NetworkPolicy keeps pods apart. The
    control plane reaches nodes on the ports of `FROM_CONTROL_PLANE` alone. With NAT the group lets everything out: the
    addresses of registries, models and object stores are not fixed. Without, only to the VPC and to S3.

    EKS's own group of the control plane lets nothing in but itself. Source: EKS user guide, "Configure network access
    to cluster API server endpoint", accessing a private only API server.

    name: the cluster's.
    api_ranges: what reaches the API's private endpoint beside nodes and pods.
    isolated: whether there is no NAT.
    """

    group: pulumi.Output[str]
    """The group; the one that Karpenter finds."""

    def __init__(
        self,
        name: str,
        vpc_id: pulumi.Input[str],
        blocks: Sequence[str],
        s3_prefix_list: pulumi.Input[str],
        control_plane_group: pulumi.Input[str],
        api_ranges: Sequence[str],
        *,
        isolated: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:EksNodeSecurity", name, {}, opts)
        self._name, self._vpc_id = name, vpc_id
        owned = {DISCOVERY: name, f"kubernetes.io/cluster/{name}": "owned"}
        self.group = self._group("nodes", "Nodes and their pods", owned)
        self._let_in("self", self.group, "Nodes and pods to each other", "-1", source=self.group)
        # The Elastic Fabric Adapter asks for a rule to the group itself: one to all addresses does not let it out.
        # Source: EC2 user guide, "Get started with EFA and NCCL", step 1.
        self._let_out("self", self.group, "Nodes and pods to each other", target=self.group)
        for port, what in FROM_CONTROL_PLANE.items():
            text = f"The control plane to {what}"
            self._let_in(f"control-plane-{port}", self.group, text, "tcp", source=control_plane_group, port=port)
        text = "Nodes and pods to the Kubernetes API"
        self._let_in("api", control_plane_group, text, "tcp", source=self.group, port=443)
        for number, block in enumerate(api_ranges, 1):
            text = "The VPC and the networks that are joined to it to the Kubernetes API"
            self._let_in(f"api-{number}", control_plane_group, text, "tcp", cidr=block, port=443)
        if isolated:
            for number, block in enumerate(blocks, 1):
                self._let_out(f"vpc-{number}", self.group, "To the VPC", cidr=block)
            self._let_out("s3", self.group, "To S3 through its endpoint", prefix_list=s3_prefix_list)
        else:
            self._let_out("anywhere", self.group, "To anywhere, through NAT", cidr="0.0.0.0/0")
        self.register_outputs({"group": self.group})

    def _opts(self) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self)

    def _group(self, part: str, description: str, tags: Mapping[str, str]) -> pulumi.Output[str]:
        group = aws.ec2.SecurityGroup(
            f"{self._name}-{part}",
            vpc_id=self._vpc_id,
            description=f"{description} of the EKS cluster {self._name}",
            tags={"Name": f"{self._name}-{part}", **tags},
            opts=self._opts(),
        )
        return group.id

    def _let_in(
        self,
        part: str,
        group: pulumi.Input[str],
        description: str,
        protocol: str,
        *,
        source: pulumi.Input[str] | None = None,
        cidr: str | None = None,
        port: int | None = None,
    ) -> None:
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-{part}",
            security_group_id=group,
            description=description,
            referenced_security_group_id=source,
            cidr_ipv4=cidr,
            ip_protocol=protocol,
            from_port=port,
            to_port=port,
            opts=self._opts(),
        )

    def _let_out(
        self,
        part: str,
        group: pulumi.Input[str],
        description: str,
        *,
        cidr: str | None = None,
        prefix_list: pulumi.Input[str] | None = None,
        target: pulumi.Input[str] | None = None,
    ) -> None:
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-{part}",
            security_group_id=group,
            description=description,
            cidr_ipv4=cidr,
            prefix_list_id=prefix_list,
            referenced_security_group_id=target,
            ip_protocol="-1",
            opts=self._opts(),
        )
