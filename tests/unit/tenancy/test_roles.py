"""Who may do what in a tenant's namespace, row by row."""

from pathlib import Path

import pytest
import yaml

from components.settings.tenants import Role
from components.tenancy.roles import RULES

TABLE = yaml.safe_load((Path(__file__).parent / "roles.yaml").read_text(encoding="utf-8"))
CORE = {
    "configmaps", "limitranges", "namespaces", "nodes", "persistentvolumeclaims", "persistentvolumes", "pods",
    "resourcequotas", "secrets", "serviceaccounts", "services",
}  # fmt: skip


def split(what: str) -> tuple[str, str]:
    """``apps/deployments/scale`` is ``deployments/scale`` of ``apps``; ``pods/log`` is of the core group."""
    first, _, rest = what.partition("/")
    return ("", what) if first in CORE else (first, rest)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["what"])
def test_a_role_may_do_what_the_table_says_and_no_more(row: dict[str, dict[str, list[str]]], role: Role) -> None:
    group, resource = split(str(row["what"]))
    allowed = {v for rule in RULES[role] if rule.group == group and resource in rule.resources for v in rule.verbs}
    assert {verb for verb in row["verbs"] if verb in allowed} == {
        v for v, roles in row["verbs"].items() if role in roles
    }


@pytest.mark.parametrize("role", Role)
def test_no_role_is_given_everything_of_anything(role: Role) -> None:
    assert not [rule for rule in RULES[role] if "*" in (rule.group, *rule.resources, *rule.verbs)]


@pytest.mark.parametrize("role", Role)
def test_no_role_reads_a_secret_or_changes_its_own_bounds(role: Role) -> None:
    changing = {"create", "update", "patch", "delete", "deletecollection", "bind", "escalate", "impersonate"}
    for rule in RULES[role]:
        if "secrets" in rule.resources:
            assert not {"get", "list", "watch", "update", "patch"} & {*rule.verbs}
        bounds = {"resourcequotas", "limitranges", "networkpolicies", "roles", "rolebindings", "serviceaccounts/token"}
        if bounds & {*rule.resources}:
            assert not changing & {*rule.verbs}
