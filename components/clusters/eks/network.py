"""The VPC of an EKS cluster: its blocks, subnets, ways out and endpoints."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from ...settings.eks import EksNetwork
from ...settings.environment import Environment
from .addresses import AddressPlan, Purpose, SubnetPlan
from .endpoints import GATEWAY, interface_endpoints, nat_gateways

DISCOVERY = "karpenter.sh/discovery"
"""The tag by which Karpenter finds subnets and the one security group that it gives to nodes."""

_ANYWHERE = "0.0.0.0/0"


class Network(pulumi.ComponentResource):
    """A VPC with the subnets of an address plan. Nothing in it has a public address but NAT and load balancers.

    name: the cluster's, by which tags find what belongs to it.
    """

    vpc_id: pulumi.Output[str]
    """The VPC."""
    account: pulumi.Output[str]
    """The id of the account that it lies in."""
    node_subnets: Mapping[str, Sequence[pulumi.Output[str]]]
    """The subnets for nodes and pods by zone; each zone's largest part first."""
    control_plane_subnets: Sequence[pulumi.Output[str]]
    """One for each zone."""
    s3_prefix_list: pulumi.Output[str]
    """What stands for S3's addresses in rules of security groups."""
    blocks: Sequence[str]
    """The VPC's blocks."""

    def __init__(
        self,
        name: str,
        settings: EksNetwork,
        plan: AddressPlan,
        environment: Environment,
        region: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:EksNetwork", name, {}, opts)
        self._name, self._region, self._plan = name, region, plan
        nat = nat_gateways(settings, environment)
        self._vpc = self._make_vpc()
        self.vpc_id, self.account, self.blocks = self._vpc.id, self._vpc.owner_id, plan.blocks
        subnets = self._make_subnets([each for each in plan.subnets if nat != "none" or each.purpose != "public"])
        tables = self._make_private_tables(subnets)
        if nat != "none":
            self._make_ways_out(subnets, tables, plan.zones if nat == "per-zone" else plan.zones[:1])
        self.s3_prefix_list = self._make_gateway_endpoint(tables)
        self._make_interface_endpoints(interface_endpoints(settings, environment), subnets)
        self.node_subnets = {
            zone: [subnets[each.name].id for each in plan.of("nodes") if each.zone == zone] for zone in plan.zones
        }
        self.control_plane_subnets = [subnets[each.name].id for each in plan.of("control-plane")]
        self.register_outputs({"vpc_id": self.vpc_id})

    def _opts(self, *depends_on: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=self, depends_on=list(depends_on))

    def _make_vpc(self) -> aws.ec2.Vpc:
        vpc = aws.ec2.Vpc(
            self._name,
            cidr_block=self._plan.blocks[0],
            enable_dns_support=True,  # without both, a private API endpoint has a name that no node can resolve
            enable_dns_hostnames=True,
            enable_network_address_usage_metrics=True,
            tags={"Name": self._name},
            opts=self._opts(),
        )
        # It comes with the VPC and lets everything in it talk to everything: without rules, nobody uses it by mistake.
        aws.ec2.DefaultSecurityGroup(
            f"{self._name}-default", vpc_id=vpc.id, tags={"Name": f"{self._name}-unused"}, opts=self._opts()
        )
        return vpc

    def _make_subnets(self, plans: Sequence[SubnetPlan]) -> dict[str, aws.ec2.Subnet]:
        further = {
            block: aws.ec2.VpcIpv4CidrBlockAssociation(
                f"{self._name}-{number}", vpc_id=self._vpc.id, cidr_block=block, opts=self._opts()
            )
            for number, block in enumerate(self._plan.blocks[1:], 2)
        }
        tags: dict[Purpose, dict[str, str]] = {
            "nodes": {DISCOVERY: self._name},
            "public": {"kubernetes.io/role/elb": "1"},
            "internal": {"kubernetes.io/role/internal-elb": "1"},
            "control-plane": {},
        }
        return {
            each.name: aws.ec2.Subnet(
                f"{self._name}-{each.name}",
                vpc_id=self._vpc.id,
                cidr_block=each.cidr,
                availability_zone=each.zone,
                map_public_ip_on_launch=False,
                tags={"Name": f"{self._name}-{each.name}", **tags[each.purpose]},
                opts=self._opts(*[further[block] for block in [self._plan.block_of(each)] if block in further]),
            )
            for each in plans
        }

    def _make_private_tables(self, subnets: Mapping[str, aws.ec2.Subnet]) -> dict[str, aws.ec2.RouteTable]:
        tables = {zone: self._route_table(f"private-{zone}") for zone in self._plan.zones}
        for each in self._plan.subnets:
            if each.purpose != "public":
                self._associate(each, subnets, tables[each.zone])
        return tables

    def _make_ways_out(
        self,
        subnets: Mapping[str, aws.ec2.Subnet],
        private: Mapping[str, aws.ec2.RouteTable],
        zones: Sequence[str],
    ) -> None:
        """An internet gateway for the public subnets, and NAT in ``zones`` for the private ones."""
        gateway = aws.ec2.InternetGateway(self._name, vpc_id=self._vpc.id, tags={"Name": self._name}, opts=self._opts())
        public = self._route_table("public")
        way = aws.ec2.Route(
            f"{self._name}-public",
            route_table_id=public.id,
            destination_cidr_block=_ANYWHERE,
            gateway_id=gateway.id,
            opts=self._opts(),
        )
        for each in self._plan.of("public"):
            self._associate(each, subnets, public)
        nat = {zone: self._nat(zone, subnets, way) for zone in zones}
        for zone, table in private.items():
            aws.ec2.Route(
                f"{self._name}-private-{zone}",
                route_table_id=table.id,
                destination_cidr_block=_ANYWHERE,
                nat_gateway_id=nat.get(zone, nat[zones[0]]).id,
                opts=self._opts(),
            )

    def _nat(self, zone: str, subnets: Mapping[str, aws.ec2.Subnet], way: aws.ec2.Route) -> aws.ec2.NatGateway:
        tags = {"Name": f"{self._name}-nat-{zone}"}
        address = aws.ec2.Eip(f"{self._name}-nat-{zone}", domain="vpc", tags=tags, opts=self._opts(way))
        return aws.ec2.NatGateway(
            f"{self._name}-{zone}",
            allocation_id=address.id,
            subnet_id=subnets[f"public-{zone}"].id,
            tags=tags,
            opts=self._opts(way),
        )

    def _make_gateway_endpoint(self, tables: Mapping[str, aws.ec2.RouteTable]) -> pulumi.Output[str]:
        endpoint = aws.ec2.VpcEndpoint(
            f"{self._name}-{GATEWAY}",
            vpc_id=self._vpc.id,
            vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{self._region}.{GATEWAY}",
            route_table_ids=[table.id for table in tables.values()],
            tags={"Name": f"{self._name}-{GATEWAY}"},
            opts=self._opts(),
        )
        return endpoint.prefix_list_id

    def _make_interface_endpoints(self, services: Sequence[str], subnets: Mapping[str, aws.ec2.Subnet]) -> None:
        if not services:
            return
        group = aws.ec2.SecurityGroup(
            f"{self._name}-endpoints",
            vpc_id=self._vpc.id,
            description="HTTPS from the VPC to the endpoints of AWS services",
            tags={"Name": f"{self._name}-endpoints"},
            opts=self._opts(),
        )
        for number, block in enumerate(self._plan.blocks, 1):
            aws.vpc.SecurityGroupIngressRule(
                f"{self._name}-endpoints-{number}",
                security_group_id=group.id,
                description="HTTPS from the VPC",
                cidr_ipv4=block,
                ip_protocol="tcp",
                from_port=443,
                to_port=443,
                opts=self._opts(),
            )
        for service in services:
            aws.ec2.VpcEndpoint(
                f"{self._name}-{service}",
                vpc_id=self._vpc.id,
                vpc_endpoint_type="Interface",
                service_name=f"com.amazonaws.{self._region}.{service}",
                private_dns_enabled=True,
                subnet_ids=[subnets[each.name].id for each in self._plan.of("internal")],
                security_group_ids=[group.id],
                tags={"Name": f"{self._name}-{service}"},
                opts=self._opts(),
            )

    def _route_table(self, part: str) -> aws.ec2.RouteTable:
        tags = {"Name": f"{self._name}-{part}"}
        return aws.ec2.RouteTable(f"{self._name}-{part}", vpc_id=self._vpc.id, tags=tags, opts=self._opts())

    def _associate(self, plan: SubnetPlan, subnets: Mapping[str, aws.ec2.Subnet], table: aws.ec2.RouteTable) -> None:
        aws.ec2.RouteTableAssociation(
            f"{self._name}-{plan.name}",
            subnet_id=subnets[plan.name].id,
            route_table_id=table.id,
            opts=self._opts(),
        )
