"""Writes ``docs/kinds.md``: what each setting of a pool becomes on each kind of cluster, as the planners say it.

``python -m tools.kinds [--check]``, in the virtual environment. A cell is what the planners say with the setting and
not without it; where a kind refuses the setting, it is the refusal.
"""

import base64
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, cast

import yaml

from components.clusters.existing.nodes import plan_nodes
from components.clusters.facts import ClusterFacts
from components.clusters.gke.zones import zones_of
from components.clusters.kind.plan import plan_kind
from components.clusters.kinds import plan_facts
from components.pools.compute_class import compute_classes
from components.pools.eks import LaunchTemplateInputs, NodeGroupContext, node_groups
from components.pools.gke import NodeInterface, NodePoolContext
from components.pools.gke import node_pools as gke_node_pools
from components.pools.karpenter import EC2, ec2_node_class, node_overlay, node_pools, scaled
from components.pools.kwok import kwok_nodes
from components.pools.plan import PoolPlan
from components.pools.planner import plan_pools
from components.problems import InvalidSettingsError
from components.settings.eks import EksCluster
from components.settings.gke import GkeCluster
from components.settings.kind import KindCluster
from components.settings.parse import parse_settings
from components.settings.settings import Settings

PAGE = Path(__file__).resolve().parent.parent / "docs" / "kinds.md"
Objects = Mapping[str, object]
"""What a provider is told, object by object."""
Row = Mapping[str, object]

CLUSTERS: Mapping[str, Mapping[str, object]] = {
    "eks": {"kind": "eks", "name": "c", "region": "us-east-1", "version": "1.35"},
    "gke": {"kind": "gke", "name": "c", "project": "ml-project", "region": "us-central1"},
    "kind": {"kind": "kind", "name": "c"},
    "existing": {"kind": "existing", "name": "c", "kubeconfig": "~/.kube/config"},
    "sim": {"kind": "sim"},
}
MACHINES = {"eks": "m7i.2xlarge", "gke": "n2-standard-8", "sim": "m7i.2xlarge"}
POOL: Row = {"lane": "batch", "accelerator": "a100-80gb", "per_node": 8, "size": 3}
"""What every cell begins with."""

SETTINGS: Mapping[str, Row] = {
    "lane: gpu-inference": {"lane": "gpu-inference"},
    "size: 0-6": {"size": "0-6"},
    "size: 3-6": {"size": "3-6"},
    "capacity: [spot]": {"capacity": ["spot"]},
    "capacity: [{ reserved: ID }], zones: [one]": {
        "capacity": [{"reserved": "cr-0123456789abcdef0"}],
        "zones": ["us-east-1a"],
    },
    "capacity: [flex-start], size: 0-6": {"capacity": ["flex-start"], "size": "0-6"},
    "capacity: [on-demand, spot], size: 0-6": {"capacity": ["on-demand", "spot"], "size": "0-6"},
    "share: { time_slicing: 4 }": {"share": {"time_slicing": 4}},
    "share: { mps: 4 }": {"share": {"mps": 4}},
    "share: { mig: [7 x 1g.10gb] }": {"share": {"mig": ["1g.10gb"] * 7}},
    "share: dra": {"share": "dra"},
    "network: efa": {"network": "efa", "zones": ["us-east-1a"]},
    "zones: [one]": {"zones": ["us-east-1a"]},
    "disk: { size: 500Gi }": {"disk": {"size": "500Gi"}},
    "disk: { local_nvme: none }": {"disk": {"local_nvme": "none"}},
    "upgrade: blue-green": {"upgrade": "blue-green"},
    "pods_per_node: 32": {"pods_per_node": 32},
    "labels: { team: vision }": {"labels": {"team": "vision"}},
}
"""Each setting as it is written, and what it adds to the pool."""

ON_GKE: Mapping[str, object] = {"cr-0123456789abcdef0": "my-reservation", "us-east-1a": "us-central1-a"}
"""What a name of AWS is called on GKE."""

LONGEST = 76
MOST = 6


def page() -> str:
    """The whole page."""
    return "\n".join(
        (
            "# What settings become on each kind of cluster",
            "",
            "Generated from the planners: `python -m tools.kinds`. Do not edit.",
            "",
            "Everything above a cluster reads its *facts*, never its kind:",
            "",
            *_facts(),
            "",
            "A pool `{ lane: batch, accelerator: a100-80gb, per_node: 8, size: 3, capacity: [on-demand] }`, and what",
            "each setting changes of what the provider is told. Names are the provider's; `-` is no change.",
            "",
            *_table(("setting", *CLUSTERS), ((f"`{name}`", *_cells(added)) for name, added in SETTINGS.items())),
            "",
        )
    )


def _facts() -> Iterator[str]:
    known = {kind: plan_facts(_settings(kind, {}).cluster) for kind in CLUSTERS}
    rows = (
        (f"`{field.name}`", *(_fact(known[kind], field.name) for kind in CLUSTERS)) for field in fields(ClusterFacts)
    )
    return _table(("fact", *CLUSTERS), (row for row in rows if row[0] != "`kind`"))


def _fact(facts: ClusterFacts, name: str) -> str:
    value: object = getattr(facts, name)
    if isinstance(value, frozenset):
        return ", ".join(sorted(cast("frozenset[str]", value))) or "-"
    return "-" if value in (None, False) else "yes" if value is True else str(value)


def _cells(added: Row) -> Iterator[str]:
    for kind in CLUSTERS:
        try:
            yield _difference(_planned(kind, {}), _planned(kind, added))
        except InvalidSettingsError as error:
            yield f"refused: {error.problems[0].text}"


