"""Secrets in plain text: how they are recognized, so that none is accepted and none is ever shown."""

import re

_TELLING = (
    r"(?i:pass(?:word|wd|phrase)|(?:^|[_.-])(?:pass|secret|token|credentials?|(?:api|access|private|secret)[_-]?key))"
)
"""How the name of a variable or of a flag ends whose value is a secret."""

_SECRETS = {
    "an AWS access key": r"\b(AKIA|ASIA)[A-Z0-9]{16}\b",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a GitHub token": r"\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})",
    "a GitLab token": r"\bglpat-[A-Za-z0-9_-]{16,}",
    "a Slack token": r"\bxox[abeoprs]-[A-Za-z0-9-]{8,}",
    "a Slack webhook": r"hooks\.slack\.com/(services|workflows|triggers)/\S{8,}",
    "an API key": r"\bsk-(?=[A-Za-z_-]*[0-9])[A-Za-z0-9_-]{16,}",
    "a Hugging Face token": r"\bhf_[A-Za-z0-9]{20,}",
    "an NVIDIA API key": r"\bnvapi-[A-Za-z0-9_-]{16,}",
    "a Google API key": r"\bAIza[A-Za-z0-9_-]{35}",
    "a Google service account's key": r'"private_key(_id)?"\s*:',
    "a JSON web token": r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*",
    "a password in a URL": r"\b[a-z][a-z0-9+.-]*://[^\s/:@]*:[^\s/@$<{][^\s/@]*@",
    "a secret in a flag": rf"(?:^|\s)(?=-)[A-Za-z0-9_.-]*?{_TELLING}[=\s]\s*[^\s$<{{/@-]\S*",
}
_ANY = re.compile("|".join(f"(?:{pattern})" for pattern in _SECRETS.values()))
_TELLING_KEY = re.compile(rf"{_TELLING}$")

HIDDEN_VALUE = "(hidden)"
"""What a problem shows in place of a value that may be a secret."""


def secret_kind(text: str) -> str | None:
    """What kind of secret ``text`` holds, such as ``a GitHub token``; None where it looks like none."""
    if not _ANY.search(text):
        return None
    return next(kind for kind, pattern in _SECRETS.items() if re.search(pattern, text))


def tells_a_secret(key: str) -> bool:
    """Whether a key says that its value is a secret: ``DB_PASSWORD``, ``api_key``."""
    return bool(_TELLING_KEY.search(key))
