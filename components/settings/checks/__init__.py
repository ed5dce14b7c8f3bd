"""The rules across sections, one module per theme. A new rule is a generator in its theme's `RULES`."""

from ...problems import Problem
from ..draft import Draft
from . import (
    capacity,
    claims,
    demands,
    eks,
    eks_pools,
    existing,
    fabrics,
    gke,
    gke_pools,
    gpu_stack,
    hardware,
    kind,
    lanes,
    network,
    nodes,
    quotas,
    replicas,
    resources,
    sharing,
    tenants,
    vendors,
    versions,
    workloads,
)

_THEMES = (
    network,
    hardware,
    fabrics,
    sharing,
    gpu_stack,
    claims,
    vendors,
    capacity,
    eks,
    eks_pools,
    nodes,
    kind,
    existing,
    gke,
    gke_pools,
    versions,
    tenants,
    quotas,
    lanes,
    demands,
    resources,
    replicas,
    workloads,
)


def check(draft: Draft) -> list[Problem]:
    """Everything that the rules find in the valid parts of a stack file."""
    return [problem for theme in _THEMES for rule in theme.RULES for problem in rule(draft)]
