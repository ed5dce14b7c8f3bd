"""The pack under the real engine: what it finds, and what it cannot know yet. One file per case."""

import re
from pathlib import Path
from typing import Any

import pytest

from policy.rules import RULES
from tests.support.planning import cases

from .engine import Judged

CASES = cases(Path(__file__).parent / "cases")
BY_NAME = {rule.name: rule for rule in RULES}
OPEN = re.compile(r"can't run policy .* during preview: \w+ value at (\S+) can't be known during preview")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    """One program for all cases: a preview leaves nothing behind."""
    return Judged(tmp_path_factory.mktemp("judged"))


@pytest.mark.parametrize("case", CASES)
def test_the_pack_finds_exactly_this(case: dict[str, Any], judged: Judged) -> None:
    found: dict[str, set[str]] = {}
    unknown: dict[str, set[str]] = {}
    for policy, level, message in judged.given(case["given"]).findings():
        if not_yet := OPEN.search(message):
            assert level == "advisory"
            unknown.setdefault(policy, set()).add(not_yet[1])
        else:
            assert level == BY_NAME[policy].level
            found.setdefault(policy, set()).add(message.strip())
    assert found == {name: {told(name, text) for text in texts} for name, texts in case.get("found", {}).items()}
    assert unknown == {name: set(paths) for name, paths in case.get("open", {}).items()}


def told(name: str, text: str) -> str:
    rule = BY_NAME[name]
    return f"{rule.title}\n{rule.message(text)}"


def test_every_rule_is_broken_by_a_case_and_kept_by_another() -> None:
    given = [case.values[0] for case in CASES]
    broken = {name for case in given for name in case.get("found", {})}
    assert broken == set(BY_NAME)
    assert any(not case.get("found") and not case.get("open") for case in given)
