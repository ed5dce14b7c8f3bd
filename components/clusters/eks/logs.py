"""How long a cluster's logs are kept in CloudWatch."""

from math import ceil

from ...settings.environment import Environment
from ...settings.scalars import seconds

_RETENTIONS = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731,
    1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""The days that CloudWatch Logs offers. Source: CloudWatch Logs API reference, PutRetentionPolicy."""


def retention_days(environment: Environment) -> int:
    """The days that an environment keeps logs, rounded up to what CloudWatch Logs offers."""
    days = ceil(seconds(environment.preset.logs) / seconds("1d"))
    return next((offered for offered in _RETENTIONS if offered >= days), _RETENTIONS[-1])
