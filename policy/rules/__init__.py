"""Every rule of the pack, one module per theme. A new rule is a row in its theme's `RULES`."""

from . import gpu
from .rule import Rule

_THEMES = (gpu,)

RULES: tuple[Rule, ...] = tuple(rule for theme in _THEMES for rule in theme.RULES)
