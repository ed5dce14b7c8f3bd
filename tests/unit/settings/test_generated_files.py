"""The schema and the reference page say what the models say."""

import json
import re
from typing import Any

import pytest
from pydantic import BaseModel

from components.settings.generated import FILES
from components.settings.model import Model
from components.settings.outline import described
from components.settings.reference import reference
from components.settings.schema import schema
from components.settings.settings import Settings


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_generated_file_is_up_to_date(file: Any) -> None:
    assert file.read_text(encoding="utf-8") == FILES[file](), "run python -m components.settings generate"


def test_every_reference_in_the_schema_leads_somewhere() -> None:
    text = schema()
    definitions = json.loads(text)["definitions"]
    assert set(re.findall(r'"#/definitions/([^"]+)"', text)) <= set(definitions)


def test_the_schema_refuses_an_unknown_section_and_allows_other_projects() -> None:
    config = json.loads(schema())["properties"]["config"]
    ((pattern, allowed),) = config["patternProperties"].items()
    assert allowed is False
    assert re.match(pattern, "kubelanes:tenant")
    assert not any(re.match(pattern, key) for key in ("kubelanes:tenants", "aws:region", "other"))


def test_every_field_has_a_meaning() -> None:
    def family(model: type[BaseModel]) -> set[type[BaseModel]]:
        return {model}.union(*(family(child) for child in model.__subclasses__()))

    nameless = [f"{m.__name__}.{key}" for m in family(Model) for key, text in described(m).items() if not text]
    assert nameless == []


def test_the_page_shows_every_section_with_an_example() -> None:
    page = reference()
    for section in Settings.model_fields:
        assert f"## kubelanes:{section}\n" in page
        assert f"```yaml\nkubelanes:{section}:" in page
