"""What a cloud answers when it has made something: ids, ARNs, addresses; the same for the same program every time."""

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .rows import Row
from .schema import Keyed, Many, ResourceSchema, Scalar, Shape
from .store import Store, Stored
from .wire import UNKNOWN, Properties, without_defaults

ACCOUNT = "123456789012"
"""The AWS account that the credentials belong to."""
IDENTITIES = ("arn", "selfLink", "name", "email", "member", "url", "keyId", "accountId", "networkId", "projectId")
"""The outputs by which one resource is named in another's inputs, beside its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What the provider is configured for, and the folder of its cloud.

    tags: those that every resource gets.
    """

    package: str
    folder: Path
    region: str
    project: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def store(self) -> Store:
        """What the cloud holds."""
        return Store(self.folder)

    @property
    def has_cluster(self) -> bool:
        """Whether clusters lead to a running one."""
        return (self.folder / "cluster.json").is_file()

    def cluster(self) -> Properties:
        """How the running cluster is reached: ``server``, ``ca``, ``certificate``, ``key``; all PEM but the first."""
        if not self.has_cluster:
            return {"server": "https://192.0.2.1", "ca": "", "certificate": "", "key": ""}  # RFC 5737: nobody's
        return json.loads((self.folder / "cluster.json").read_text())


class Words(dict[str, Any]):
    """What the texts of a row may name."""

    def __init__(self, place: Place, name: str, inputs: Properties, seed: str) -> None:
        digits = hashlib.sha256(seed.encode()).hexdigest()
        region = inputs.get("region") or place.region
        zone = inputs.get("availabilityZone") or inputs.get("zone") or f"{region}a"
        super().__init__(
            inputs
            | {
                "region": region,
                "zone": zone,
                "account": ACCOUNT,
                "project": inputs.get("project") or place.project,
                "location": inputs.get("location") or region,
                "cluster_name": str(inputs.get("cluster", "")).rpartition("/")[2],
                "program_name": name,
                "hex8": digits[:8],
                "hex17": digits[:17],
                "number": str(int(digits[:15], 16))[:18],
                "uuid": str(uuid.UUID(digits[:32])),
                "address": f"198.51.100.{int(digits[:2], 16)}",  # RFC 5737: nobody's
                "machine": _machine(inputs),
            }
        )
        self._place = place

    def __missing__(self, key: str) -> str:
        match key:
            case "endpoint":
                return self._place.cluster()["server"]
            case "host":
                return self._place.cluster()["server"].removeprefix("https://")
            case "ca":
                return base64.b64encode(self._place.cluster()["ca"].encode()).decode()
            case "vpc":
                return self._vpc()
            case _:
                raise KeyError(f"a row names {{{key}}}, which is neither an input that was given nor a known word")

    def _vpc(self) -> str:
        ids = (self.get("vpcConfig") or {}).get("subnetIds") or self.get("subnetIds") or []
        subnets = (self._place.store.get("aws:ec2/subnet:Subnet", each) for each in ids)
        return next((subnet.inputs["vpcId"] for subnet in subnets if subnet), "")


def fill(template: Any, words: Mapping[str, Any]) -> Any:
    """The template with its words filled in; what an input that was not given would fill in is left out."""
    if isinstance(template, dict):
        filled = {key: fill(value, words) for key, value in template.items()}
        return {key: value for key, value in filled.items() if value is not None}
    if isinstance(template, list):
        return [fill(value, words) for value in template]
    if not isinstance(template, str):
        return template
    if template.startswith("{") and template.endswith("}") and template.count("{") == 1:
        return words[template[1:-1]]
    return template.format_map(words)


def made(row: Row, schema: ResourceSchema, words: Words, inputs: Properties) -> Properties:
    """All that a new resource has: what was asked for, what the row says, something for what only a cloud can say."""
    asked = without_defaults(inputs)
    computed = {name: _something(schema.outputs[name], name, words) for name in _computed(schema)}
    placed = {name: words[name] for name in ("region", "project") if name in schema.outputs and words[name]}
    return {**computed, **placed, **merged(fill(dict(row.outputs), words), asked)}


def planned(row: Row, schema: ResourceSchema, inputs: Properties) -> Properties:
    """The same in a preview, when nobody knows what the cloud will answer."""
    unknown = dict.fromkeys(_computed(schema), UNKNOWN)
    return {**unknown, **merged(_unknown(dict(row.outputs)), without_defaults(inputs))}


def _computed(schema: ResourceSchema) -> list[str]:
    """What no program can ask for."""
    return [name for name in schema.outputs if name not in schema.inputs.properties]


def updated(olds: Properties, old_inputs: Properties, news: Properties) -> Properties:
    """All that a resource has after an update: what is asked for now, and what the cloud itself had said of it."""
    asked, before = without_defaults(news), without_defaults(old_inputs)
    kept = {key: value for key, value in olds.items() if key not in before or key in asked}
    return kept | {key: _updated(olds.get(key), before.get(key), value) for key, value in asked.items()}


def _updated(old: Any, old_input: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        asked = old_input or {}
        own = {key: value for key, value in old.items() if key not in asked}
        return own | {key: _updated(old.get(key), asked.get(key), value) for key, value in new.items()}
    return new


def merged(below: Any, above: Any) -> Any:
    """``above`` where it says something, else ``below``; objects key by key."""
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {key: merged(below.get(key), value) for key, value in above.items()}
    return above


def identities(stored: Stored) -> set[str]:
    """Every text that names this resource in the inputs of others."""
    return {stored.id} | {value for key in IDENTITIES if isinstance(value := stored.outputs.get(key), str) and value}


def _unknown(value: Any) -> Any:
    return {key: _unknown(each) for key, each in value.items()} if isinstance(value, dict) else UNKNOWN


def _something(shape: Shape, name: str, words: Words) -> Any:
    match shape:
        case Scalar(kind) if kind is str:
            return "" if name not in ("fingerprint", "etag", "uniqueId") else words["hex17"]
        case Scalar(kind):
            return kind()
        case Many():
            return []
        case Keyed():
            return {}
        case _:
            return None


def _machine(inputs: Properties) -> str:
    types = inputs.get("instanceTypes") or [
        inputs.get("instanceType") or (inputs.get("nodeConfig") or {}).get("machineType")
    ]
    return types[0] or "the"
