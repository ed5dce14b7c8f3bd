"""What takes addresses in a GKE cluster's network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from ...catalogue.gke_networks import Networked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...settings.scalars import Span


class Housed(Networked, Protocol):
    """What of a pool takes addresses; a pool of the stack file and its plan both are such."""

    @property
    def size(self) -> Span:
        """How many nodes each way of buying them may bring."""
        ...

    @property
    def capacity(self) -> Sequence[object] | None:
        """The ways of buying; each is a node pool of its own."""
        ...

    @property
    def pods_per_node(self) -> int:
        """The most pods on a node."""
        ...

    @property
    def upgrade(self) -> str | None:
        """How nodes are replaced; during ``blue-green`` all of them stand twice."""
        ...