def _difference(before: Objects, after: Objects) -> str:
    """What is told otherwise: objects that come and go as a whole, and of those that stay each property."""
    told = [f"**+** `{name}`" for name in after if name not in before]
    told += [f"**-** `{name}`" for name in before if name not in after]
    for name in (name for name in after if name in before):
        one, other = dict(_flat(before[name], name)), dict(_flat(after[name], name))
        told += [f"`{path}: {_short(other[path])}`" for path in other if one.get(path) != other[path]]
        told += [f"no `{path}`" for path in one if path not in other]
    more = [f"and {len(told) - MOST} more"] if len(told) > MOST else []
    return "<br>".join([*told[:MOST], *more]) or "-"


def _short(value: object) -> str:
    text = str(value).replace("|", "/").replace("\n", " ")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _settings(kind: str, added: Row) -> Settings:
    known = {**POOL, **({"capacity": ["on-demand"]} if kind in MACHINES else {}), **added}
    if kind == "gke":
        known = {key: _on_gke(value) for key, value in known.items()}
    if kind == "existing":
        known["nodes"] = {"pool": "gpu"}
    platform = {"lane": "platform", "size": 3} | ({"machine": MACHINES[kind]} if kind in MACHINES else {})
    return parse_settings({"cluster": CLUSTERS[kind], "pools": {"platform": platform, "pool": known}})


def _on_gke(value: object) -> object:
    match value:
        case str():
            return ON_GKE.get(value, value)
        case list():
            return [_on_gke(item) for item in cast("list[object]", value)]
        case dict():
            return {key: _on_gke(item) for key, item in cast("dict[str, object]", value).items()}
        case _:
            return value


def _planned(kind: str, added: Row) -> Objects:
    settings = _settings(kind, added)
    return PLANNERS[kind](settings, plan_pools(settings)[-1])


def _eks(settings: Settings, pool: PoolPlan) -> Objects:
    cluster = cast("EksCluster", settings.cluster)
    where = NodeGroupContext(
        cluster=cluster.name,
        version=cluster.version,
        image=cluster.image,
        subnets={f"{cluster.region}{letter}": [f"subnet-{letter}"] for letter in "abc"},
        node_role_arn="ROLE",
        security_groups=["GROUP"],
        kms_key_arn="KEY",
        tags={},
    )
    told: dict[str, object] = {}
    for plan in node_groups(pool, where):
        told |= {"NodeGroup": plan.node_group, "LaunchTemplate": _readable(plan.launch_template)}
        told |= {"PlacementGroup": plan.placement_group} if plan.placement_group else {}
    if scaled(pool):
        made = [*node_pools(pool, cluster.maintenance, EC2), ec2_node_class(pool, where, "PROFILE"), node_overlay(pool)]
        told |= {f"{item['kind']} {item['metadata']['name']}": item["spec"] for item in made if item}
    return told


def _readable(template: LaunchTemplateInputs) -> object:
    """The launch template with its user data decoded: the part that configures the node."""
    text = base64.b64decode(template["user_data"]).decode()
    return {**template, "user_data": yaml.safe_load(text[text.index("apiVersion: ") :].partition("\n--")[0])}


def _gke(settings: Settings, pool: PoolPlan) -> Objects:
    cluster = cast("GkeCluster", settings.cluster)
    where = NodePoolContext(
        cluster=cluster.name,
        location=cluster.region,
        project=cluster.project,
        zones=zones_of(cluster.region),
        service_account="ACCOUNT",
        kms_key="KEY",
        gpu_driver=cluster.gpu_driver,
        image=cluster.image,
        labels={},
        interfaces={pool.name: [NodeInterface(f"net-{at}", f"subnet-{at}") for at in range(9)]},
    )
    pools = {f"NodePool {plan.name}": plan.node_pool for plan in gke_node_pools(pool, where)}
    return pools | {f"ComputeClass {item['metadata']['name']}": item["spec"] for item in compute_classes([pool])}


def _kind(settings: Settings, pool: PoolPlan) -> Objects:
    plan = plan_kind(cast("KindCluster", settings.cluster), [pool], "simulated", 0)
    worker: dict[str, Any] = plan.config["nodes"][-1]
    patches = [yaml.safe_load(patch) for patch in worker.pop("kubeadmConfigPatches", [])]
    return {"workers": len(plan.config["nodes"]) - 1, "worker": {**worker, "kubeadmConfigPatches": patches}}


def _existing(_: Settings, pool: PoolPlan) -> Objects:
    return {"nodes": asdict(plan_nodes(pool))}


def _sim(settings: Settings, pool: PoolPlan) -> Objects:
    facts = plan_facts(settings.cluster)
    size = pool.size.max if facts.autoscaler == "none" else pool.size.min
    node = kwok_nodes(pool, "aws", 1, facts.kubernetes)[0]
    told = {"labels": node["metadata"]["labels"], "taints": node["spec"]["taints"], "status": node["status"]}
    return {"nodes": size, "node": told}


PLANNERS: Mapping[str, Callable[[Settings, PoolPlan], Objects]] = {
    "eks": _eks,
    "gke": _gke,
    "kind": _kind,
    "existing": _existing,
    "sim": _sim,
}


def _flat(value: object, above: str) -> Iterator[tuple[str, object]]:
    """Every leaf by its path; of a list of one mapping, that mapping's."""
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, Any]", value).items():
            yield from _flat(inner, f"{above}.{key}")
    elif isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
        items = cast("Sequence[Any]", value)
        for at, inner in enumerate(items):
            yield from _flat(inner, above if len(items) == 1 else f"{above}[{at}]")
    else:
        yield above, value


def _table(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def main(arguments: Sequence[str]) -> int:
    """Writes the page, or says that it is stale; the exit status."""
    text = page()
    if "--check" not in arguments:
        PAGE.write_text(text, encoding="utf-8")
    elif not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{PAGE.name}: stale; run python -m tools.kinds\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
