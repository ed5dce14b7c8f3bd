"""The sim as a resource in a program."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pulumi
from pulumi.dynamic import Resource

from .provider import KwokctlProvider
from .spec import KUBERNETES


class KwokctlCluster(Resource, module="kubelanes", name="KwokctlCluster"):
    """A kwokctl cluster with the real Kubernetes control plane on this machine.

    name: the sim's name.
    hosted: the names of the controllers that it runs as host processes (``kueue``).
    kubernetes: the minor version that kube-apiserver on PATH must have; 1.36 by default.
    feature_gates, runtime_config: what differs from the defaults of that version.
    home: the folder of all sims; ``$KUBELANES_HOME``, or ``.kubelanes`` in the current folder, by default.

    Another name or home replaces it; everything else is changed in place, and its data stays.
    """

    uid: pulumi.Output[str]
    """Tells two sims of one name apart: made with its data."""
    version: pulumi.Output[str]
    """The Kubernetes version, in full (``1.36.3``)."""
    endpoint: pulumi.Output[str]
    """The URL of its API server."""
    ca: pulumi.Output[str]
    """Its certificate authority, PEM."""
    kubeconfig: pulumi.Output[str]
    """The administrator's kubeconfig, YAML; a secret."""
    kubeconfig_path: pulumi.Output[str]
    """The file, readable by its owner only, that holds the same kubeconfig."""
    endpoints: pulumi.Output[dict[str, Any]]
    """Where its hosted controllers are reached, by name; see ``cluster.Hosted``."""

    def __init__(
        self,
        resource_name: str,
        *,
        name: str,
        hosted: Sequence[str] = (),
        kubernetes: str = KUBERNETES,
        feature_gates: Mapping[str, bool] | None = None,
        runtime_config: Mapping[str, bool] | None = None,
        home: Path | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        inputs = {
            "name": name,
            "home": str(home or default_home()),
            "kubernetes": kubernetes,
            "feature_gates": dict(feature_gates or {}),
            "runtime_config": dict(runtime_config or {}),
            "hosted": sorted(hosted),
        }
        computed = ("uid", "digest", "state", "version", "endpoint", "ca", "kubeconfig", "kubeconfig_path", "endpoints")
        secret = pulumi.ResourceOptions(additional_secret_outputs=["kubeconfig"])
        super().__init__(
            KwokctlProvider(),
            resource_name,
            inputs | dict.fromkeys(computed),
            pulumi.ResourceOptions.merge(opts, secret),
        )


def default_home() -> Path:
    """``$KUBELANES_HOME``, or ``.kubelanes`` in the current folder; absolute."""
    return Path(os.environ.get("KUBELANES_HOME") or ".kubelanes").resolve()
