"""NVIDIA Multi-Instance GPU: which partitions a card has, which of them go together, and what each one takes."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from heapq import nsmallest
from itertools import zip_longest
from types import MappingProxyType
from typing import Annotated

from pydantic import AfterValidator

from .rows import NAMED, Mebibytes, Row

Mix = tuple[str, ...]
"""Profiles that one card is cut into at the same time, largest first."""


class MigProfile(Row):
    """One size of partition. Upstream: NVML's ``nvmlGpuInstanceProfileInfo_t`` and ``nvmlGpuInstancePlacement_t``."""

    name: str
    """As NVIDIA spells it: ``3g.40gb``, ``1g.10gb+me``."""
    id: int
    """The GPU instance profile's id, the one that ``nvidia-smi mig -cgi`` takes."""
    instances: int
    """The most partitions of this profile on one card."""
    size: int
    """The memory slices it occupies."""
    starts: tuple[int, ...]
    """The memory slices at which it may begin."""
    memory: Mebibytes
    """Its memory in MiB: less than the name says."""
    multiprocessors: int
    """Its streaming multiprocessors (SM)."""
    copy_engines: int
    """Its copy engines."""
    decoders: int = 0
    """Its video decoders (NVDEC)."""
    encoders: int = 0
    """Its video encoders (NVENC)."""
    jpeg_engines: int = 0
    """Its JPEG decoders (NVJPG)."""
    ofa_engines: int = 0
    """Its optical flow accelerators."""

    @property
    def compute(self) -> int:
        """The compute slices it takes: 3 for ``3g.40gb``."""
        return int(self.name.partition("g.")[0])

    @property
    def slices(self) -> tuple[int, int]:
        """The memory and the compute slices it takes."""
        return self.size, self.compute

    @property
    def resource(self) -> str:
        """The extended resource that the device plugin advertises it as, under the strategy ``mixed``."""
        return f"nvidia.com/mig-{self.name.replace('+', '.')}"

    @property
    def amounts(self) -> tuple[int, ...]:
        """What it takes of each of `DIMENSIONS`, memory in MiB."""
        return (
            self.memory,
            self.multiprocessors,
            self.copy_engines,
            self.decoders,
            self.encoders,
            self.jpeg_engines,
            self.ofa_engines,
        )

    @property
    def capacity(self) -> Mapping[str, str]:
        """The capacity of its DRA device, as quantities."""
        return _quantities(DIMENSIONS, self.amounts)

    def counters(self, start: int) -> Mapping[str, str]:
        """What its DRA device consumes of the card's counters when it begins at memory slice ``start``."""
        return _quantities(COUNTERS, self.amounts) | _slice_counters(range(start, start + self.size))

    def device(self, gpu: int, start: int) -> str:
        """The name the DRA driver gives the partition of card ``gpu`` at ``start``: ``gpu-0-mig-3g40gb-9-4``."""
        return f"gpu-{gpu}-mig-{self.name.replace('.', '').replace('+', '-')}-{self.id}-{start}"


DIMENSIONS = ("memory", "multiprocessors", "copyEngines", "decoders", "encoders", "jpegEngines", "ofaEngines")
"""The capacities that the DRA driver publishes for a partition."""
COUNTERS = ("memory", "multiprocessors", "copy-engines", "decoders", "encoders", "jpeg-engines", "ofa-engines")
"""The same as counters, whose names the API wants as DNS labels."""


