"""On the live API server: a simulated GPU node carries what its consumers read from a real one."""

from tests.support.kube import Kube, Manifest, condition
from tests.support.waiting import eventually


def nodes(kube: Kube, pool: str) -> list[Manifest]:
    return kube.every("v1", "Node", label_selector=f"kubelanes.dev/pool={pool}")


def test_every_node_is_ready(kube: Kube) -> None:
    def ready() -> bool:
        return all(condition(node, "Ready").get("status") == "True" for node in kube.every("v1", "Node"))

    eventually(ready, "every node should be Ready")


def test_whole_gpus_are_one_resource_each(kube: Kube) -> None:
    assert [n["status"]["allocatable"]["nvidia.com/gpu"] for n in nodes(kube, "h100")] == ["8", "8"]
    labels = nodes(kube, "h100")[0]["metadata"]["labels"]
    assert labels["nvidia.com/gpu.product"] == "NVIDIA-H100-80GB-HBM3"
    assert labels["nvidia.com/gpu.count"] == "8"
    assert labels["nvidia.com/gpu.memory"] == "81559"
    assert labels["node.kubernetes.io/instance-type"] == "p5.48xlarge"
    assert "topology.kubernetes.io/zone" in labels


def test_time_slices_multiply_the_resource_and_are_labelled(kube: Kube) -> None:
    node = nodes(kube, "l4")[0]
    assert node["status"]["allocatable"]["nvidia.com/gpu"] == "4"
    assert node["metadata"]["labels"]["nvidia.com/gpu.replicas"] == "4"
    assert node["metadata"]["labels"]["nvidia.com/gpu.product"].endswith("-SHARED")


def test_mig_slices_add_up_to_what_the_card_has(kube: Kube) -> None:
    (node,) = nodes(kube, "a100")
    offered = {k: int(v) for k, v in node["status"]["allocatable"].items() if k.startswith("nvidia.com/")}
    assert offered == {"nvidia.com/mig-3g.40gb": 8, "nvidia.com/mig-2g.20gb": 16}
    compute = 3 * 8 + 2 * 16
    assert compute == 7 * int(node["metadata"]["labels"]["nvidia.com/gpu.count"])


def test_a_pool_served_by_dra_does_not_advertise_the_extended_resource_too(kube: Kube) -> None:
    (node,) = nodes(kube, "h200")
    assert not [key for key in node["status"]["allocatable"] if key.startswith("nvidia.com/")]
    slices = kube.every("resource.k8s.io/v1", "ResourceSlice")
    assert {s["spec"]["driver"] for s in slices} == {"gpu.nvidia.com"}
    assert {s["spec"]["nodeName"] for s in slices} == {node["metadata"]["name"]}


def test_published_partitions_add_up_to_what_each_card_has(kube: Kube) -> None:
    slices = kube.every("resource.k8s.io/v1", "ResourceSlice")
    sets = {c["name"]: c["counters"] for s in slices for c in s["spec"].get("sharedCounters") or []}
    devices = [d for s in slices for d in s["spec"].get("devices") or []]
    cards = [d for d in devices if d["attributes"]["type"]["string"] == "gpu"]
    assert len(sets) == len(cards) == 8
    for card in cards:
        (taken,) = card["consumesCounters"]
        assert taken["counters"] == sets[taken["counterSet"]], "a whole card takes all that its partitions share"


def test_batch_nodes_are_spot_and_inference_nodes_are_not(kube: Kube) -> None:
    kinds = {n["metadata"]["labels"]["karpenter.sh/capacity-type"] for n in nodes(kube, "a10g")}
    assert kinds == {"spot"}
    assert {n["metadata"]["labels"]["karpenter.sh/capacity-type"] for n in nodes(kube, "h100")} == {"on-demand"}
