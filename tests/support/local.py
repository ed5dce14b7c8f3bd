"""Clusters on this machine under the real engine: a program of nothing but one cluster of our own kinds."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from shutil import copytree, ignore_patterns

from tools.environment import pulumi_environment
from tools.layout import Layout

from .deployment import ROOT, Deployment

KIND = ROOT / "tests" / "standins" / "bin" / "kind"
"""The stand-in for kind."""

_PROJECT = f"""
name: only-a-cluster
runtime: {{ name: python, options: {{ virtualenv: "{sys.prefix}" }} }}
"""

_PROGRAM = """
import pulumi, pulumi_kubernetes
from components.settings import load_settings
from components.clusters.kinds import build_cluster
from components.pools.planner import plan_pools

settings = load_settings()
opts = pulumi.ResourceOptions()
cluster = build_cluster("cluster", settings.cluster, plan_pools(settings), settings.environment, opts)
pulumi_kubernetes.core.v1.Namespace(
    "inside",
    metadata={"name": "inside"},
    opts=pulumi.ResourceOptions(
        provider=cluster.provider, depends_on=[cluster.ready], deleted_with=cluster.vessel
    ),
)
pulumi.export("endpoint", cluster.endpoint)
pulumi.export("kubeconfig", cluster.kubeconfig)
pulumi.export("kubeconfig_path", cluster.kubeconfig_path)
"""

NO_CHANGE = ("preview", "--expect-no-changes")
NO_DRIFT = ("refresh", "--preview-only", "--expect-no-changes")


def only_a_cluster(folder: Path, stack: str, env: Mapping[str, str], further: str = "") -> Deployment:
    """A stack that builds the cluster of its stack file and one namespace in it; its home is below ``folder``.

    further: lines of the program beyond that; ``settings`` and ``cluster`` are known there.
    """
    program, home = folder / "program", folder / "home"
    copytree(ROOT / "components", program / "components", ignore=ignore_patterns("__pycache__"))
    (program / "Pulumi.yaml").write_text(_PROJECT)
    (program / "__main__.py").write_text(_PROGRAM + further)
    home.mkdir()
    return Deployment(home, stack=stack, program=program, env=env)


def with_kind(folder: Path) -> dict[str, str]:
    """An environment in which the stand-in for kind is on PATH; what it makes lies below ``folder``."""
    programs = folder / "bin"
    programs.mkdir(parents=True)
    (programs / KIND.name).symlink_to(KIND)
    path = pulumi_environment(Layout(ROOT))["PATH"]
    return {"PATH": f"{programs}{os.pathsep}{path}", "KUBELANES_STANDIN": str(folder)}
