"""``kubelanes:tenants``: the teams, what each may use and who belongs to it."""

from enum import StrEnum
from typing import Annotated, Literal

from .model import Model
from .scalars import ByteCount, Cidr, Name, Quantity, Text, matching, number, whole

Count = Annotated[int, *whole(0, 1_000_000)]
"""A number of GPUs."""

TokenCount = Annotated[int, *whole(1, 10**15)]
"""A number of tokens."""

Mail = Annotated[
    str,
    *matching(
        "mail address",
        r"[^@\s]+@[^@\s]+\.[^@\s]+",
        "is no mail address. Write the one that reaches whoever is on call: search-oncall@example.com.",
        "search-oncall@example.com",
    ),
]
"""A mail address."""

Threshold = Annotated[
    str,
    *matching("percentage", r"[1-9][0-9]{0,2}%", "is no share of the budget. Write a whole percentage: 80%.", "80%"),
]
"""A share of the budget, in whole percent."""


class Role(StrEnum):
    """What members of a group may do in their tenant's namespace."""

    VIEWER = "viewer"
    DEVELOPER = "developer"
    OPERATOR = "operator"


class Quota(Model):
    """The most that a tenant may hold at once."""

    cpu: Quantity
    """Cores, over all pods."""
    memory: ByteCount
    """Memory, over all pods."""
    storage: ByteCount = "1Ti"
    """Persistent volumes, over all claims."""
    pods: Annotated[int, *whole(1, 100_000)] = 500
    """Pods."""
    gpu: dict[Text, Count] = {}
    """GPUs by catalogue row. Whole cards: a time slice or a MIG partition counts as its part of one."""


class TenantQueue(Model):
    """The tenant's place among the others, where batch work waits."""

    weight: Annotated[float, *number(0.01, 1000)] = 1
    """Its share when several tenants want what nobody owns, relative to theirs."""
    borrow: dict[Text, Count] = {}
    """How many GPUs beyond its quota it may use while others leave them idle, by catalogue row; none by default."""
    may_be_preempted: bool = True
    """Whether its borrowed capacity goes back as soon as its owner wants it."""


class Budget(Model):
    """What the tenant may spend in a month."""

    usd_per_month: Annotated[float, *number(0.01, 1e12)]
    """US dollars."""
    at: dict[Threshold, Literal["notify", "stop-batch"]] = {"100%": "notify"}
    """What happens when a share of it is spent."""


class Tokens(Model):
    """Token limits at the gateway."""

    per_day: TokenCount
    """Tokens a day, over all models."""
    models: dict[Text, TokenCount] = {}
    """Tokens a day for single models."""


class TenantSettings(Model):
    """One team."""

    contact: Mail
    """The mail address of those who answer for it."""
    quota: Quota
    """The most that it may hold at once."""
    groups: dict[Text, Role] = {}
    """Groups of the identity provider and what their members may do."""
    queue: TenantQueue = TenantQueue()
    """Its place in the batch queue."""
    priorities: tuple[Name, ...] = ()
    """The priority classes that it may use; all where it is left out."""
    peers: tuple[Name, ...] = ()
    """Tenants whose pods may reach this tenant's pods."""
    privileged: Text | None = None
    """Why pods of this team may take over their nodes: it lifts Pod Security from its namespace. Training over
    ``gpudirect-tcpx`` and ``gpudirect-tcpxo`` needs it: a daemon that sets up network interfaces runs beside it. Where
    it is left out, pods are held to the level ``restricted``."""
    egress: tuple[Cidr, ...] = ()
    """Ranges outside the cluster that its pods may reach over TLS; none by default."""
    tokens: Tokens | None = None
    """Token limits at the gateway."""
    budget: Budget | None = None
    """Its monthly budget."""


Tenants = dict[Name, TenantSettings]
"""The tenants by name; the name is also its namespace's."""
