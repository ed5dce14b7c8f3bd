"""Domains of NVLink between nodes, and the objects by which jobs join them."""

from pathlib import Path

import pytest
import yaml
from planned import plan

from components.catalogue.accelerators import accelerators
from components.pools.compute_domain import CLIQUE_LABEL, channel_claim, compute_domain, domain_size
from components.pools.labels import node_labels
from tests.support.schemas import faults

CRD = Path("crds") / "resource.nvidia.com_computedomains.yaml"
ROOT = Path(__file__).parents[3]
CHARTS = [
    ROOT.parent / "shared" / "charts" / "dra-driver-nvidia-gpu",
    ROOT / ".tools" / "charts" / "dra-driver-nvidia-gpu-0.5.0",
]


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.parent.parent.name)
def test_a_domain_is_one_that_the_driver_knows(chart: Path) -> None:
    if not chart.is_dir():
        pytest.skip(f"{chart} is not there: the driver's CRDs are not ours")
    crd = yaml.safe_load((chart / CRD).read_text(encoding="utf-8"))
    made = compute_domain("pretrain-nvlink", "research")
    group, _, version = made["apiVersion"].partition("/")
    (served,) = [each for each in crd["spec"]["versions"] if each["name"] == version]
    assert (crd["spec"]["group"], crd["spec"]["names"]["kind"]) == (group, made["kind"])
    schema = served["schema"]["openAPIV3Schema"]["properties"]["spec"]
    assert list(faults(made["spec"], schema)) == []


def test_a_pod_joins_through_the_template_that_the_driver_makes_of_the_domain() -> None:
    made = compute_domain("pretrain-nvlink", "research")
    template = made["spec"]["channel"]["resourceClaimTemplate"]["name"]
    assert channel_claim("pretrain-nvlink")["resourceClaimTemplateName"] == template


def test_eighteen_nodes_of_four_are_a_rack_and_nodes_of_other_cards_are_none() -> None:
    assert domain_size(plan(accelerator="gb200", size=36)) == 18
    assert domain_size(plan(accelerator="h200", size=2)) == 0
    assert domain_size(plan(machine="m7i.large")) == 0


def test_every_card_that_is_sold_by_the_rack_has_a_domain() -> None:
    racks = {name for name in accelerators() if name.startswith("gb")}
    assert racks == {name for name, card in accelerators().items() if card.nvlink_domain}


def test_simulated_nodes_say_which_rack_they_are_in() -> None:
    pool = plan(accelerator="gb200", size=36)
    racks = [node_labels(pool, index, "aws")[CLIQUE_LABEL] for index in range(36)]
    assert len(set(racks[:18])) == len(set(racks[18:])) == 1
    assert racks[0] != racks[18]
    assert CLIQUE_LABEL not in node_labels(plan(accelerator="h200"), 0, "aws")
