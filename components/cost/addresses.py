"""The rows of an address plan, of the same form for every cloud."""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network


@dataclass(frozen=True, slots=True)
class AddressRow:
    """One use of addresses.

    ranges: where they lie. has: how many may be given out. needs: how many the pools take at their largest; None where
    pools take none.
    """

    use: str
    ranges: str
    has: int
    needs: int | None


def ranges(cidrs: Iterable[str]) -> str:
    """``10.32.0.0/18``; of several ``4 x /18 from 10.32.0.0``, or ``7 from 10.32.0.0, /18 to /20``."""
    networks = sorted(map(IPv4Network, cidrs))
    first, lengths = networks[0], sorted({each.prefixlen for each in networks})
    match len(networks), lengths:
        case 1, _:
            return str(first)
        case count, [length]:
            return f"{count} x /{length} from {first.network_address}"
        case count, [widest, *_, narrowest]:
            return f"{count} from {first.network_address}, /{widest} to /{narrowest}"
        case _:
            return ""
