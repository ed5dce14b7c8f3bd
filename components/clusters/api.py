"""A small client for an API server, for the dynamic resources: JSON in, JSON out."""

import json
import tempfile
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, cast
from urllib.parse import urlencode

import urllib3

Json = dict[str, Any]

APPLY = "application/apply-patch+yaml"
"""Server-side apply: each field belongs to the manager that sent it."""
MERGE = "application/merge-patch+json"
"""A merge patch (RFC 7386): lists are replaced as a whole."""

_TIMEOUT = urllib3.Timeout(connect=10, read=30)


class ApiError(RuntimeError):
    """The API server refused or cannot be reached.

    status: the HTTP status; None where it cannot be reached.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Api:
    """One API server, as whoever the kubeconfig names. A context manager: it leaves no key among temporary files."""

    def __init__(self, kubeconfig: Mapping[str, Any]) -> None:
        """Makes ready to ask; raises ApiError where the credentials of the kubeconfig cannot be had.

        kubeconfig: with what it needs inside, and nothing relative to a folder.
        """
        # Imported here, for it takes longer than the rest of a program that only describes resources.
        from kubernetes import client, config

        self._keys = tempfile.TemporaryDirectory(prefix="kubelanes-")
        self._settings: Any = client.Configuration()
        try:
            cast("Any", config).load_kube_config_from_dict(
                dict(kubeconfig),
                client_configuration=self._settings,
                persist_config=False,
                temp_file_path=self._keys.name,
            )
        except (config.ConfigException, OSError, ValueError) as error:
            self._keys.cleanup()
            raise ApiError(f"the kubeconfig cannot be used: {error}") from None
        self._pool = _pool(self._settings)

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._pool.clear()
        self._keys.cleanup()

    def get(self, path: str, **query: str) -> Json:
        """The object, or list of objects, at a path such as ``/api/v1/nodes``."""
        return self._ask("GET", path, query)

    def patch(self, path: str, body: Json, media: str, **query: str) -> Json:
        """The object, after the patch."""
        return self._ask("PATCH", path, query, body, media)

    def _ask(
        self, method: str, path: str, query: Mapping[str, str], body: Json | None = None, media: str | None = None
    ) -> Json:
        headers = {"Accept": "application/json"} | ({"Content-Type": media} if media else {})
        bearer = self._settings.auth_settings().get("BearerToken")
        if bearer and bearer["value"]:
            headers["Authorization"] = bearer["value"]
        url = f"{self._settings.host.rstrip('/')}{path}{'?' if query else ''}{urlencode(query)}"
        try:
            answer = self._pool.request(
                method,
                url,
                headers=headers,
                body=json.dumps(body) if body is not None else None,
                timeout=_TIMEOUT,
                retries=urllib3.Retry(connect=2, read=0, status=0, backoff_factor=0.2),
            )
        except urllib3.exceptions.HTTPError as error:
            raise ApiError(f"{self._settings.host} cannot be reached: {_cause(error)}") from None
        content = _parsed(answer.data)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            said = content.get("message") or f"HTTP {answer.status}"
            raise ApiError(f"{method} {path}: {said}", answer.status)
        return content


def _pool(settings: Any) -> urllib3.PoolManager:  # noqa: ANN401 - the client has no types of its own
    options: Json = {
        "cert_reqs": "CERT_REQUIRED" if settings.verify_ssl else "CERT_NONE",
        "ca_certs": settings.ssl_ca_cert,
        "cert_file": settings.cert_file,
        "key_file": settings.key_file,
    }
    if name := getattr(settings, "tls_server_name", None):
        options |= {"server_hostname": name, "assert_hostname": name}
    return urllib3.ProxyManager(settings.proxy, **options) if settings.proxy else urllib3.PoolManager(**options)


def _parsed(data: bytes) -> Json:
    try:
        return cast("Json", json.loads(data or b"{}"))
    except ValueError:
        return {"message": data.decode(errors="replace").strip()}


def _cause(error: BaseException) -> str:
    reason = getattr(error, "reason", None)
    return str(reason or error)
