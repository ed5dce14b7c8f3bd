"""What Pulumi hands to the program, and what the user reads when it is wrong."""

import json
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi.runtime.config import set_all_config

from components.settings import load_settings
from tests.unit.settings.stacks import good_stack, patched


@pytest.fixture(autouse=True)
def no_config_is_left_behind() -> Iterator[None]:
    yield
    set_all_config({}, [])


def hand_over(stack: dict[str, Any], *secret: str) -> None:
    """Sets the configuration as the engine does: JSON for what is structured, plain text for the rest."""
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in stack.items()}
    set_all_config({"aws:region": "us-east-1"} | {f"kubelanes:{key}": text for key, text in texts.items()}, [*secret])


def refusal() -> str:
    with pytest.raises(pulumi.RunError) as refused:
        load_settings()
    assert refused.value.__suppress_context__
    return str(refused.value)


def test_a_good_configuration_is_loaded() -> None:
    hand_over(good_stack())
    assert load_settings().cluster.name == "atlas"


def test_a_misspelled_section_is_refused_under_the_name_of_the_stack_file() -> None:
    hand_over(good_stack() | {"tenant": {}})
    table = refusal()
    assert table.startswith(f"stacks/Pulumi.{pulumi.get_stack()}.yaml: 1 problem, nothing was created\n\n  tenant ")


def test_a_bare_date_is_the_date_that_was_written() -> None:
    hand_over(patched(good_stack(), {"lanes.online.chat.model.version": "2026-11-03 00:00:00 +0000 UTC"}))
    assert load_settings().lanes.online["chat"].model.version == "2026-11-03"


def test_a_number_where_text_belongs_says_that_its_quotes_are_missing() -> None:
    hand_over(patched(good_stack(), {"cluster.version": 1.35}))
    assert 'its quotes are missing, and without them 1.40 is read as 1.4. Write "1.35".' in refusal()


@pytest.mark.parametrize("text", ["", "{", "[1", "eks", "3", "null"])
def test_a_section_that_is_no_mapping_is_refused(text: str) -> None:
    hand_over(good_stack() | {"cluster": text})
    assert "  cluster" in refusal()


def test_a_section_with_something_encrypted_is_refused_and_never_shown() -> None:
    hand_over(patched(good_stack(), {"lanes.apis.portal.port": "my-secret"}), "kubelanes:lanes", "aws:region")
    table = refusal()
    assert "1 problem, nothing was created\n\n  lanes  (hidden)  is encrypted, but no setting takes a secret" in table
    assert "my-secret" not in table
