"""What a chart's values cannot say, said of its objects."""

import json
import subprocess
import sys
from typing import Any

import pytest
import yaml

from components.addons import amend as module
from components.addons.amend import amend, merged


def device_class(name: str) -> dict[str, Any]:
    spec = {"selectors": [{"cel": {"expression": "true"}}], "extendedResourceName": "nvidia.com/gpu"}
    return {"apiVersion": "resource.k8s.io/v1", "kind": "DeviceClass", "metadata": {"name": name}, "spec": spec}


WITHOUT = {"DeviceClass/gpu.nvidia.com": {"spec": {"extendedResourceName": None}}}


def test_only_what_is_named_changes() -> None:
    whole, parts = amend([device_class("gpu.nvidia.com"), device_class("mig.nvidia.com")], WITHOUT)
    assert whole["spec"] == {"selectors": [{"cel": {"expression": "true"}}]}
    assert parts == device_class("mig.nvidia.com")


def test_an_amendment_of_what_the_chart_no_longer_has_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"the chart has no DeviceClass/gpu\.nvidia\.com"):
        list(amend([device_class("cards.nvidia.com")], WITHOUT))


@pytest.mark.parametrize(
    ("value", "patch", "result"),
    [
        # The examples of RFC 7386, appendix A.
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_patches_merge_as_their_standard_says(value: Any, patch: Any, result: Any) -> None:
    assert merged(value, patch) == result


def test_as_a_program_it_reads_and_writes_yaml() -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(module.__file__), json.dumps(WITHOUT)],
        input=yaml.safe_dump_all([device_class("gpu.nvidia.com"), None]),
        capture_output=True,
        text=True,
        check=True,
    )
    (made,) = yaml.safe_load_all(done.stdout)
    assert "extendedResourceName" not in made["spec"]
