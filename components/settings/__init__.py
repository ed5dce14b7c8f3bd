"""The stack file: typed, checked as a whole, every problem reported at once."""

from .load import load_settings
from .parse import parse_settings
from .settings import Settings

__all__ = ["Settings", "load_settings", "parse_settings"]
