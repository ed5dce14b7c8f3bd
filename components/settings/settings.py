"""The whole stack file as one frozen value."""

from .cluster import Cluster
from .environment import Environment
from .gateway import GatewaySettings
from .lanes import LaneSettings
from .model import Model
from .observability import ObservabilitySettings
from .pools import GpuSettings, Pools
from .queues import QueueSettings
from .tenants import Tenants


class Settings(Model):
    """One environment: what stands under ``kubelanes:`` in ``stacks/Pulumi.<stack>.yaml``."""

    environment: Environment = Environment.DEV
    """Chooses defaults: replicas, disruption budgets, retention, protection."""
    cluster: Cluster
    """The cluster that the platform stands on."""
    pools: Pools
    """The node pools."""
    gpu: GpuSettings = GpuSettings()
    """What holds for all GPU pools."""
    queues: QueueSettings = QueueSettings()
    """How batch work waits for its turn."""
    tenants: Tenants = {}
    """The teams."""
    gateway: GatewaySettings | None = None
    """The way in for model requests."""
    observability: ObservabilitySettings = ObservabilitySettings()
    """What is measured and how long it is kept."""
    lanes: LaneSettings = LaneSettings()
    """The workloads that the stack itself brings up."""
