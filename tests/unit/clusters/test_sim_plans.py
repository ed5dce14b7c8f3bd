"""What the sim decides without starting anything."""

import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from components.clusters.sim import config, pki, ports
from components.clusters.sim.controllers import CONTROLLERS, KARPENTER, KUEUE
from components.clusters.sim.facts import facts
from components.clusters.sim.failure import SimError
from components.clusters.sim.hosted import Json, fill, merge
from components.clusters.sim.hosting import Assignment, install
from components.clusters.sim.locking import exclusively
from components.clusters.sim.provider import KwokctlProvider
from components.clusters.sim.record import SimRecord
from components.clusters.sim.spec import SimSpec
from components.clusters.sim.supervisor import Backoff
from components.settings.cluster import SimCluster as SimSettings

SPEC = SimSpec(name="sim", home=Path("/home/of/sims"), hosted=(KUEUE,))
PORTS = {name: 20_000 + at for at, name in enumerate(SPEC.listeners)}
PROGRAMS = {name: Path("/programs") / name for name in SPEC.programs}

INPUTS: dict[str, Any] = {
    "name": "sim",
    "home": "/home/of/sims",
    "kubernetes": "1.36",
    "feature_gates": {},
    "runtime_config": {},
    "hosted": ["kueue"],
}


def kwokctl(spec: SimSpec = SPEC) -> config.Document:
    return config.kwokctl_configuration(spec, PORTS, PROGRAMS, "1.36.3")


def test_every_program_is_given_so_that_kwokctl_downloads_none() -> None:
    options = kwokctl()["options"]
    given = {key: value for key, value in options.items() if key.endswith("Binary")}
    assert len(given) == 6
    assert all(value.startswith("/programs/") for value in given.values())


def test_no_server_listens_beyond_the_loopback_address() -> None:
    assert kwokctl()["options"]["bindAddress"] == "127.0.0.1"
    listening = [
        each for patch in kwokctl()["componentsPatches"] for each in patch["extraArgs"] if "urls" in each["key"]
    ]
    assert len(listening) == 4
    assert all(each["value"].startswith("https://127.0.0.1:") for each in listening)


def test_every_port_is_a_chosen_one() -> None:
    options = kwokctl()["options"]
    assert {value for key, value in options.items() if key.endswith("Port") and key != "securePort"} == {
        PORTS[name] for name in PORTS if "/" not in name
    }


def test_authentication_and_authorization_are_on() -> None:
    options = kwokctl()["options"]
    assert (options["securePort"], options["kubeAuthorization"], options["kubeAdmission"]) == (True, True, True)


def test_feature_gates_are_passed_on_as_kubernetes_spells_them() -> None:
    spec = replace(SPEC, feature_gates={"B": False, "A": True}, runtime_config={"api/all": True})
    options = kwokctl(spec)["options"]
    assert (options["kubeFeatureGates"], options["kubeRuntimeConfig"]) == ("A=true,B=false", "api/all=true")


def test_two_supervisors_get_two_names_for_their_pid_files() -> None:
    other = replace(KUEUE, name="jobset")
    names = [Path(each["binary"]).name for each in kwokctl(replace(SPEC, hosted=(KUEUE, other)))["components"]]
    assert names == ["kueue", "jobset"]


def test_the_digest_changes_with_what_a_running_sim_would_need_a_restart_for() -> None:
    specs = [
        SPEC,
        replace(SPEC, feature_gates={"A": True}),
        replace(SPEC, hosted=()),
        replace(SPEC, hosted=(replace(KUEUE, command=("{binary}",)),)),
        replace(SPEC, kubernetes="1.37"),
    ]
    assert len({spec.digest for spec in specs}) == len(specs)
    assert SPEC.digest == replace(SPEC).digest


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{webhook}", 9443),
        ("127.0.0.1:{webhook}", "127.0.0.1:9443"),
        ("plain", "plain"),
        ({"a": ["{webhook}", False, None]}, {"a": [9443, False, None]}),
    ],
)
def test_a_placeholder_keeps_the_type_of_its_value_where_it_stands_alone(template: Json, filled: Json) -> None:
    assert fill(template, {"webhook": 9443}) == filled


def test_overrides_are_laid_upon_the_charts_configuration_key_by_key() -> None:
    base: Json = {"webhook": {"port": 9443, "host": ""}, "frameworks": ["a", "b"], "kept": 1}
    over: Json = {"webhook": {"port": 20000}, "frameworks": ["c"], "new": {"x": 1}}
    assert merge(base, over) == {
        "webhook": {"port": 20000, "host": ""},
        "frameworks": ["c"],
        "kept": 1,
        "new": {"x": 1},
    }


