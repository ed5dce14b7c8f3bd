"""What a cluster has around its pools, whichever cloud builds it."""

from dataclasses import dataclass

from .addresses import AddressRow
from .parts import Part
from .quotas import QuotaNeed


@dataclass(frozen=True, slots=True)
class Around:
    """Addresses, parts that cost by the hour, quotas, and what the price leaves out."""

    addresses: tuple[AddressRow, ...] = ()
    parts: tuple[Part, ...] = ()
    quotas: tuple[QuotaNeed, ...] = ()
    left_out: tuple[str, ...] = ()
