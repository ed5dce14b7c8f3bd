"""What a program would make, as rules see it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pulumi_policy.proxy import UnknownValueError

from components.reading import mapping, text

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """One resource.

    type: its type token: ``kubernetes:core/v1:Namespace``.
    props: its properties; reading one that is known only later raises UnknownValueError.
    """

    type: str
    name: str
    urn: str
    props: Mapping[str, Any]

    @property
    def around(self) -> tuple[str, ...]:
        """The types of the components that it is part of, the outermost first. Source: pulumi.com, "Resource names"."""
        return tuple(self.urn.split("::")[2].split("$")[:-1])

    @property
    def title(self) -> str:
        """Namespace and name of a Kubernetes object; of another resource, what its program calls it."""
        name, namespace = text(self.metadata, "name"), text(self.metadata, "namespace")
        return f"{namespace}/{name}" if namespace and name else name or self.name

    @property
    def metadata(self) -> Mapping[str, Any]:
        """The ``metadata`` of a Kubernetes object."""
        return mapping(self.props, "metadata")


@dataclass(frozen=True, slots=True)
class Stack:
    """All resources of a stack.

    open: what could not be read yet, because it is known only later.
    """

    resources: Sequence[Made]
    open: list[UnknownValueError] = field(default_factory=list[UnknownValueError])

    def read(self, reader: Callable[[Made], T | None]) -> Iterator[tuple[Made, T]]:
        """What ``reader`` makes of each resource, where it makes something of it."""
        for made in self.resources:
            try:
                found = reader(made)
            except UnknownValueError as error:
                self.open.append(error)
                continue
            if found is not None:
                yield made, found
