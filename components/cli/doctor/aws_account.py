"""The AWS account, asked through the AWS CLI: who we are in it, and the quotas that it has."""

import json
from collections.abc import Iterator, Sequence

from ...cost.quotas import QuotaNeed
from ...settings.eks import EksCluster
from .finding import Finding, good, mend, note
from .machine import ThisMachine


def aws_account(machine: ThisMachine, cluster: EksCluster, needs: Sequence[QuotaNeed]) -> Iterator[Finding]:
    """The identity, then each quota that a new account has too little of."""
    answer = machine.ask("aws", "sts", "get-caller-identity", "--output", "json")
    if not answer.good:
        yield mend(
            f"AWS does not know us: {answer.reason}", "Nothing can be brought up.", "aws sso login, or renew them."
        )
        return
    identity = json.loads(answer.said)
    account, arn = identity["Account"], identity["Arn"]
    if cluster.account not in (None, account):
        yield mend(
            f"the credentials are for account {account}, as {arn}",
            f"The stack may touch {cluster.account} only: it refuses to run.",
            "Choose the other profile: AWS_PROFILE.",
        )
        return
    yield good(f"AWS account {account}, as {arn}")
    for need in needs:
        if not need.enough:
            yield _quota(machine, cluster.region, need)


def _quota(machine: ThisMachine, region: str, need: QuotaNeed) -> Finding:
    quota = need.quota
    which = ("--service-code", quota.service, "--quota-code", quota.code, "--region", region)
    answer = machine.ask("aws", "service-quotas", "get-service-quota", *which, "--output", "json")
    if not answer.good:
        return note(
            f"{quota.name}: not known, {answer.reason}",
            f"With less than {need.needed:,} {quota.unit} the stack cannot grow to its largest.",
            f"Look in Service Quotas, code {quota.code}.",
        )
    has = int(json.loads(answer.said)["Quota"]["Value"])
    if has >= need.needed:
        return good(f"{quota.name}: {has:,} {quota.unit}, {need.needed:,} needed")
    return mend(
        f"{quota.name}: {has:,} {quota.unit}, {need.needed:,} needed",
        "Nodes beyond it are refused, and what waits for them waits for ever.",
        f"aws service-quotas request-service-quota-increase {' '.join(which)} --desired-value {need.needed}",
    )
