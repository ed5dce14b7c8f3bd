"""Who advertises cards, and on which nodes: the Python side. tests/sim/test_guards.py asks the API server the same."""

from dataclasses import asdict
from typing import Any

import pytest

from components.addons.gpus.advertising.pods import advertiser, may_land
from tests.support.landing import CASES, PLUGIN, labels, pool


@pytest.mark.parametrize("case", CASES)
def test_a_plugin_may_land_or_not(case: dict[str, Any]) -> None:
    taints = [asdict(taint) for taint in pool().taints]
    assert may_land({**PLUGIN, **case["pod"]}, labels(), taints) is case["lands"]


DRA = {"image": "registry.k8s.io/dra-driver-nvidia/dra-driver-nvidia-gpu:v0.5.0", "command": ["bash", "-c"]}


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        pytest.param(PLUGIN, "device plugin", id="NVIDIA's device plugin"),
        pytest.param(
            {**PLUGIN, "containers": [{"image": "gke.gcr.io/nvidia-gpu-device-plugin@sha256:0"}]},
            "device plugin",
            id="GKE's",
        ),
        pytest.param({"containers": PLUGIN["containers"]}, None, id="feature discovery, of the same image"),
        pytest.param({**PLUGIN, "containers": [{"image": "efa/aws-efa-k8s-device-plugin:1"}]}, None, id="EFA's"),
        pytest.param({**PLUGIN, "containers": [{"image": "docker.io/rocm/k8s-device-plugin:1"}]}, None, id="AMD's"),
        pytest.param({"containers": [DRA | {"args": ["gpu-kubelet-plugin -v 4"]}]}, "DRA driver", id="the DRA driver"),
        pytest.param(
            {"containers": [DRA | {"args": ["compute-domain-kubelet-plugin -v 4"]}]}, None, id="channels only"
        ),
        pytest.param({"containers": []}, None, id="nobody"),
    ],
)
def test_a_pod_advertises_cards_as(pod: dict[str, Any], expected: str | None) -> None:
    assert advertiser(pod) == expected