@pytest.mark.parametrize("name", CONTROLLERS)
def test_every_row_uses_only_placeholders_that_are_filled(name: str, tmp_path: Path) -> None:
    row = CONTROLLERS[name]
    spec = SimSpec(name="sim", home=tmp_path, hosted=(row,))
    install(spec.place, row, Path("/programs") / name, dict.fromkeys(row.listeners, 1))
    given = Assignment.read(spec.place.hosted(name) / "assignment.json")
    assert given.controller == row
    for template in (*row.command, dict(row.overrides), *row.environment.values()):
        fill(template, given.values)


def test_a_serving_certificate_is_valid_for_the_service_and_the_loopback_address() -> None:
    ca = pki.authority("kueue-ca")
    certificate = x509.load_pem_x509_certificate(pki.issue(ca, "server", hosts=(*KUEUE.hosts, *pki.LOCAL)).certificate)
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(ca.certificate))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {*KUEUE.hosts, "localhost"}
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_an_authority_bears_the_name_that_cert_controller_looks_for() -> None:
    ca = x509.load_pem_x509_certificate(pki.authority("kueue-ca").certificate)
    names = ca.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["kueue-ca"]


def test_ports_are_kept_unless_somebody_else_took_one() -> None:
    first = ports.choose(["a", "b"], "seed")
    with socket.create_server(("127.0.0.1", first["a"])):
        second = ports.choose(["a", "b", "c"], "seed", first)
    assert second["a"] != first["a"]
    assert second["b"] == first["b"]
    assert len(set(second.values())) == 3
    assert all(20_000 <= port < 32_000 for port in second.values())


def test_a_half_written_record_is_no_record(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    record = SimRecord(uid="u", digest="d", version="1.36.3", ports={"etcd": 1})
    record.write(path)
    assert SimRecord.read(path) == record
    path.write_text(path.read_text()[:20])
    assert SimRecord.read(path) is None


def test_a_lock_that_is_never_freed_is_given_up_with_the_holders_name(tmp_path: Path) -> None:
    path = tmp_path / "sim.lock"
    with exclusively(path), pytest.raises(SimError, match=r"process \d+ has held"), exclusively(path, timeout=0.2):
        pass
    assert not path.exists()


def test_only_one_holds_the_lock_at_a_time(tmp_path: Path) -> None:
    path, inside, most = tmp_path / "sim.lock", [], [0]

    def work() -> None:
        for _ in range(20):
            with exclusively(path):
                inside.append(1)
                most[0] = max(most[0], len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_a_controller_that_keeps_exiting_is_started_less_and_less_often() -> None:
    backoff, delays = Backoff(), []
    for _ in range(7):
        backoff.failed(now=100.0, ran=0.5)
        delays.append(backoff.delay)
    assert delays == [1, 2, 4, 8, 16, 30, 30]
    backoff.failed(now=100.0, ran=3600)
    assert (backoff.delay, backoff.not_before) == (1, 101)


@pytest.mark.parametrize("changed", ["name", "home"])
def test_another_name_or_home_is_another_sim(changed: str) -> None:
    result = KwokctlProvider().diff("id", INPUTS | {"uid": "u"}, INPUTS | {changed: "/another"})
    assert (result.changes, result.replaces) == (True, [changed])


def test_a_controller_that_no_sim_can_host_is_refused_before_anything_is_made() -> None:
    failures = KwokctlProvider().check({}, INPUTS | {"hosted": ["kueue", "skynet"]}).failures
    assert [(each.property, each.reason) for each in failures] == [
        ("hosted", "skynet: a sim hosts only karpenter, kueue")
    ]


def test_a_controller_without_webhooks_has_neither_their_port_nor_their_certificate(tmp_path: Path) -> None:
    assert KARPENTER.listeners == ("karpenter/metrics", "karpenter/health")
    spec = SimSpec(name="sim", home=tmp_path, hosted=(KARPENTER,))
    install(spec.place, KARPENTER, Path("/programs/karpenter"), dict.fromkeys(KARPENTER.listeners, 1))
    assert not (spec.place.hosted("karpenter") / "certificates").exists()


def test_a_sim_hosts_karpenter_only_where_it_scales() -> None:
    none, scaled = (facts(SimSettings(kind="sim", autoscaler=each)) for each in ("none", "karpenter"))
    assert (none.autoscaler, sorted(none.hosts)) == ("none", ["kueue"])
    assert (scaled.autoscaler, sorted(scaled.hosts)) == ("karpenter", ["karpenter", "kueue"])
