"""``kubelanes:observability``: what is measured and how long it is kept."""

from .model import Model
from .scalars import Duration, Percent, Ratio, SecretRef


class Alerts(Model):
    """Where alerts go, each by the name of the Secret that holds the receiver's key."""

    page: SecretRef | None = None
    """The receiver that wakes somebody."""
    chat: SecretRef | None = None
    """The receiver that informs."""


class ObservabilitySettings(Model):
    """Metrics, logs, traces and alerts."""

    metrics: Duration | None = None
    """How long metrics are kept; the environment's preset where it is left out."""
    logs: Duration | None = None
    """How long logs are kept; the environment's preset where it is left out."""
    traces: Percent = Ratio(0.05)
    """The share of traces that is kept."""
    alerts: Alerts = Alerts()
    """Where alerts go."""
