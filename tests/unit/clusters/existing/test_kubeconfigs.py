"""Kubeconfig files as people have them: one context is taken out whole, and what cannot be used is said in one line."""

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.clusters.existing.existing_cluster import portable
from components.clusters.kubeconfig import KubeconfigError, read_context

CONTENT: dict[str, Any] = {
    "current-context": "lab",
    "contexts": [
        {"name": "lab", "context": {"cluster": "c", "user": "u", "namespace": "n"}},
        {"name": "broken", "context": {"cluster": "c", "user": "nobody"}},
        {"name": "cloud", "context": {"cluster": "c", "user": "plugin"}},
    ],
    "clusters": [{"name": "c", "cluster": {"server": "https://lab:6443", "certificate-authority": "pki/ca.crt"}}],
    "users": [
        {"name": "u", "user": {"client-certificate-data": "Yw==", "client-key": "pki/key", "tokenFile": "token"}},
        {"name": "plugin", "user": {"exec": {"apiVersion": "v1", "command": "./login", "args": ["get-token"]}}},
    ],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "pki").mkdir()
    (tmp_path / "pki" / "ca.crt").write_text("authority")
    (tmp_path / "pki" / "key").write_text("secret")
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(CONTENT))
    return path


def test_the_current_context_is_taken_out_with_what_its_files_hold(file: Path) -> None:
    found = read_context(str(file))
    assert found["current-context"] == "lab"
    assert found["contexts"] == [{"name": "lab", "context": {"cluster": "lab", "user": "lab", "namespace": "n"}}]
    encoded = base64.b64encode(b"authority").decode()
    cluster = {"server": "https://lab:6443", "certificate-authority-data": encoded}
    assert found["clusters"] == [{"name": "lab", "cluster": cluster}]
    assert found["users"][0]["user"] == {
        "client-certificate-data": "Yw==",
        "client-key-data": base64.b64encode(b"secret").decode(),
        "tokenFile": str(file.parent / "token"),
    }


def test_a_command_is_found_beside_the_file_or_on_path(file: Path) -> None:
    found = read_context(str(file), "cloud")["users"][0]["user"]["exec"]
    assert found == {"apiVersion": "v1", "command": str(file.parent / "login"), "args": ["get-token"]}
    content = yaml.safe_load(file.read_text())
    content["users"][1]["user"]["exec"]["command"] = "kubelogin"
    file.write_text(yaml.safe_dump(content))
    assert read_context(str(file), "cloud")["users"][0]["user"]["exec"]["command"] == "kubelogin"


def test_the_home_folder_is_expanded_and_kept_apart_from_the_state(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(file.parent))
    assert read_context("~/config")["current-context"] == "lab"
    monkeypatch.chdir(file.parent)
    assert (portable("~/config"), portable("config")) == ("~/config", str(file))


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ("mine", r"context mine: is no context of .*/config\. It has: lab, broken, cloud\."),
        ("broken", r"kubeconfig .*/config: is incomplete: its context names the user nobody, which is not in it\."),
    ],
)
def test_a_context_that_cannot_be_used_is_said(file: Path, context: str, said: str) -> None:
    with pytest.raises(KubeconfigError, match=said):
        read_context(str(file), context)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read: it is no YAML. Write the path of a kubeconfig"),
        ("- a", "is no kubeconfig"),
        ("kind: Config", "has no current context. Name one under cluster.context: it has none at all"),
        ("current-context: gone", r"kubeconfig gone: is no context of .* It has: none"),
        ("current-context: [a]", "has no current context"),
        ("{ current-context: a, contexts: [1, { name: [a] }, { name: a, context: text }] }", "It has: none"),
    ],
)
def test_a_file_that_is_no_kubeconfig_is_said(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    with pytest.raises(KubeconfigError, match=said):
        read_context(str(file))


@pytest.mark.parametrize("path", ["~nobody-of-this-name/config", "a\0b", "/", "a" * 5000])
def test_a_path_that_leads_nowhere_is_said(path: str) -> None:
    with pytest.raises(KubeconfigError, match=r"cannot be read: .*\. Write the path of a kubeconfig"):
        read_context(path)


def test_a_file_that_is_not_there_and_one_that_it_names_are_said(file: Path) -> None:
    with pytest.raises(KubeconfigError, match=r"is no file\. Write the path of the cluster's kubeconfig"):
        read_context(str(file.with_name("nowhere")))
    (file.parent / "pki" / "key").unlink()
    with pytest.raises(KubeconfigError, match=r"names .*/pki/key, which cannot be read: No such file"):
        read_context(str(file))
