"""Kubeconfig files as somebody else wrote them: one context of them, with everything that it needs inside."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml

Document = dict[str, Any]

_EMBEDDED = {
    "certificate-authority": "certificate-authority-data",
    "client-certificate": "client-certificate-data",
    "client-key": "client-key-data",
}
"""Keys that name a file, and those that hold the same content. Upstream: k8s.io/client-go, clientcmd/api/v1."""


class KubeconfigError(ValueError):
    """A kubeconfig that cannot be used.

    key: the setting that is to blame: ``kubeconfig`` or ``context``.
    value: what stands there.
    text: the consequence and the remedy.
    """

    def __init__(self, key: str, value: str, text: str) -> None:
        super().__init__(f"{key} {value}: {text}")
        self.key, self.value, self.text = key, value, text


def expanded(path: str) -> Path:
    """The file that a path means: ``~`` is the home folder, and what is relative begins in the current one."""
    return Path(path).expanduser().resolve()


def read_context(path: str, context: str | None = None) -> Document:
    """One context of a kubeconfig file, as a kubeconfig of its own that refers to no further file.

    context: the context's name; the file's current one where it is None.
    Raises KubeconfigError where the file or what it names cannot be read, or there is no such context.
    """
    content = _parse(path)
    contexts = _named(content, "contexts", "context")
    name = context or content.get("current-context")
    if not isinstance(name, str) or not name:
        text = f"has no current context. Name one under cluster.context: {', '.join(contexts) or 'it has none at all'}."
        raise KubeconfigError("kubeconfig", path, text)
    if name not in contexts:
        known = f"It has: {', '.join(contexts) or 'none'}."
        raise KubeconfigError("context" if context else "kubeconfig", name, f"is no context of {path}. {known}")
    chosen = contexts[name]
    folder = expanded(path).parent
    cluster = _member(content, "clusters", "cluster", chosen.get("cluster"), path)
    user = _member(content, "users", "user", chosen.get("user"), path)
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "contexts": [{"name": name, "context": {**chosen, "cluster": name, "user": name}}],
        "clusters": [{"name": name, "cluster": _whole(cluster, folder, path)}],
        "users": [{"name": name, "user": _whole(user, folder, path)}],
    }


def _parse(path: str) -> Document:
    try:
        content = yaml.safe_load(expanded(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        text = "is no file. Write the path of the cluster's kubeconfig; its administrator has one for you."
        raise KubeconfigError("kubeconfig", path, text) from None
    except (OSError, yaml.YAMLError, ValueError, RuntimeError) as error:  # no such user's home, a loop, a NUL, no UTF-8
        reason = getattr(error, "strerror", None) or _reason(error)
        raise KubeconfigError(
            "kubeconfig", path, f"cannot be read: {reason}. Write the path of a kubeconfig."
        ) from None
    if not isinstance(content, dict):
        raise KubeconfigError("kubeconfig", path, "is no kubeconfig. Write the path of one.")
    return cast("Document", content)


def _reason(error: Exception) -> str:
    return "it is no YAML" if isinstance(error, yaml.YAMLError | UnicodeDecodeError) else str(error).rstrip(".")


def _named(content: Document, section: str, key: str) -> dict[str, Document]:
    entries = content.get(section)
    rows = cast("list[object]", entries) if isinstance(entries, list) else []
    members: list[tuple[object, object]] = [
        (row.get("name"), row.get(key) or {})
        for row in (cast("Document", row) for row in rows if isinstance(row, dict))
    ]
    return {
        name: cast("Document", member) for name, member in members if isinstance(name, str) and isinstance(member, dict)
    }


def _member(content: Document, section: str, key: str, name: object, path: str) -> Document:
    known = _named(content, section, key)
    if not isinstance(name, str) or name not in known:
        text = f"is incomplete: its context names the {key} {name}, which is not in it. Have it written anew."
        raise KubeconfigError("kubeconfig", path, text)
    return known[name]


def _whole(entry: Mapping[str, Any], folder: Path, path: str) -> Document:
    """The entry with the content of the files that it names; a command keeps its place beside the kubeconfig."""
    whole = {key: value for key, value in entry.items() if key not in (*_EMBEDDED, "tokenFile", "exec")}
    for key, embedded in _EMBEDDED.items():
        if key in entry and embedded not in entry:
            whole[embedded] = base64.b64encode(_content(folder / str(entry[key]), path)).decode()
    if "tokenFile" in entry:
        whole["tokenFile"] = str(folder / str(entry["tokenFile"]))  # renewed by others: its content would grow old
    if isinstance(command := entry.get("exec"), dict):
        program = str(cast("Document", command).get("command", ""))
        whole["exec"] = {**command, "command": str(folder / program) if "/" in program else program}
    return whole


def _content(file: Path, path: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        text = f"names {file}, which cannot be read: {error.strerror}. Have it written anew, certificates embedded."
        raise KubeconfigError("kubeconfig", path, text) from None
