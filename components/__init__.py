"""kubelanes: infrastructure as code for AI on Kubernetes.

``Platform`` builds everything that a stack file says; ``load_settings`` reads it from the Pulumi configuration.
Single parts are in the modules below: ``clusters``, ``pools``, ``addons``, ``queueing``, ``tenancy``, ``lanes``.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .platform import Platform
    from .problems import InvalidSettingsError, Problem
    from .settings import Settings, load_settings, parse_settings

__all__ = ["InvalidSettingsError", "Platform", "Problem", "Settings", "load_settings", "parse_settings"]

_HOMES = {
    "Platform": "platform",
    "InvalidSettingsError": "problems",
    "Problem": "problems",
    "Settings": "settings",
    "load_settings": "settings",
    "parse_settings": "settings",
}


def __getattr__(name: str) -> object:
    """Imports a name when it is asked for: checking a stack file must not wait for Pulumi and its SDKs."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
