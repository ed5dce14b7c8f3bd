"""Tenants have names of their own, know each other, and keep their own limits in order."""

import re
from collections.abc import Iterator
from ipaddress import ip_network

from ...problems import Problem
from ..closed import closed_ranges, within
from ..draft import Draft
from ..wording import did_you_mean, listed, problem

_RESERVED = re.compile(
    r"kube-.*|kubelanes(-.*)?|.*-system|default|cert-manager|karpenter|keda|gpu-operator|monitoring|nvidia-.*"
)


def check_names(draft: Draft) -> Iterator[Problem]:
    """A tenant's namespace is not one of the platform's."""
    for name in draft.tenants:
        if _RESERVED.fullmatch(name):
            text = "is a namespace of Kubernetes or of the platform, and a tenant's name is its namespace's. Rename it."
            yield problem(("tenants", name), name, text)


def check_groups(draft: Draft) -> Iterator[Problem]:
    """A group is one of the identity provider's, never one that Kubernetes itself puts users into."""
    for name, tenant in draft.tenants.items():
        for group, role in tenant.groups.items():
            if group.startswith("system:"):
                text = "is a group of Kubernetes' own: users of other tenants are in it. Name one of the tenant's."
                yield problem(("tenants", name, "groups", group), role.value, text)


def check_peers(draft: Draft) -> Iterator[Problem]:
    """Peers are other tenants."""
    for name, tenant in draft.tenants.items():
        for at, peer in enumerate(tenant.peers):
            path = ("tenants", name, "peers", at)
            if peer == name:
                yield problem(path, peer, "is this tenant: its pods reach each other anyway. Remove it.")
            elif not draft.known("tenants", peer):
                text = f"is no tenant.{did_you_mean(peer, draft.tenants)} The tenants are: {listed(draft.tenants)}."
                yield problem(path, peer, text)


def check_egress(draft: Draft) -> Iterator[Problem]:
    """What a tenant may reach outside does not lie wholly in what no tenant may reach."""
    closed = closed_ranges(draft.cluster)
    for name, tenant in draft.tenants.items():
        for at, text in enumerate(tenant.egress):
            if around := next((other for other in closed if within(ip_network(text), other)), None):
                why = (
                    f"lies in {around}, which holds cloud metadata or the cluster itself and stays closed. "
                    "Name ranges outside the cluster; tenants reach each other through peers."
                )
                yield problem(("tenants", name, "egress", at), text, why)


def check_priorities(draft: Draft) -> Iterator[Problem]:
    """Priority classes that are named exist in ``queues``."""
    if not draft.intact("queues"):
        return
    known = draft.queues.priorities
    if (default := draft.queues.default_priority) not in known:
        text = f"is none of queues.priorities: {listed(known)}.{did_you_mean(default, known)} Add it there."
        yield problem(("queues", "default_priority"), default, text)
    if "default" in known and default != "default":
        text = f"is the class of jobs that name none, and default_priority says {default}. Rename this one."
        yield problem(("queues", "priorities", "default"), known["default"], text)
    for name, tenant in draft.tenants.items():
        for at, priority in enumerate(tenant.priorities):
            if priority not in known:
                text = f"is none of queues.priorities: {listed(known)}.{did_you_mean(priority, known)}"
                yield problem(("tenants", name, "priorities", at), priority, text)
        if tenant.priorities and default not in tenant.priorities and default in known:
            text = f"leaves out {default}, which jobs without a priority get: they would be refused. Add {default}."
            yield problem(("tenants", name, "priorities"), list(tenant.priorities), text)


def check_budgets(draft: Draft) -> Iterator[Problem]:
    """A budget acts before it is overspent."""
    for name, tenant in draft.tenants.items():
        for share, action in (tenant.budget.at if tenant.budget else {}).items():
            if int(share.removesuffix("%")) > 100:
                text = "would act after the budget is overspent. Write 100% or less, or raise usd_per_month."
                yield problem(("tenants", name, "budget", "at", share), action, text)


def check_tokens(draft: Draft) -> Iterator[Problem]:
    """A single model's limit lies within the limit of all models."""
    for name, tenant in draft.tenants.items():
        for model, limit in (tenant.tokens.models if tenant.tokens else {}).items():
            if tenant.tokens and limit > tenant.tokens.per_day:
                text = (
                    f"is above per_day ({tenant.tokens.per_day}), which all models share. Lower it, or raise per_day."
                )
                yield problem(("tenants", name, "tokens", "models", model), limit, text)


RULES = (check_names, check_groups, check_peers, check_egress, check_priorities, check_budgets, check_tokens)
