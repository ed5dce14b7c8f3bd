"""What the GPU guide and the runbooks tell people to type and to write: commands and settings that there are."""

import re
import shutil
import subprocess
from typing import Any

import pytest
import yaml

from components.cli.main import _parser
from components.settings import parse_settings
from tests.support.guides import GUIDE, ROOT, blocks, commands

TARGETS = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)


def of(program: str) -> list[Any]:
    found = [words[1:] for words in commands() if words[0] == program]
    assert found, f"no guide runs {program}"
    return [pytest.param(words, id=" ".join(words)[:80]) for words in found]


def test_the_guides_run_only_what_is_checked_here() -> None:
    assert {words[0] for words in commands()} == {"kubelanes", "kubectl", "make"}


@pytest.mark.parametrize("arguments", of("kubelanes"))
def test_kubelanes_takes_it(arguments: list[str]) -> None:
    _parser().parse_args(arguments)


@pytest.mark.parametrize("arguments", of("make"))
def test_make_has_the_target(arguments: list[str]) -> None:
    assert arguments[0] in TARGETS


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not on PATH")
@pytest.mark.parametrize("arguments", of("kubectl"))
def test_kubectl_knows_the_command_and_its_flags(arguments: list[str]) -> None:
    at = arguments.index("--") if "--" in arguments else len(arguments)
    asked = ["kubectl", *arguments[:at], "--help"]  # flags are read before help is given
    ran = subprocess.run(asked, text=True, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert f"kubectl {arguments[0]}" in ran.stdout


def test_the_pools_of_the_guide_are_taken() -> None:
    (text,) = blocks(GUIDE, "yaml")
    settings = parse_settings({"cluster": {"kind": "sim"}, **yaml.safe_load(text)})
    assert {pool.share.way for pool in settings.pools.values()} == {"whole", "time_slicing", "mps", "mig", "dra"}
