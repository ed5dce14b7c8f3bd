"""What claims hold: the devices that the scheduler handed out, looked up in the slices that they were published in."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from components.catalogue.accelerators import Accelerator, accelerators
from components.catalogue.mig import MigProfile

from .kube import Kube, Manifest

DRA = "resource.k8s.io/v1"


@dataclass(frozen=True, slots=True)
class Part:
    """A card or a partition of one.

    card: the card's name on its node: ``gpu-0``.
    profile: of a partition; None stands for the whole card.
    start: the memory slice at which a partition begins.
    attributes: as published, by name.
    """

    node: str
    card: str
    accelerator: Accelerator
    profile: MigProfile | None
    start: int
    attributes: Manifest

    @property
    def kind(self) -> str:
        """As cases name it: ``h200``, or ``h200 3g.71gb`` for a partition."""
        return f"{self.accelerator.name} {self.profile.name}" if self.profile else self.accelerator.name

    @property
    def occupied(self) -> range:
        """The memory slices that it takes of its card."""
        assert self.profile
        return range(self.start, self.start + self.profile.size)


class Published:
    """The devices of some ResourceSlices."""

    def __init__(self, slices: Sequence[Manifest]) -> None:
        self._slices = slices

    def held(self, kube: Kube, namespace: str) -> dict[str, list[Part]]:
        """The devices of each pod of the namespace that has claims, by the pod's name."""
        if not self._slices:
            return {}
        found: dict[str, list[Part]] = defaultdict(list)
        for claim in kube.every(DRA, "ResourceClaim", namespace):
            allocation = claim.get("status", {}).get("allocation") or {}
            for owner in claim["metadata"].get("ownerReferences", []):
                found[owner["name"]] += [
                    self._parts[result["pool"], result["device"]]
                    for result in allocation.get("devices", {}).get("results", [])
                ]
        return dict(found)

    @cached_property
    def _parts(self) -> dict[tuple[str, str], Part]:
        models = {row.product_name: row for row in accelerators().values()}
        return {
            (spec["pool"]["name"], device["name"]): _part(spec["nodeName"], device, models)
            for spec in (item["spec"] for item in self._slices)
            for device in spec.get("devices", [])
        }


def overlaps(parts: Iterable[Part]) -> Iterator[str]:
    """Each card of which more is handed out than there is, by what the catalogue says of its geometry."""
    cards: dict[tuple[str, str], list[Part]] = defaultdict(list)
    for part in parts:
        cards[part.node, part.card].append(part)
    for (node, card), together in cards.items():
        if len(together) > 1 and not _side_by_side(together):
            yield f"{card} of {node} is handed out as {', '.join(part.kind for part in together)}"


def _side_by_side(parts: list[Part]) -> bool:
    geometry, profiles = parts[0].accelerator.mig, [part.profile for part in parts if part.profile]
    if geometry is None or len(profiles) < len(parts):
        return False
    occupied = [at for part in parts for at in part.occupied]
    return geometry.fits([profile.name for profile in profiles]) and len(set(occupied)) == len(occupied)


def _part(node: str, device: Manifest, models: dict[str, Accelerator]) -> Part:
    attributes = {name: next(iter(value.values())) for name, value in device["attributes"].items()}
    accelerator = models[attributes["productName"]]
    card, cut, rest = device["name"].partition("-mig-")
    profile = accelerator.mig.profiles[attributes["profile"]] if cut and accelerator.mig else None
    return Part(
        node=node,
        card=card,
        accelerator=accelerator,
        profile=profile,
        start=int(rest.rpartition("-")[2]) if cut else 0,
        attributes=attributes,
    )
