"""The code blocks of the GPU guide and the runbooks."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "gpus.md"
GUIDES = (GUIDE, *sorted((ROOT / "docs" / "runbooks").glob("*.md")))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.M | re.S)


def blocks(document: Path, language: str) -> Iterator[str]:
    """The code blocks of a language."""
    for found, text in BLOCK.findall(document.read_text(encoding="utf-8")):
        if found == language:
            yield text


def commands() -> list[list[str]]:
    """Every command line, in words, each once."""
    lines = [line for guide in GUIDES for text in blocks(guide, "sh") for line in text.splitlines()]
    return [shlex.split(line) for line in dict.fromkeys(lines)]
