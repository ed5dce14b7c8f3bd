"""The price table is complete, dated, sourced and of this world."""

from datetime import date
from pathlib import Path
from typing import get_args

import pytest
import yaml
from pydantic import BaseModel, TypeAdapter

from components.catalogue.account_quotas import account_quotas
from components.catalogue.machines import Machine, machines
from components.catalogue.prices import HOURS, Between, Market, Prices, Share, price_table
from components.cost.plan import plan_stack
from components.settings.stack_file import parse_file
from tests.support.deployment import ROOT

TABLE = price_table()
WITHOUT = {
    *("a4x-highgpu-4g", "trn2.48xlarge", "ct5lp-hightpu-1t", "ct5lp-hightpu-4t", "ct5lp-hightpu-8t"),
    *("ct5p-hightpu-4t", "ct6e-standard-1t", "ct6e-standard-4t", "ct6e-standard-8t", "tpu7x-standard-4t"),
}
"""Machines for which no price was found: the plan says so."""


class Case(BaseModel, extra="forbid"):
    machine: str
    market: Market
    region: str
    low: float | None
    high: float | None


CASES = TypeAdapter(list[Case]).validate_python(
    yaml.safe_load((Path(__file__).parent / "prices.yaml").read_text(encoding="utf-8"))
)
STACKS = sorted((ROOT / "stacks").glob("Pulumi.*.yaml"))
GROUPS = [*{id(group): group for group in TABLE.machines.values()}.values(), TABLE.blocks]
SHARES = [share for group in GROUPS for share in (group.spot, group.flex_start, group.elsewhere) if share]
DATED = [*GROUPS, *SHARES, *TABLE.services.values()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.machine} {case.market} {case.region}")
def test_a_node_costs_what_the_table_says(case: Case) -> None:
    expected = Between(case.low, case.high) if case.low is not None and case.high is not None else None
    found = TABLE.node(case.machine, case.market, case.region)
    assert (found and (round(found.low, 4), round(found.high, 4))) == (expected and (expected.low, expected.high))


@pytest.mark.parametrize("stack", STACKS, ids=lambda path: path.stem)
def test_every_machine_of_a_stack_has_a_price(stack: Path) -> None:
    assert plan_stack(parse_file(stack)).unpriced == ()


@pytest.mark.parametrize("machine", machines().values(), ids=machines())
def test_every_machine_has_a_price_but_those_that_have_none(machine: Machine) -> None:
    priced = machine.name in TABLE.machines or machine.name in TABLE.blocks.hourly
    assert priced == (machine.name not in WITHOUT)


def test_every_price_is_for_a_machine_of_the_catalogue() -> None:
    assert {*TABLE.machines, *TABLE.blocks.hourly} <= set(machines())


@pytest.mark.parametrize("machine", machines().values(), ids=machines())
def test_a_price_is_of_the_machines_own_cloud(machine: Machine) -> None:
    if group := TABLE.machines.get(machine.name):
        assert group.cloud == machine.cloud


@pytest.mark.parametrize("row", DATED)
def test_every_figure_has_a_source_and_a_date_that_is_past(row: Prices | Share) -> None:
    assert row.source
    assert date(2025, 1, 1) < row.as_of <= date.today()


@pytest.mark.parametrize("share", SHARES)
def test_shares_run_upwards_and_are_possible(share: Share) -> None:
    assert 0 < share.low <= share.high < 3


@pytest.mark.parametrize("group", [group for group in GROUPS if group.spot])
def test_spot_costs_no_more_than_on_demand(group: Prices) -> None:
    assert group.spot
    assert group.spot.high <= 1


@pytest.mark.parametrize("group", GROUPS)
def test_more_of_the_same_card_costs_more(group: Prices) -> None:
    carrying = [machines()[name] for name in group.hourly]
    for smaller in carrying:
        for larger in carrying:
            if smaller.accelerator == larger.accelerator and smaller.count < larger.count:
                assert group.hourly[smaller.name] < group.hourly[larger.name]


def test_a_month_of_a_kept_gigabyte_is_billed_by_the_hour() -> None:
    disk = TABLE.service("aws", "boot-disk")
    assert disk.hourly * HOURS == pytest.approx(disk.usd)


@pytest.mark.parametrize("machine", machines().values(), ids=machines())
def test_the_vcpus_or_cards_of_every_machine_count_against_a_quota(machine: Machine) -> None:
    counting = [quota for quota in account_quotas() if quota.markets and "on-demand" in quota.markets]
    general = [quota for quota in account_quotas() if quota.counts == "vcpus" and not quota.markets]
    of = counting if machine.cloud == "aws" or machine.accelerator else general
    assert sum(quota.concerns(machine) for quota in of) == 1


def test_a_quota_counts_something_and_says_where_its_default_is_from() -> None:
    for quota in account_quotas():
        assert quota.source
        assert quota.counts
        assert set(quota.markets) <= set(get_args(Market))
        assert quota.default is None or quota.default >= 0


def test_quota_codes_of_aws_have_the_form_of_service_quotas() -> None:
    codes = [quota.code for quota in account_quotas() if quota.cloud == "aws"]
    assert len(set(codes)) == len(codes)
    assert all(len(code) == 10 and code.startswith("L-") for code in codes)
