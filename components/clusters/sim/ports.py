"""Free ports on the loopback address."""

import socket
import zlib
from collections.abc import Iterable, Iterator, Mapping

LOOPBACK = "127.0.0.1"

# Below the range from which Linux takes the ports of outgoing connections (32768 and up): a port from there could be
# in use for a moment just when a sim is started again.
_FIRST, _COUNT = 20_000, 12_000


def choose(listeners: Iterable[str], seed: str, kept: Mapping[str, int] | None = None) -> dict[str, int]:
    """A free port for each listener: the one in ``kept`` while nobody else took it.

    seed: where the search begins depends on it, so that two sims rarely compete for a port.
    """
    kept = kept or {}
    found = {name: kept[name] for name in listeners if name in kept and is_free(kept[name])}
    candidates = (port for port in _from(seed) if port not in found.values() and is_free(port))
    return {name: found[name] if name in found else next(candidates) for name in listeners}


def is_free(port: int) -> bool:
    """Whether nobody listens on the port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _from(seed: str) -> Iterator[int]:
    start = zlib.crc32(seed.encode())
    return (_FIRST + (start + offset) % _COUNT for offset in range(_COUNT))
