"""Nodes are bought in ways that the cluster's cloud offers, and that suit what runs on them."""

import re
from collections.abc import Iterator

from ...problems import Problem
from ..draft import Draft
from ..environment import Environment
from ..inventory import cloud_of
from ..pools import Lane, Reserved
from ..wording import problem

_RESERVATIONS = {
    "aws": (re.compile(r"cr-[0-9a-f]{17}"), "an EC2 capacity reservation or block: cr- and 17 hexadecimal digits"),
    "gcp": (
        re.compile(r"(projects/[a-z][-a-z0-9]{4,28}[a-z0-9]/reservations/)?[a-z]([-a-z0-9]{0,61}[a-z0-9])?"),
        "a Compute Engine reservation: its name, or projects/PROJECT/reservations/NAME where it is shared",
    ),
}


def check_flex_start(draft: Draft) -> Iterator[Problem]:
    """Only GKE has flex-start."""
    cloud = cloud_of(draft.cluster)
    if draft.cluster is None or cloud == "gcp":
        return
    for name, pool in draft.pools.items():
        for at, way in enumerate(pool.buys):
            if way == "flex-start":
                text = "is offered by GKE only. Use on-demand, spot or { reserved: id }."
                yield problem(("pools", name, "capacity", at), way, text)


def check_reservations(draft: Draft) -> Iterator[Problem]:
    """A reservation's id has the form that its cloud gives it."""
    cloud = cloud_of(draft.cluster)
    for name, pool in draft.pools.items():
        for at, way in enumerate(pool.buys):
            if not isinstance(way, Reserved) or draft.cluster is None:
                continue
            path = ("pools", name, "capacity", at, "reserved")
            if cloud is None:
                yield problem(path, way.reserved, "cannot be bought here: this kind of cluster buys no nodes.")
            elif not _RESERVATIONS[cloud][0].fullmatch(way.reserved):
                yield problem(path, way.reserved, f"is no reservation. Write the id of {_RESERVATIONS[cloud][1]}.")


def check_repeated_capacity(draft: Draft) -> Iterator[Problem]:
    """A ladder of capacities names each step once."""
    for name, pool in draft.pools.items():
        for at, way in enumerate(pool.buys):
            if way in pool.buys[:at]:
                written = way.model_dump(exclude_defaults=True) if isinstance(way, Reserved) else way
                text = "stands here twice: what was not to be had the first time is not tried again. Remove one."
                yield problem(("pools", name, "capacity", at), written, text)


def check_spot_platform(draft: Draft) -> Iterator[Problem]:
    """In prod the platform's controllers do not run on nodes that vanish within two minutes."""
    if draft.environment is not Environment.PROD:
        return
    for name, pool in draft.pools.items():
        if pool.lane is Lane.PLATFORM and "spot" in pool.buys:
            text = (
                "would take the platform's controllers away at two minutes' notice. "
                "Use on-demand or { reserved: id } for the platform lane in prod."
            )
            yield problem(("pools", name, "capacity", pool.buys.index("spot")), "spot", text)


RULES = (check_flex_start, check_reservations, check_repeated_capacity, check_spot_platform)
