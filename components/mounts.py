"""Volumes as planners write them: what a pod has, and where a container sees it."""

from dataclasses import dataclass

from .objects import Manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """A volume and where the container sees it.

    source: the volume's source, as in a pod's ``volumes``.
    read_only: whether the container may only read it.
    """

    name: str
    path: str
    source: Manifest
    read_only: bool = False

    @property
    def volume(self) -> Manifest:
        """The entry of the pod's ``volumes``."""
        return {"name": self.name, **self.source}

    @property
    def volume_mount(self) -> Manifest:
        """The entry of the container's ``volumeMounts``."""
        return {"name": self.name, "mountPath": self.path} | ({"readOnly": True} if self.read_only else {})
