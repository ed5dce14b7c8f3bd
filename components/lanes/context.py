"""What a lane's planner knows beside the workload's own settings."""

from dataclasses import dataclass

from ..pools.plan import PoolPlan
from ..settings.environment import Environment


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneContext:
    """The platform, as far as workloads depend on it.

    environment: chooses the disruption budget.
    pools: all node pools.
    default_priority: the queue priority of a job that names none.
    has_domains: whether the cluster knows ComputeDomains, which NVIDIA's DRA driver brings; a simulated one does not.
    """

    environment: Environment
    pools: tuple[PoolPlan, ...]
    default_priority: str
    has_domains: bool = True
