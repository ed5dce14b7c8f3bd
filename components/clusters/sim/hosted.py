"""Controllers that a sim runs as host processes: what a row says, and what follows from it."""

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
Json: TypeAlias = "Scalar | list[Json] | dict[str, Json]"

LISTENERS = ("webhook", "metrics", "health")
"""What a hosted controller may listen on; the first, only where it has webhooks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Something that the controller's service account must be allowed to do before the controller can start.

    verb, resource: as RBAC spells them.
    group: the API group, the core group by default.
    namespaced: whether only in the controller's namespace; in all namespaces by default.
    """

    verb: str
    resource: str
    group: str = ""
    namespaced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """The webhooks of a controller.

    service: the Service that the chart's webhooks name; the serving certificate is valid for it.
    secret: the Secret that the chart's Deployment mounts as serving certificate.
    authority: the name that the controller expects in its certificate authority.
    """

    service: str
    secret: str
    authority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedController:
    """One controller whose chart is installed without its Deployment, and whose Deployment's part a supervisor plays.

    In ``command``, ``environment`` and ``overrides`` these placeholders stand for what is known only at run time:
    ``{binary}``, ``{config}``, ``{kubeconfig}``, ``{certificates}``, ``{namespace}``, ``{webhook}``, ``{metrics}`` and
    ``{health}`` (ports).

    name: the name of the controller, which is also its program on PATH.
    namespace, service_account: of the chart; it runs with this account's RBAC.
    config_map, config_key: where the chart keeps the controller's configuration.
    config_format: how the controller reads it from its file.
    command: how it is started.
    overrides: what a host process needs differently in that configuration; merged into it, deeply.
    webhooks: its webhooks; None where it has none.
    crds: what must be established before it can start.
    access: what its service account must be allowed to do before it can start.
    health_path: answers 200 on the health port as long as the controller lives.
    environment: further environment variables.
    """

    name: str
    namespace: str
    service_account: str
    config_map: str
    config_key: str
    command: tuple[str, ...]
    crds: tuple[str, ...]
    access: tuple[Access, ...]
    overrides: Mapping[str, Json] = field(default_factory=dict[str, Json])
    config_format: Literal["yaml", "json"] = "yaml"
    webhooks: Webhooks | None = None
    health_path: str = "/healthz"
    environment: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names under which the cluster knows its webhook server."""
        if self.webhooks is None:
            return ()
        service = f"{self.webhooks.service}.{self.namespace}.svc"
        return (service, f"{service}.cluster.local")

    def listener(self, purpose: str) -> str:
        """The name under which one of its ports is kept."""
        return f"{self.name}/{purpose}"

    @property
    def listeners(self) -> tuple[str, ...]:
        """The names under which its ports are kept."""
        return tuple(self.listener(purpose) for purpose in (LISTENERS if self.webhooks else LISTENERS[1:]))


def fill(template: Json, values: Mapping[str, str | int]) -> Json:
    """The template with its placeholders filled in; a text that is only a placeholder keeps the value's type."""
    if isinstance(template, dict):
        return {key: fill(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [fill(value, values) for value in template]
    if not isinstance(template, str):
        return template
    fields = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
    if len(fields) == 1 and template == f"{{{fields[0]}}}":
        return values[fields[0]]
    return template.format_map(values)


def merge(base: Json, over: Json) -> Json:
    """``base`` with ``over`` laid upon it: objects key by key, everything else as a whole."""
    if isinstance(base, dict) and isinstance(over, dict):
        return base | {key: merge(base.get(key), value) for key, value in over.items()}
    return over
