"""What was found, as people and as programs read it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from ..tables import paragraph
from .finding import Finding

_BELOW = " " * 8


def report(stack: str | None, findings: Sequence[Finding]) -> str:
    """Every finding, then how many have to be mended."""
    lines = [f"doctor: {stack or 'this machine'}", ""]
    lines += [line for finding in findings for line in _lines(finding)]
    return "\n".join([*lines, "", _sum(findings)]) + "\n"


def report_json(findings: Sequence[Finding]) -> str:
    """The findings as a list."""
    return json.dumps([asdict(finding) for finding in findings], indent=2) + "\n"


def _lines(finding: Finding) -> Iterator[str]:
    yield from paragraph(finding.what, indent=_BELOW, first=f"  {finding.level:<6}")
    for text in (finding.consequence, finding.remedy):
        yield from paragraph(text, indent=_BELOW)


def _sum(findings: Sequence[Finding]) -> str:
    mend = sum(finding.level == "mend" for finding in findings)
    return f"{mend} thing{'s' if mend != 1 else ''} to mend." if mend else "Nothing to mend."
