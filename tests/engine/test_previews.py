"""What each committed stack would make, as it was reviewed: previews/<stack>.yaml. To renew: ``make previews``."""

import os
from pathlib import Path

import pytest

from tests.support.deployment import ROOT
from tests.support.previews import document

from .conftest import Previewed

REVIEWED = Path(__file__).parent / "previews"
STACKS = sorted(file.name.split(".")[1] for file in (ROOT / "stacks").glob("Pulumi.*.yaml"))


@pytest.mark.parametrize("stack", STACKS)
def test_the_preview_is_as_reviewed(stack: str, previewed: Previewed) -> None:
    found = document(stack, previewed(stack))
    file = REVIEWED / f"{stack}.yaml"
    if "KUBELANES_RENEW" in os.environ:
        file.write_text(found)
    assert file.exists(), f"{file.name} is missing: make previews"
    assert file.read_text() == found, f"the preview of {stack} is another: look at it, then make previews"
