"""``kubelanes:gateway``: the way in for model requests."""

from typing import Annotated, Literal

from .model import Model
from .scalars import matching

HostName = Annotated[
    str,
    *matching(
        "DNS name",
        r"([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
        "is no DNS name. Write lower-case labels with dots between, without scheme, port or path: ai.example.com.",
        "ai.example.com",
    ),
]
"""A DNS name."""


class GatewaySettings(Model):
    """The AI gateway."""

    host: HostName
    """The DNS name that clients use."""
    tls: Literal["letsencrypt", "internal"] = "letsencrypt"
    """Who signs its certificate: Let's Encrypt, or a certificate authority inside the cluster."""
    audit: Literal["tokens-only", "prompts"] = "tokens-only"
    """Whether the audit log holds token counts only or the prompts too."""
