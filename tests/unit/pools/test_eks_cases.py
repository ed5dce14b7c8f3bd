"""What becomes of a pool on EKS, case by case: each file in eks_cases/ is one.

A file states the part of the inputs that it is about; ``absent`` names what is not among them, ``refused`` what the
reader of the stack file is told instead.
"""

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, cast

import pytest
import yaml
from pydantic import BaseModel

from components.pools.eks import NodeGroupContext, node_groups
from components.pools.karpenter import EC2, ec2_node_class, node_overlay, node_pools
from components.pools.plan import PoolPlan
from components.pools.planner import plan_pools
from components.problems import InvalidSettingsError
from components.settings import parse_settings
from components.settings.eks import EksCluster
from components.settings.settings import Settings
from tests.unit.settings.stacks import line


class Given(BaseModel, extra="forbid"):
    image: Literal["al2023", "bottlerocket"] = "al2023"
    maintenance: dict[str, Any] = {}
    pool: dict[str, Any]


class Case(BaseModel, extra="forbid"):
    """``interfaces`` counts the launch template's network interfaces by type; there may be dozens."""

    given: Given
    node_group: dict[str, Any] = {}
    launch_template: dict[str, Any] = {}
    interfaces: dict[str, int] = {}
    placement_group: dict[str, Any] = {}
    user_data: str = ""
    node_pools: list[dict[str, Any]] = []
    node_class: dict[str, Any] = {}
    overlay: dict[str, Any] = {}
    absent: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def stack(self) -> dict[str, Any]:
        cluster = {"kind": "eks", "name": "atlas", "region": "us-east-1", "version": "1.36", "image": self.given.image}
        platform = {"lane": "platform", "machine": "m7i.2xlarge", "size": 3}
        pools = {"pool": self.given.pool}
        if self.given.pool.get("lane") != "platform":
            pools["platform"] = platform
        return {"cluster": {**cluster, "maintenance": self.given.maintenance}, "pools": pools}


FILES = sorted((Path(__file__).parent / "eks_cases").glob("*.yaml"))
CASES = {file.stem: Case.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in FILES}
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")
WHERE = {"node_role_arn": "node-role", "security_groups": ["nodes"], "kms_key_arn": "key", "tags": {"stack": "test"}}


def context(cluster: EksCluster) -> NodeGroupContext:
    subnets = {zone: [f"subnet-{zone[-1]}"] for zone in ZONES}
    known = {"cluster": cluster.name, "version": cluster.version, "image": cluster.image}
    return NodeGroupContext(**known, **WHERE, subnets=subnets)  # pyright: ignore[reportArgumentType] - as above


def outcome(settings: Settings, pool: PoolPlan) -> dict[str, Any]:
    """Everything that is made of a pool, under the names that the case files use."""
    cluster = settings.cluster
    assert isinstance(cluster, EksCluster)
    where = context(cluster)
    made = node_groups(pool, where)
    scaled = node_pools(pool, cluster.maintenance, EC2)
    group = made[0] if made else None
    template = cast("dict[str, Any]", group.launch_template) if group else {}
    return {
        "node_group": group.node_group if group else {},
        "launch_template": template,
        "interfaces": Counter(each["interface_type"] for each in template.get("network_interfaces", ())),
        "placement_group": (group and group.placement_group) or {},
        "user_data": base64.b64decode(template.get("user_data", "")).decode(),
        "node_pools": scaled,
        "node_class": ec2_node_class(pool, where, "nodes")["spec"] if scaled else {},
        "overlay": node_overlay(pool) or {},
    }


def part(of: Any, like: Any) -> Any:
    """What ``of`` holds where ``like`` holds anything; the same as ``like`` where the one is part of the other."""
    if isinstance(of, Mapping) and isinstance(like, Mapping):
        return {key: part(of.get(key), value) for key, value in cast("Mapping[str, Any]", like).items()}
    if isinstance(of, Sequence) and isinstance(like, list) and len(of) == len(cast("list[Any]", like)):
        return [part(each, wanted) for each, wanted in zip(of, cast("list[Any]", like), strict=True)]
    return of


def holds(made: Any, path: str) -> bool:
    for step in path.split("."):
        if isinstance(made, list):
            made = cast("list[Any]", made)[int(step)]
        elif step in made:
            made = made[step]
        else:
            return False
    return bool(made)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_pool_becomes_what_its_case_says(case: Case) -> None:
    if case.refused:
        with pytest.raises(InvalidSettingsError) as refused:
            parse_settings(case.stack)
        assert tuple(map(line, refused.value.problems)) == case.refused
        return
    settings = parse_settings(case.stack)
    pool = next(each for each in plan_pools(settings) if each.name == "pool")
    made = outcome(settings, pool)
    wanted = case.model_dump(include=set(made), exclude_unset=True)
    assert part(made, wanted) == wanted
    assert [path for path in case.absent if holds(made, path)] == []


def test_there_are_at_least_forty_cases() -> None:
    assert len(CASES) >= 40


def test_no_node_answers_for_its_metadata_without_a_token_or_to_a_pod() -> None:
    for case in (case for case in CASES.values() if not case.refused):
        settings = parse_settings(case.stack)
        for pool in plan_pools(settings):
            made = outcome(settings, pool)
            if template := made["launch_template"]:
                options = template["metadata_options"]
                assert (options["http_tokens"], options["http_put_response_hop_limit"]) == ("required", 1)
                assert all(each["ebs"]["encrypted"] == "true" for each in template["block_device_mappings"])
            if spec := made["node_class"]:
                options = spec["metadataOptions"]
                assert (options["httpTokens"], options["httpPutResponseHopLimit"]) == ("required", 1)
                assert all(each["ebs"]["encrypted"] for each in spec["blockDeviceMappings"])
