"""How a service without a GPU runs: replicas behind a Service, replaced without a gap."""

from ..settings.lanes import Api
from ..settings.options import Uses
from ..settings.pools import Lane
from .context import LaneContext
from .placement import place
from .pod import Container, probe
from .workload import Identity, LanePlan, plan_replicas

_DRAIN, _GRACE = 10, 60
"""Seconds until no endpoint names an ending pod any more, and until open requests are cut off."""


def plan_api(name: str, api: Api, context: LaneContext) -> LanePlan:
    """Plans the service ``name``.

    Raises InvalidSettingsError where the platform lane has no pool.
    """
    placement = place(("lanes", "apis", name), None, Uses(lanes=(Lane.PLATFORM,)), context.pools)
    identity = Identity(name=name, tenant=api.tenant, component="platform-api")
    container = Container(
        env={"PORT": str(api.port)},
        ports={"http": api.port},
        probes={
            "startupProbe": probe(api.health, period=2, failures=30),
            "readinessProbe": probe(api.health, period=5, failures=2),
            "livenessProbe": probe(api.health, period=10, failures=3),
        },
        drain=_DRAIN,
        grace=_GRACE,
    )
    return plan_replicas(identity, api, container, placement, context)
