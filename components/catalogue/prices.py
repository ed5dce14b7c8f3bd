"""What nodes and the parts around them cost: list prices, each with its date and its source."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Literal

from .machines import Cloud
from .rows import Row, read

Market = Literal["on-demand", "spot", "flex-start", "reserved", "block"]
"""A way of buying a node: a reservation is paid at the on-demand price, a capacity block (EC2) beforehand."""
HOURS = 730
"""The hours of a month, as the clouds bill them."""


@dataclass(frozen=True, slots=True)
class Between:
    """An amount that is not known exactly: at least and at most."""

    low: float
    high: float

    def __add__(self, other: "Between") -> "Between":
        return Between(self.low + other.low, self.high + other.high)

    def times(self, low: float, high: float | None = None) -> "Between":
        """At least ``low`` times the least, at most ``high`` (``low`` where it is left out) times the most."""
        return Between(self.low * low, self.high * (low if high is None else high))


NOTHING = Between(0, 0)


class Share(Row):
    """A part of another price, at least and at most."""

    low: float
    high: float
    as_of: date
    """When it was read."""
    source: str
    """Where it is from."""


class Prices(Row):
    """What machines cost by the hour."""

    cloud: Cloud
    """Who offers them."""
    region: str
    """Where ``hourly`` holds."""
    hourly: Mapping[str, float]
    """USD per hour by machine."""
    regions: Mapping[str, float] = {}
    """How many times as high the price is in other regions."""
    elsewhere: Share | None = None
    """What that factor lies between in regions that are not listed; None where those do not offer the machines."""
    spot: Share | None = None
    """What of the price spot nodes cost."""
    flex_start: Share | None = None
    """What of the price flex-start nodes cost."""
    as_of: date
    """When it was read."""
    source: str
    """Where it is from."""

    def factor(self, region: str) -> Between | None:
        """How many times as high the price is in ``region``; None where the machines are not offered there."""
        known = 1 if region == self.region else self.regions.get(region)
        if known is not None:
            return Between(known, known)
        return self.elsewhere and Between(self.elsewhere.low, self.elsewhere.high)

    def usd(self, machine: str, region: str) -> Between | None:
        """USD per hour in ``region``; None where no price is known."""
        factor = self.factor(region)
        return factor.times(self.hourly[machine]) if factor and machine in self.hourly else None


class Unit(Row):
    """What one of something costs."""

    usd: float
    per: Literal["hour", "month", "GB", "GB-month"]

    @property
    def hourly(self) -> float:
        """USD for one, or for one GB kept, during an hour."""
        return self.usd if self.per == "hour" else self.usd / HOURS


class Services(Row):
    """What the parts around the nodes cost."""

    cloud: Cloud
    """Who offers them."""
    region: str
    """Where the prices hold."""
    prices: Mapping[str, Unit]
    """By our name for the part."""
    as_of: date
    """When they were read."""
    source: str
    """Where they are from."""


class _Table(Row):
    shares: Mapping[str, Share]
    machines: tuple[Prices, ...]
    blocks: Prices
    services: tuple[Services, ...]


@dataclass(frozen=True, slots=True)
class PriceTable:
    """All list prices.

    machines: on-demand prices by machine.
    blocks: prices in capacity blocks.
    services: the prices that hold a service, by cloud and name.
    """

    machines: Mapping[str, Prices]
    blocks: Prices
    services: Mapping[tuple[Cloud, str], Services]

    def service(self, cloud: Cloud, name: str) -> Unit:
        """The price of a service in its cloud's reference region."""
        return self.services[cloud, name].prices[name]

    def node(self, machine: str, market: Market, region: str) -> Between | None:
        """USD per hour for one node; None where no price is known."""
        if market == "block":
            return self.blocks.usd(machine, region)
        listed = self.machines.get(machine)
        full = listed.usd(machine, region) if listed else None
        if listed is None or full is None or market in ("on-demand", "reserved"):
            return full
        share = listed.spot if market == "spot" else listed.flex_start
        return share and Between(full.low * share.low, full.high * share.high)

    def sources(self, machine: str, market: Market) -> Iterator[tuple[date, str]]:
        """Where that price is from, with the dates."""
        if market == "block":
            yield self.blocks.as_of, self.blocks.source
            return
        listed = self.machines.get(machine)
        share = listed and {"spot": listed.spot, "flex-start": listed.flex_start}.get(market)
        yield from ((each.as_of, each.source) for each in (listed, share) if each)


@cache
def price_table() -> PriceTable:
    """The price table. Source: prices.yaml."""
    table = _Table.model_validate(read("prices.yaml"))
    return PriceTable(
        machines=MappingProxyType({name: group for group in table.machines for name in group.hourly}),
        blocks=table.blocks,
        services=MappingProxyType({(group.cloud, name): group for group in table.services for name in group.prices}),
    )
