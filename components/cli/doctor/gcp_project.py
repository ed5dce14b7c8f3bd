"""The Google Cloud project, asked through gcloud: who we are in it, and the quotas that it has."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...cost.quotas import QuotaNeed
from ...settings.gke import GkeCluster
from .finding import Finding, good, mend, note
from .machine import ThisMachine


def gcp_project(machine: ThisMachine, cluster: GkeCluster, needs: Sequence[QuotaNeed]) -> Iterator[Finding]:
    """The account, then each quota that a new project has too little of."""
    answer = machine.ask("gcloud", "auth", "list", "--filter=status:ACTIVE", "--format=json")
    active: list[dict[str, str]] = json.loads(answer.said or "[]") if answer.good else []
    if not active:
        reason = answer.reason if not answer.good else "no account is active"
        yield mend(f"gcloud does not know us: {reason}", "The project's quotas are not known.", "gcloud auth login.")
        return
    yield good(f"Google Cloud project {cluster.project}, as {active[0]['account']}")
    in_project = ("--project", cluster.project, "--format=json")
    region = machine.ask("gcloud", "compute", "regions", "describe", cluster.region, *in_project)
    everywhere = machine.ask("gcloud", "compute", "project-info", "describe", *in_project)
    for one in (region, everywhere):
        if not one.good:
            yield mend(
                f"the project {cluster.project} does not tell its quotas: {one.reason}",
                "Whether the stack fits is not known.",
                "Enable its Compute Engine API (compute.googleapis.com), or ask for roles/compute.viewer.",
            )
            return
    limits = {**_limits(json.loads(everywhere.said)), **_limits(json.loads(region.said))}
    for need in needs:
        if need.quota.service == "compute" and not need.enough:
            yield _quota(limits, cluster, need)


def _limits(description: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    return {row["metric"]: (int(row["limit"]), int(row.get("usage", 0))) for row in description.get("quotas", [])}


def _quota(limits: Mapping[str, tuple[int, int]], cluster: GkeCluster, need: QuotaNeed) -> Finding:
    quota = need.quota
    if quota.code not in limits:
        return note(
            f"{quota.name}: not among the quotas that Compute Engine lists, {need.needed:,} needed",
            "With less the stack cannot grow to its largest.",
            f"Look under IAM & Admin, Quotas & System Limits, for {quota.code} in {cluster.region}.",
        )
    limit, used = limits[quota.code]
    if limit >= need.needed:
        return good(f"{quota.name}: {limit:,} {quota.unit} ({used:,} in use), {need.needed:,} needed")
    return mend(
        f"{quota.name}: {limit:,} {quota.unit} ({used:,} in use), {need.needed:,} needed",
        "Nodes beyond it are refused, and what waits for them waits for ever.",
        f"Ask for {need.needed:,} {quota.code} in {cluster.region}, under IAM & Admin, Quotas & System Limits.",
    )
