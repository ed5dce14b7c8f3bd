from components.settings import parse_settings
from components.settings.pending import pending

SEARCH = {"contact": "search@example.com", "quota": {"cpu": 1, "memory": "1Gi"}}
BASE = {
    "cluster": {"kind": "sim"},
    "pools": {"platform": {"lane": "platform", "machine": "m7i.large", "size": 1}},
    "tenants": {"search": SEARCH},
}


def test_a_stack_file_that_asks_for_nothing_ahead_of_its_time_has_nothing_pending() -> None:
    assert list(pending(parse_settings(BASE))) == []


def test_what_is_not_carried_out_is_named_with_what_happens_instead() -> None:
    budget = {**SEARCH, "budget": {"usd_per_month": 100}}
    settings = parse_settings({**BASE, "tenants": {"search": budget}, "gateway": {"host": "ai.example.com"}})
    assert dict(pending(settings)) == {
        "gateway": "no gateway is installed",
        "tenants.search.budget": "spending is not measured",
    }


def test_a_target_that_nothing_follows_is_pending() -> None:
    replicas = {"range": "1-3", "on": "requests", "target": "200/s"}
    api = {"tenant": "search", "image": "registry.example.com/portal:1", "cpu": "100m", "memory": "80Mi"}
    settings = parse_settings({**BASE, "lanes": {"apis": {"portal": {**api, "replicas": replicas}}}})
    above = "lanes.apis.portal.replicas"
    assert [path for path, _ in pending(settings)] == [f"{above}.on", f"{above}.target"]
