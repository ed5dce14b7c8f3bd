"""The node images of kind clusters, by minor version of Kubernetes."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Annotated

from pydantic import StringConstraints, TypeAdapter

from .rows import Row, read

_REPOSITORY = "docker.io/kindest/node"


class KindImage(Row):
    """The node image of one minor version."""

    version: Annotated[str, StringConstraints(pattern=r"^1\.[0-9]+\.[0-9]+$")]
    """The Kubernetes version, in full: ``1.36.4``."""
    digest: Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
    """The digest of the image, whatever its tag names later."""
    feature_gates: tuple[str, ...] = ()
    """The feature gates that the DRA example driver needs and the version leaves off."""

    @property
    def reference(self) -> str:
        """The image as a container engine names it: tag for people, digest for the engine."""
        return f"{_REPOSITORY}:v{self.version}@{self.digest}"


_ROWS = TypeAdapter(dict[str, KindImage])


@cache
def kind_images() -> Mapping[str, KindImage]:
    """Every node image by minor version (``1.36``). Source: kind_images.yaml."""
    return MappingProxyType(_ROWS.validate_python(read("kind_images.yaml")["images"]))


def kind_release() -> str:
    """The release of kind that the images belong to: ``v0.33.0``."""
    return read("kind_images.yaml")["kind"]
