"""A preview as people review it in a pull request: what would be made, what it is told, and nothing that varies."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import yaml

from .events import Event

UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the engine writes what is known only later. Source: pulumi/pulumi, sdk/go/common/resource/plugin/rpc.go."""
MARK_OF_SECRETS = "4dabf18193072939515e22adb298388d"
"""The key that marks a secret. Source: pulumi/pulumi, sdk/go/common/resource/sig.go."""
_TOLD = ("aws:", "gcp:", "kubernetes:karpenter", "kubernetes:cloud.google.com", "kubernetes:storage.k8s.io")
"""Whose inputs are shown, by the beginning of their type; of everything else, that it is there."""
_HIDDEN = ("__defaults", "defaultTags")
_LONGEST = 100


def document(stack: str, steps: Iterable[Event]) -> str:
    """The preview of ``stack``: what is made in the cloud with all its inputs, and what inside the cluster by name."""
    inputs: dict[str, dict[str, Any]] = defaultdict(dict)
    names: dict[str, list[str]] = defaultdict(list)
    made = 0
    for step in steps:
        kind, urn = step["type"], step["urn"]
        if step["op"] != "create" or kind == "pulumi:pulumi:Stack":
            continue
        made += 1
        name = urn.rpartition("::")[2]
        if kind.startswith(_TOLD):
            inputs[kind][name] = _without_suffix(readable(step["new"]["inputs"]), name)
        else:
            names[kind].append(name)
    head = f"# What `pulumi up` makes of the stack {stack}, where nothing is up yet: {made} resources.\n"
    told = {
        "in the cloud, and what Karpenter and GKE are told": {
            kind: dict(sorted(inputs[kind].items())) for kind in sorted(inputs)
        },
        "inside": {kind: sorted(names[kind]) for kind in sorted(names)},
    }
    return head + yaml.safe_dump(told, sort_keys=False, width=120, allow_unicode=True)


def _without_suffix(inputs: Any, name: str) -> Any:
    """The inputs with a name that the engine made, of the resource's own and seven digits, as it begins."""
    return {
        key: f"{name}-(suffix)"
        if isinstance(value, str) and re.fullmatch(rf"{re.escape(name)}-[0-9a-f]{{7}}", value)
        else value
        for key, value in inputs.items()
    }


def readable(value: Any) -> Any:
    """A value without what the SDK adds; JSON within text is unfolded."""
    match value:
        case dict() if MARK_OF_SECRETS in value:
            return "(secret)"
        case dict():
            return {key: readable(value[key]) for key in sorted(value) if key not in _HIDDEN}
        case list():
            return [readable(item) for item in value]
        case str() if UNKNOWN in value:
            return "(known later)"
        case str() if value[:1] in "{[" and (found := _json(value)) is not None:
            return readable(found)
        case str() if re.fullmatch(r"[A-Za-z0-9+/]{100,}={0,2}", value):
            return f"(base64, {len(value)} characters)"
        case _:
            return value


def _json(text: str) -> Mapping[str, Any] | list[Any] | None:
    try:
        return json.loads(text)
    except ValueError:
        return None
