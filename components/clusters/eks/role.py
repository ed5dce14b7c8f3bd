"""An IAM role with what it may do."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from .iam import Document, render


class Role(pulumi.ComponentResource):
    """An IAM role; whatever acts with it depends on this component, and so on its policies too.

    trust: who may take it on.
    managed: ARNs of the policies that AWS keeps, by what to call the attachment.
    own: policies of its own, by name.
    """

    arn: pulumi.Output[str]
    """The role's ARN."""
    role_name: pulumi.Output[str]
    """The role's name."""

    def __init__(
        self,
        name: str,
        description: str,
        trust: Document,
        *,
        managed: Sequence[str] = (),
        own: Mapping[str, Document] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("kubelanes:clusters:EksRole", name, {}, opts)
        inside = pulumi.ResourceOptions(parent=self)
        role = aws.iam.Role(name, assume_role_policy=render(trust), description=description, opts=inside)
        for arn in managed:
            policy = arn.rpartition("/")[2]
            aws.iam.RolePolicyAttachment(f"{name}-{policy}", role=role.name, policy_arn=arn, opts=inside)
        for title, content in (own or {}).items():
            aws.iam.RolePolicy(f"{name}-{title}", role=role.name, policy=render(content), opts=inside)
        self.arn, self.role_name = role.arn, role.name
        self.register_outputs({"arn": self.arn})
