"""What pools hand out: whole cards, turns on them and partitions, each with its memory."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ..catalogue.accelerators import Accelerator
from ..catalogue.mig import MigProfile
from .pools import Lane, Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One kind of device that one pool hands out.

    way: how, as `Share` calls it: ``whole``, ``time_slicing``, ``mps``, ``mig`` or ``dra``.
    profile: of a partition; None for a card or a turn on one.
    memory: of each device in MiB; of a turn its equal part, which MPS enforces and time-slicing does not.
    per_card: how many one card is at the same time.
    cards: the cards of one node; None where nobody knows.
    nodes: the most nodes of the pool.
    per_root: the cards that hang off one PCIe root complex; None where nobody knows.
    slice_of: the nodes that are of use together only, as one TPU slice.
    """

    pool: str
    lane: Lane
    accelerator: Accelerator
    way: str
    profile: MigProfile | None = None
    memory: int
    per_card: int = 1
    cards: int | None
    nodes: int
    per_root: int | None = None
    slice_of: int = 1

    @property
    def product(self) -> str:
        """The accelerator's row in the catalogue."""
        return self.accelerator.name

    @property
    def room(self) -> int | None:
        """The most that one node holds of it; None where nobody knows."""
        return None if self.cards is None else self.cards * self.per_card

    @property
    def turn(self) -> bool:
        """Whether it is a turn on a card that others use as well."""
        return self.way in ("time_slicing", "mps")

    @property
    def kind(self) -> tuple[str, str, int]:
        """What pods get: offers that differ in it are not the same to them, even where they are asked for alike."""
        return self.profile.name if self.profile else "", self.way if self.turn else "", self.memory

    @property
    def what(self) -> str:
        """As people speak of it: ``3g.40gb``, ``turns of 4``, ``whole cards``."""
        if self.profile:
            return self.profile.name
        return f"turns of {self.per_card}" if self.turn else "whole cards"


def offers(
    pool: str,
    lane: Lane,
    accelerator: Accelerator,
    share: Share,
    *,
    cards: int | None,
    nodes: int,
    per_root: int | None = None,
    slice_of: int = 1,
) -> Iterator[Offer]:
    """What a pool of ``accelerator`` that is shared so hands out, the largest first; see `Offer` for the rest."""
    turns = share.time_slicing or share.mps or 1
    card = Offer(
        pool=pool,
        lane=lane,
        accelerator=accelerator,
        way=share.way,
        memory=accelerator.memory // turns,
        per_card=turns,
        cards=cards,
        nodes=nodes,
        per_root=per_root,
        slice_of=slice_of,
    )
    if not share.mig:
        yield card
    for profile, many in _partitions(accelerator, share):
        yield replace(card, profile=profile, memory=profile.memory, per_card=many)


def _partitions(accelerator: Accelerator, share: Share) -> list[tuple[MigProfile, int]]:
    """The partitions that one card may be cut into, and how many of each there can be at once."""
    if accelerator.mig is None:
        return []
    asked = share.mig or ()
    cut = [
        (profile, profile.instances if share.dra else asked.count(profile.name))
        for profile in accelerator.mig.profiles.values()
        if share.dra == "dynamic-mig" or profile.name in asked
    ]
    return sorted(cut, key=lambda each: (-each[0].memory, -each[0].compute, each[0].name))
