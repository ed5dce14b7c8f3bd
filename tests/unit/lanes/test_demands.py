"""Which devices a demand means: one file per case, told alike by the check of a stack file and by the planner."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from components.lanes.placement import CLAIM, Placement, place, pool_offers
from components.pools.planner import plan_pools
from components.problems import InvalidSettingsError, Problem
from components.settings.choices import choose
from components.settings.draft import draft_of
from components.settings.inventory import stocks
from components.settings.lanes import Demand
from components.settings.options import Choice, RefusedError
from components.settings.settings import Settings
from components.settings.wording import problem
from components.settings.workloads import USES
from tests.support.planning import cases


def settings(case: dict[str, Any]) -> Settings:
    imitated = case.get("imitates", "eks")
    platform = {"lane": "platform", "machine": {"eks": "m7i.2xlarge", "gke": "e2-standard-8"}[imitated]}
    cluster = {"kind": "sim", "imitates": imitated}
    return Settings.model_validate({"cluster": cluster, "pools": {"platform": platform, **case["pools"]}})


def told(found: Problem) -> str:
    return f"{found.path} {found.value}".strip() + f": {found.text}"


def checked(case: dict[str, Any]) -> Choice | str:
    """What the check of the stack file makes of it."""
    offers = [offer for stock in stocks(draft_of(settings(case))) for offer in stock.offers]
    try:
        return choose(
            Demand.model_validate(case["asks"]), USES[case.get("sort", "online")], offers, case.get("nodes", 1)
        )
    except RefusedError as error:
        return told(problem(error.path, error.value, error.text))


def placed(case: dict[str, Any]) -> Placement | str:
    """What the planner makes of it."""
    pools = plan_pools(settings(case))
    demand, uses = Demand.model_validate(case["asks"]), USES[case.get("sort", "online")]
    try:
        return place((), demand, uses, pools, case.get("nodes", 1))
    except InvalidSettingsError as error:
        (only,) = error.problems
        return told(only)


def shown(choice: Choice, placement: Placement) -> dict[str, Any]:
    """Both, as case files write them."""
    claim = placement.claim["spec"]["devices"] if placement.claim else {}
    (request,) = claim.get("requests", [{}])
    asked = [request["exactly"]] if "exactly" in request else request.get("firstAvailable", [])
    found = {
        "lane": placement.lane.value,
        "options": [option.name for option in placement.options],
        "pools": [pool.name for pool in placement.pools],
        "resource": placement.resource,
        "classes": [each["deviceClassName"] for each in asked],
        "match": [each["matchAttribute"] for each in claim.get("constraints", [])],
        "cards": {product: str(Fraction(cards)) for product, cards in choice.cards.items()},
    }
    return {key: value for key, value in found.items() if value}


@pytest.mark.parametrize("case", cases(Path(__file__).parent / "demands"))
def test_a_demand_means_what_its_case_says(case: dict[str, Any]) -> None:
    choice, placement = checked(case), placed(case)
    if refused := case.get("refused"):
        assert (choice, placement) == (refused, refused)
    else:
        assert isinstance(choice, Choice), choice
        assert isinstance(placement, Placement), placement
        assert shown(choice, placement) == case["gets"]


@pytest.mark.parametrize("case", cases(Path(__file__).parent / "demands"))
def test_check_and_planner_know_of_the_same_devices(case: dict[str, Any]) -> None:
    loaded = settings(case)
    known = tuple(offer for stock in stocks(draft_of(loaded)) for offer in stock.offers)
    assert known == pool_offers(plan_pools(loaded))


@pytest.mark.parametrize("case", cases(Path(__file__).parent / "demands"))
def test_a_pod_asks_in_one_way_and_for_as_many_as_it_was_given(case: dict[str, Any]) -> None:
    if isinstance(placement := placed(case), str):
        return
    assert bool(placement.limits) != bool(placement.claim)
    counts = [option.count for option in placement.options]
    if placement.claim:
        (request,) = placement.claim["spec"]["devices"]["requests"]
        assert request["name"] == CLAIM
        assert [each["count"] for each in request.get("firstAvailable", [request.get("exactly")])] == counts
    else:
        assert [int(count) for count in placement.limits.values()] == counts
