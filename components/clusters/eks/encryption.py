"""The key of a cluster, and the logs that are encrypted with it."""

import pulumi
import pulumi_aws as aws

from ...settings.environment import Environment
from .iam import Home, flow_log_delivery, flow_log_trust, render
from .key_policy import key_policy
from .logs import retention_days
from .role import Role


class ClusterKey(pulumi.ComponentResource):
    """The KMS key that encrypts Secrets, volumes and logs; the settings' own where they name one.

    given: the ARN of the settings' key, whose policy is its owner's business.
    cluster_role: the ARN of the control plane's role.
    """

    arn: pulumi.Input[str]
    """The key's ARN."""

    def __init__(
        self,
        name: str,
        home: Home,
        given: str | None,
        cluster_role: pulumi.Input[str],
        environment: Environment,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:EksKey", name, {}, opts)
        self.arn = given or self._made(name, home, cluster_role, environment).arn
        self.register_outputs({"arn": self.arn})

    def _made(self, name: str, home: Home, cluster_role: pulumi.Input[str], environment: Environment) -> aws.kms.Key:
        key = aws.kms.Key(
            name,
            description=f"Secrets, volumes and logs of the EKS cluster {home.cluster}",
            enable_key_rotation=True,
            # Without the key, every volume and Secret is lost: there is a month to notice.
            deletion_window_in_days=30 if environment.preset.protect else 7,
            policy=render(key_policy(home, cluster_role)),
            tags={"Name": home.cluster},
            opts=pulumi.ResourceOptions(parent=self, protect=environment.preset.protect),
        )
        aws.kms.Alias(
            name,
            name=f"alias/eks/{home.cluster}",
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),  # its name is fixed
        )
        return key


class ClusterLogs(pulumi.ComponentResource):
    """The log groups of a cluster, encrypted and kept as long as the environment says, and the VPC's flow logs.

    The control plane's group stands before the cluster: one that EKS makes itself is kept for ever, unencrypted.
    """

    def __init__(
        self,
        name: str,
        home: Home,
        key: pulumi.Input[str],
        vpc_id: pulumi.Input[str],
        environment: Environment,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:EksLogs", name, {}, opts)
        inside = pulumi.ResourceOptions(parent=self)
        groups = {
            part: aws.cloudwatch.LogGroup(
                f"{name}-{part}",
                name=f"/aws/eks/{home.cluster}/{part}",
                kms_key_id=key,
                retention_in_days=retention_days(environment),
                # The name is fixed, and what was logged before stays readable after the cluster is gone.
                skip_destroy=environment.preset.protect,
                opts=pulumi.ResourceOptions(parent=self, delete_before_replace=True),
            )
            for part in ("cluster", "flow-logs")
        }
        group = groups["flow-logs"]
        delivery = Role(
            f"{name}-flow-logs",
            f"Delivers the flow logs of the EKS cluster {home.cluster}",
            flow_log_trust(home),
            own={"delivery": flow_log_delivery(home, group.arn)},
            opts=inside,
        )
        aws.ec2.FlowLog(
            f"{name}-flow-logs",
            vpc_id=vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=delivery.arn,
            max_aggregation_interval=600,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[delivery]),
        )
        self.register_outputs({})
