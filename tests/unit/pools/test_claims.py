"""What pods ask of DRA. That the expressions mean what they should is proved on the sim, by the scheduler."""

import re

import pytest

from components.catalogue.accelerators import accelerators
from components.pools.claims import (
    ALTERNATIVES,
    SAME_PCIE_ROOT,
    DeviceRequest,
    card_request,
    claim_spec,
    partition_request,
)

H200, H100, A100 = (accelerators()[name] for name in ("h200", "h100-80gb", "a100-80gb"))


def test_one_request_is_asked_for_exactly() -> None:
    assert claim_spec("accelerator", [card_request(H200, 2)]) == {
        "devices": {
            "requests": [{"name": "accelerator", "exactly": {"deviceClassName": "h200.gpu.kubelanes.dev", "count": 2}}]
        }
    }


def test_of_several_the_first_that_can_be_had_is_taken() -> None:
    wanted = [card_request(H200, 1), card_request(H100, 1), card_request(A100, 2)]
    (request,) = claim_spec("accelerator", wanted)["devices"]["requests"]
    assert [(each["deviceClassName"], each["count"]) for each in request["firstAvailable"]] == [
        ("h200.gpu.kubelanes.dev", 1),
        ("h100-80gb.gpu.kubelanes.dev", 1),
        ("a100-80gb.gpu.kubelanes.dev", 2),
    ]
    names = [each["name"] for each in request["firstAvailable"]]
    assert len(set(names)) == 3
    assert all(re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", name) for name in names)


def test_alternatives_of_one_class_have_names_of_their_own() -> None:
    profiles = H200.mig.profiles.values() if H200.mig else ()
    wanted = [partition_request(H200, profile, 1) for profile in profiles][:ALTERNATIVES]
    (request,) = claim_spec("accelerator", wanted)["devices"]["requests"]
    assert len({each["name"] for each in request["firstAvailable"]}) == len(wanted)


def test_more_alternatives_than_the_api_takes_are_an_error() -> None:
    with pytest.raises(ValueError, match="9 alternatives"):
        claim_spec("accelerator", [card_request(H200, count) for count in range(1, 10)])


def test_devices_that_must_agree_do_so_in_the_whole_request() -> None:
    devices = claim_spec("accelerator", [card_request(H200, 2)], [SAME_PCIE_ROOT])["devices"]
    assert devices["constraints"] == [
        {"requests": ["accelerator"], "matchAttribute": "resource.kubernetes.io/pcieRoot"}
    ]


def test_memory_is_asked_for_in_mebibytes() -> None:
    assert card_request(H100, 1, 80_000) == DeviceRequest(
        "h100-80gb.gpu.kubelanes.dev",
        1,
        ("device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('80000Mi')) >= 0",),
    )
