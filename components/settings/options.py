"""What a demand may come to: the kinds of device that serve it, or the reason why none does."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from ..catalogue.accelerators import accelerators
from .offers import Offer
from .pools import Lane
from .wording import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Uses:
    """How a sort of workload uses accelerators.

    lanes: where, the first that serves it.
    joined: whether its devices hold one model together. Partitions cannot: a process sees one of them at most.
        Source: NVIDIA MIG user guide, "CUDA Device Enumeration".
    queued: whether Kueue admits it, which understands exact requests only.
        Source: Kueue 0.19, pkg/dra/claims.go (``countDevicesPerClass``).
    """

    lanes: tuple[Lane, ...]
    joined: bool = False
    queued: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One kind of device that a demand takes, and all offers of it."""

    count: int
    offers: tuple[Offer, ...]

    @property
    def offer(self) -> Offer:
        """What each of its pools hands out."""
        return self.offers[0]

    @property
    def cards(self) -> Fraction:
        """The cards, or the part of one, that it takes at the most: what quotas count."""
        return max(Fraction(self.count, offer.per_card) for offer in self.offers)

    @property
    def name(self) -> str:
        """As people write it: ``8 x h200``, ``1 x 3g.40gb``."""
        return f"{self.count} x {self.offer.profile.name if self.offer.profile else self.offer.product}"


@dataclass(frozen=True, slots=True)
class Choice:
    """What serves a demand, all in one lane: the option it wants most in front; several only where DRA serves them."""

    lane: Lane
    options: tuple[Option, ...]

    @property
    def cards(self) -> Mapping[str, Fraction]:
        """What quotas count of each accelerator: of several options the one that takes most of it.

        Source: k8s.io/kubernetes 1.36, pkg/quota/v1/evaluator/core/resource_claims.go (``firstAvailable``).
        """
        most: dict[str, Fraction] = {}
        for option in self.options:
            most[option.offer.product] = max(most.get(option.offer.product, Fraction(0)), option.cards)
        return most


class RefusedError(Exception):
    """A demand that no pool can serve, or that could mean several things.

    path: the keys below the workload that lead to what asks for it.
    value: what stands there; None where nothing does.
    text: what would follow and what to write.
    """

    def __init__(self, path: Path, value: object, text: str) -> None:
        super().__init__(text)
        self.path, self.value, self.text = path, value, text

    @property
    def unknown(self) -> bool:
        """Whether the catalogue does not know what is asked for, so that no pool could ever serve it."""
        return self.path[-1] == "product" and self.value not in accelerators()

    def below(self, path: Path) -> "RefusedError":
        """The same for somebody to whom ``path`` leads to the workload."""
        return type(self)((*path, *self.path), self.value, self.text)


class AmbiguousError(RefusedError):
    """One that the pools of a lane serve in several ways."""
