"""One file per stack: what is given beside a good one, and what the user reads. A new case is a new file."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from components.problems import InvalidSettingsError
from components.settings import parse_settings
from tests.unit.settings.stacks import CASES, good_stack, line, patched


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_stack_is_told_everything_that_is_wrong_with_it(file: Path) -> None:
    case: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    stack = patched(good_stack(), case.get("given", {}), case.get("remove", []))
    if case.get("accepted"):
        parse_settings(stack)
    else:
        with pytest.raises(InvalidSettingsError) as refused:
            parse_settings(stack)
        assert [line(problem) for problem in refused.value.problems] == case["refused"]


def test_there_are_at_least_eighty_wrong_stacks() -> None:
    assert sum("refused:" in file.read_text(encoding="utf-8") for file in CASES) >= 80


def test_a_wrong_stack_is_one_table_with_its_source() -> None:
    wrong = patched(good_stack(), {"pools.l4.share": {"mig": ["1g.6gb"]}, "lanes.apis.portal.image": "portal:latest"})
    with pytest.raises(InvalidSettingsError) as refused:
        parse_settings(wrong, "stacks/Pulumi.eks-prod.yaml")
    head, _, *rows = str(refused.value).splitlines()
    assert head == "stacks/Pulumi.eks-prod.yaml: 2 problems, nothing was created"
    assert all(row.startswith("  ") for row in rows)
