"""From everything that the pools hand out to the one kind of device that somebody asks for, step by step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

from ..catalogue.accelerators import accelerators
from .lanes import Demand, Devices
from .offers import Offer
from .options import AmbiguousError, Option, RefusedError
from .pools import Lane
from .scalars import amount
from .wording import did_you_mean, listed


@dataclass(frozen=True, slots=True)
class Narrowing:
    """From all offers to those of one kind: each step leaves some, or raises RefusedError and says why none."""

    demand: Demand
    lanes: Sequence[Lane]
    joined: bool

    def option(self, devices: Devices, offers: Sequence[Offer]) -> Option:
        """The option that ``devices`` is."""
        left = self._carried(devices, offers)
        for step in _STEPS:
            left = step(self, devices, left)
        return Option(devices.count, left)

    def _carried(self, devices: Devices, offers: Sequence[Offer]) -> tuple[Offer, ...]:
        product = devices.product
        if product not in accelerators():
            known = listed(dict.fromkeys(offer.product for offer in offers))
            text = f"is no accelerator of the catalogue.{did_you_mean(product, accelerators())}"
            raise RefusedError(("product",), product, f"{text} The pools carry: {known}.")
        carrying = [offer for offer in offers if offer.product == product]
        if reachable := tuple(offer for offer in carrying if offer.lane in self.lanes):
            return reachable
        where = f"; it is in pools.{carrying[0].pool}, lane {carrying[0].lane}" if carrying else ""
        text = f"is carried by no pool of lane {' or '.join(self.lanes)}{where}. "
        raise RefusedError(("product",), product, f"{text}Add such a pool, or use another accelerator.")

    def shared(self, devices: Devices, left: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """Handed out in the way that is asked for."""
        wanted = self.demand.share
        if found := tuple(offer for offer in left if wanted in (None, offer.way)):
            return found
        ways = listed(sorted({offer.way for offer in left}))
        text = f"is not how the pools hand out {devices.product}: {ways}. Write that, or leave it out."
        raise RefusedError(("share",), wanted, text)

    def claimed(self, devices: Devices, left: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """Served by DRA, where only DRA can."""
        needs = [key for key in ("instead", "near") if getattr(self.demand, key)]
        if found := tuple(offer for offer in left if offer.way == "dra" or not needs):
            return found
        keys, shares = " and ".join(needs), " or ".join(dict.fromkeys(f"pools.{offer.pool}.share" for offer in left))
        remedy = f"Write {shares}: dra, or remove {keys}." if left[0].accelerator.is_nvidia else f"Remove {keys}."
        text = f"is handed out by a device plugin, and only DRA carries out {keys}. {remedy}"
        raise RefusedError(("product",), devices.product, text)

    def profiled(self, devices: Devices, left: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """Of the profile that is asked for; where neither profile nor memory is, no partition."""
        if devices.profile is None:
            if found := tuple(offer for offer in left if devices.memory or not offer.profile):
                return found
            text = f"missing: the cards are cut into partitions, and whole ones are not to be had. {_offered(left)}"
            raise RefusedError(("profile",), None, text)
        if found := tuple(offer for offer in left if offer.profile and offer.profile.name == devices.profile):
            return found
        raise RefusedError(("profile",), devices.profile, f"is a partition that no pool is cut into. {_offered(left)}")

    def spacious(self, devices: Devices, left: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """With the memory that is asked for."""
        least = ceil(amount(devices.memory or "0") / 2**20)
        if found := tuple(offer for offer in left if offer.memory >= least):
            return found
        text = f"is more than any of them has. {_offered(left)} Ask for less, or use another accelerator."
        raise RefusedError(("memory",), devices.memory, text)

    def lasting(self, devices: Devices, left: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """No turns where several devices are asked for: both may be on one card, and the device plugin refuses it.

        Source: NVIDIA/k8s-device-plugin, README, ``failRequestsGreaterThanOne``; GKE, "About GPU sharing strategies".
        """
        if found := tuple(offer for offer in left if devices.count == 1 or not offer.turn):
            return found
        text = (
            f"turns could all be on one card, of which they give no more than one does: no such pod is let in. "
            f"{_offered(left)} Write 1, or use a pool of whole cards."
        )
        raise RefusedError(("count",), devices.count, text)

    def joinable(self, devices: Devices, left: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """No partitions where several devices hold one model together."""
        if found := tuple(o for o in left if devices.count == 1 or not (self.joined and o.profile)):
            return found
        text = f"partitions cannot hold one model together: a process sees one of them. {_offered(left)} "
        raise RefusedError(("count",), devices.count, f"{text}Write 1 and a larger one, or use whole cards.")

    def roomy(self, devices: Devices, left: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """As many on one node as are asked for."""
        if found := tuple(offer for offer in left if offer.room is None or offer.room >= devices.count):
            return found
        most = max(offer.room or 0 for offer in left)
        text = f"is more than one node holds: {most} at the most. Lower it, or add a pool of larger nodes."
        raise RefusedError(("count",), devices.count, text)

    def near(self, devices: Devices, left: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """As many off one PCIe root as shall be near each other."""
        near = self.demand.near
        if near and all(each.count == 1 for each in (self.demand, *self.demand.instead)):
            raise RefusedError(("near",), near, "has no effect on one device. Remove it, or raise count.")
        if found := tuple(o for o in left if not (near and o.per_root) or o.per_root * o.per_card >= devices.count):
            return found
        most = max((offer.per_root or 0) * offer.per_card for offer in left)
        text = f"would wait for ever: {devices.count} {devices.product} are asked for, and a root holds {most}. "
        raise RefusedError(("near",), near, f"{text}Lower count, or remove near.")

    def smallest(self, devices: Devices, left: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """The smallest, where the memory says what is needed."""
        if devices.memory is None:
            return left
        least = min(map(_size, left))
        return tuple(offer for offer in left if _size(offer) == least)

    def alike(self, devices: Devices, left: tuple[Offer, ...]) -> tuple[Offer, ...]:
        """All of them, if they are the same to a pod."""
        if len({offer.kind for offer in left}) == 1:
            return left
        kinds = {offer.kind: f"{offer.what} (pools.{offer.pool}, {offer.way})" for offer in left}
        ways = {offer.way for offer in left}
        key = "share" if len({(offer.way, offer.kind) for offer in left}) == len(ways) else "memory"
        text = f"missing: {devices.product} is handed out as {' and as '.join(kinds.values())}. Say which is meant."
        raise AmbiguousError((key,), None, text)


_STEPS: Sequence[Callable[[Narrowing, Devices, tuple[Offer, ...]], tuple[Offer, ...]]] = (
    Narrowing.shared,
    Narrowing.claimed,
    Narrowing.profiled,
    Narrowing.spacious,
    Narrowing.lasting,
    Narrowing.joinable,
    Narrowing.roomy,
    Narrowing.near,
    Narrowing.smallest,
    Narrowing.alike,
)
"""In the order in which people would look: what it is, how large, how many, how near."""


def _size(offer: Offer) -> tuple[int, int, bool]:
    """What is smaller: less memory, then less compute; variants with other engines come after the plain profile."""
    profile = offer.profile
    return offer.memory, profile.compute if profile else _WHOLE, bool(profile and not profile.name.endswith("gb"))


_WHOLE = 1_000
"""More compute slices than any partition has."""


def _offered(offers: Sequence[Offer]) -> str:
    """What the pools hand out: ``pools.a100 offers: 2g.20gb (19.5Gi), 3g.40gb (39.2Gi)``."""
    kinds = {offer.what: offer.memory for offer in sorted(offers, key=lambda offer: offer.memory)}
    pools = listed(dict.fromkeys(f"pools.{offer.pool}" for offer in offers))
    have = listed(f"{what} ({memory * 10 // 1024 / 10:g}Gi)" for what, memory in kinds.items())
    return f"{pools} offer{'' if ',' in pools else 's'}: {have}."
