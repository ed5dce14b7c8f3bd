"""The kind cluster as a resource in a program."""

from pathlib import Path

import pulumi
from pulumi.dynamic import Resource

from ..sim.resource import default_home
from .plan import KindPlan
from .provider import KindProvider


class KindNodes(Resource, module="kubelanes", name="KindNodes"):
    """The nodes of a cluster that the kind executable makes on this machine, its control plane among them.

    plan: the cluster, decided.
    home: the folder of all clusters; ``$KUBELANES_HOME``, or ``.kubelanes`` in the current folder, by default.

    Any change makes a new cluster in place of the old one: kind changes none that stands.
    """

    uid: pulumi.Output[str]
    """Tells two clusters of one name apart."""
    version: pulumi.Output[str]
    """The Kubernetes version, in full (``1.36.4``)."""
    endpoint: pulumi.Output[str]
    """The URL of its API server, on the loopback address."""
    kubeconfig: pulumi.Output[str]
    """The administrator's kubeconfig, YAML; a secret."""
    kubeconfig_path: pulumi.Output[str]
    """The file, readable by its owner only, that holds the same kubeconfig."""

    def __init__(
        self,
        resource_name: str,
        plan: KindPlan,
        *,
        home: Path | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": plan.name,
            "home": str(home or default_home()),
            "config": plan.text,
            "nodes": list(plan.nodes),
            "nvkind": plan.nvkind,
        }
        computed = ("uid", "state", "version", "endpoint", "kubeconfig", "kubeconfig_path")
        secret = pulumi.ResourceOptions(additional_secret_outputs=["kubeconfig"])
        super().__init__(
            KindProvider(),
            resource_name,
            inputs | dict.fromkeys(computed),
            pulumi.ResourceOptions.merge(opts, secret),
        )