class MigGeometry(Row):
    """The partitions of one model of card."""

    profiles: Annotated[Mapping[str, MigProfile], NAMED, AfterValidator(MappingProxyType)]
    """By name."""
    source: str
    """Where the figures are from."""

    @cached_property
    def memory_slices(self) -> int:
        """How many memory slices the card has."""
        return max(start + profile.size for profile in self.profiles.values() for start in profile.starts)

    @cached_property
    def compute_slices(self) -> int:
        """How many compute slices the card has."""
        return max(profile.compute for profile in self.profiles.values())

    @cached_property
    def amounts(self) -> tuple[int, ...]:
        """What the card has of each of `DIMENSIONS`: the most that any profile takes, as the DRA driver counts it."""
        return tuple(map(max, zip(*(profile.amounts for profile in self.profiles.values()), strict=True)))

    @property
    def capacity(self) -> Mapping[str, str]:
        """The capacity of the whole card where it is published beside its partitions."""
        return _quantities(DIMENSIONS, self.amounts)

    @property
    def counters(self) -> Mapping[str, str]:
        """The card's shared counters. The whole card consumes all of them, a partition its part."""
        return _quantities(COUNTERS, self.amounts) | _slice_counters(range(self.memory_slices))

    def fits(self, mix: Sequence[str]) -> bool:
        """Whether one card can hold these partitions at the same time."""
        return self.placements(mix) is not None

    def placements(self, mix: Sequence[str]) -> tuple[int, ...] | None:
        """The memory slice at which each partition of ``mix`` begins, in its order; None where they do not fit."""
        if not self._within(mix):
            return None
        order = sorted(range(len(mix)), key=lambda at: self._rank[mix[at]])
        starts = _place([self.profiles[mix[at]] for at in order], frozenset(range(self.memory_slices)))
        return starts and tuple(start for _, start in sorted(zip(order, starts, strict=True)))

    def nearest(self, mix: Sequence[str], limit: int = 2) -> tuple[Mix, ...]:
        """The ``limit`` mixes that fit and change ``mix`` least, counted in slices gained and lost; the nearest first.

        A mix that fits is its own nearest. Profiles that the card does not have count as left out; variants with other
        engines (``+me``, ``-me``, ``+gfx``) are offered only where they were asked for.
        """
        wanted = Counter(name for name in mix if name in self.profiles)
        known = wanted.keys() | {name for name in self.profiles if name.endswith("gb")}
        offered = (mix for mix in self._mixes if known.issuperset(mix))
        return tuple(nsmallest(limit, offered, key=lambda mix: self._distance(wanted, Counter(mix))))

    @cached_property
    def _rank(self) -> Mapping[str, int]:
        """The profiles' order, largest first: that way a placement is found without searching far."""
        ordered = sorted(self.profiles.values(), key=lambda profile: (-profile.size, -profile.compute, profile.name))
        return {profile.name: rank for rank, profile in enumerate(ordered)}

    @cached_property
    def _mixes(self) -> tuple[Mix, ...]:
        return tuple(self._grown((), tuple(self._rank)))

    def _grown(self, mix: Mix, names: tuple[str, ...]) -> Iterator[Mix]:
        """Every mix that fits and adds partitions of ``names`` to ``mix``."""
        for at, name in enumerate(names):
            if self.fits(grown := (*mix, name)):
                yield grown
                yield from self._grown(grown, names[at:])

    def _within(self, mix: Sequence[str]) -> bool:
        """Whether the card has these profiles, as many of each, and the engines for all of them together."""
        if any(
            name not in self.profiles or many > self.profiles[name].instances for name, many in Counter(mix).items()
        ):
            return False
        taken = zip(*(self.profiles[name].amounts for name in mix), strict=True)
        return all(sum(parts) <= whole for parts, whole in zip(taken, self.amounts, strict=False))

    def _distance(self, wanted: Counter[str], offered: Counter[str]) -> tuple[int, int]:
        """Slices that differ, then partitions that differ."""
        lost, gained = self._slices(wanted - offered), self._slices(offered - wanted)
        pairs = zip_longest(lost, gained, fillvalue=(0, 0))
        return sum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in pairs), max(len(lost), len(gained))

    def _slices(self, some: Counter[str]) -> list[tuple[int, int]]:
        """The slices of each partition, largest first."""
        return [self.profiles[name].slices for name in sorted(some.elements(), key=self._rank.__getitem__)]


def _place(profiles: Sequence[MigProfile], free: frozenset[int]) -> tuple[int, ...] | None:
    """Where each profile begins so that none overlap, by trying; None where there is no such way."""
    if not profiles:
        return ()
    first, rest = profiles[0], profiles[1:]
    for start in first.starts:
        occupied = frozenset(range(start, start + first.size))
        if occupied <= free and (starts := _place(rest, free - occupied)) is not None:
            return (start, *starts)
    return None


def _quantities(names: Sequence[str], amounts: Sequence[int]) -> dict[str, str]:
    memory, *engines = map(str, amounts)
    return dict(zip(names, (f"{memory}Mi", *engines), strict=True))


def _slice_counters(slices: range) -> dict[str, str]:
    return {f"memory-slice-{at}": "1" for at in slices}
