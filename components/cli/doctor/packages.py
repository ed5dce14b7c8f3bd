"""The SDKs of Pulumi's providers, and their plugins."""

from collections.abc import Iterator
from pathlib import Path

from ...settings.settings import Settings
from .finding import Finding, good, mend, note
from .machine import ThisMachine
from .programs import package

_SDKS = {"eks": ("aws",), "gke": ("gcp",)}


def packages(machine: ThisMachine, settings: Settings | None) -> Iterator[Finding]:
    """The SDK of each provider that the stack uses, with its plugin."""
    for provider in ("kubernetes", *(_SDKS.get(settings.cluster.kind, ()) if settings else ())):
        yield from _provider(machine, provider)


def _provider(machine: ThisMachine, provider: str) -> Iterator[Finding]:
    found = package(f"pulumi-{provider}")
    if found is None:
        yield mend(
            f"the Python package pulumi-{provider} is not installed",
            "The stack cannot be previewed: its resources are unknown.",
            f'pip install "kubelanes[{provider}]"; in a checkout `make preview` installs what a stack needs.',
        )
        return
    yield good(f"pulumi-{provider} {found}")
    program = f"pulumi-resource-{provider}"
    home = Path(machine.environment.get("PULUMI_HOME") or machine.home / ".pulumi")
    kept = home / "plugins" / f"resource-{provider}-v{found}"
    if machine.has(program) or kept.exists():
        yield good(program)
    else:
        yield note(
            f"{program} {found} is neither on PATH nor in {home / 'plugins'}",
            "Pulumi downloads it when it is first needed, which takes internet access.",
            f"To have it now: pulumi plugin install resource {provider} v{found}.",
        )
