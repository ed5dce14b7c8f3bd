"""A small client for an API server, for the dynamic resources: JSON in, JSON out."""

import json
import ssl
import tempfile
import threading
from collections.abc import Mapping
from http import HTTPStatus
from types import TracebackType
from typing import Any, cast
from urllib.parse import urlencode

import urllib3
from urllib3.util.ssl_ import create_urllib3_context

Json = dict[str, Any]

APPLY = "application/apply-patch+yaml"
"""Server-side apply: each field belongs to the manager that sent it."""
MERGE = "application/merge-patch+json"
"""A merge patch (RFC 7386): lists are replaced as a whole."""

_TIMEOUT = urllib3.Timeout(connect=10, read=30)
_KEYS_ON_DISK = threading.Lock()
"""The client keeps one file for each key of the process: whoever is done would take it from another who reads it."""


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
            with _KEYS_ON_DISK:
                cast("Any", config).load_kube_config_from_dict(
                    dict(kubeconfig),
                    client_configuration=self._settings,
                    persist_config=False,
                    temp_file_path=self._keys.name,
                )
                self._pool = _pool(self._settings)
        except (config.ConfigException, OSError, ValueError, TypeError, AttributeError, KeyError) as error:
            self._keys.cleanup()
            raise ApiError(f"the kubeconfig cannot be used: {error}") from None
        if (command := _command(kubeconfig)) is not None and not (self._settings.api_key or self._settings.cert_file):
            self._keys.cleanup()  # the client has logged why, and would go on as nobody
            raise ApiError(f"the kubeconfig's command {command} gives no credentials: install it, or sign in with it")

    def __enter__(self) -> "Api":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._pool.clear()
        with _KEYS_ON_DISK:
            self._keys.cleanup()

    def get(self, path: str, **query: str) -> Json:
        """The object, or list of objects, at a path such as ``/api/v1/nodes``."""
        return self._ask("GET", path, query)

    def post(self, path: str, body: Json, **query: str) -> Json:
        """The object, created in the list at a path; with ``dryRun="All"`` only judged."""
        return self._ask("POST", path, query, body, "application/json")

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
                retries=urllib3.Retry(connect=2, read=0, status=0, other=0, backoff_factor=0.2),  # other: of TLS
            )
        except urllib3.exceptions.HTTPError as error:
            raise ApiError(f"{self._settings.host} cannot be reached: {_cause(error)}") from None
        content = _parsed(answer.data)
        if answer.status >= HTTPStatus.BAD_REQUEST:
            said = content.get("message") or f"HTTP {answer.status}"
            raise ApiError(f"{method} {path}: {said}", answer.status)
        return content


def _pool(settings: Any) -> urllib3.PoolManager:  # noqa: ANN401 - the client has no types of its own
    from kubernetes.client.rest import should_bypass_proxies

    options: Json = {"ssl_context": _context(settings)}
    if name := getattr(settings, "tls_server_name", None):
        options |= {"server_hostname": name, "assert_hostname": name}
    proxied = settings.proxy and not should_bypass_proxies(settings.host, settings.no_proxy or "")
    return urllib3.ProxyManager(settings.proxy, **options) if proxied else urllib3.PoolManager(**options)


def _command(kubeconfig: Mapping[str, Any]) -> str | None:
    """The command that gets the credentials, where there is one."""
    users: list[Json] = kubeconfig.get("users") or []
    asks = [each["user"].get("exec") for each in users if each.get("user")]
    return str(asks[0].get("command")) if asks and asks[0] else None


def _context(settings: Any) -> ssl.SSLContext:  # noqa: ANN401 - the client has no types of its own
    """Certificates and key, read now: their files may be gone at the first connection."""
    context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED if settings.verify_ssl else ssl.CERT_NONE)
    if settings.ssl_ca_cert:
        context.load_verify_locations(settings.ssl_ca_cert)
    else:
        context.load_default_certs()
    if settings.cert_file:
        context.load_cert_chain(settings.cert_file, settings.key_file)
    return context


def _parsed(data: bytes) -> Json:
    try:
        return cast("Json", json.loads(data or b"{}"))
    except ValueError:
        return {"message": data.decode(errors="replace").strip()}


def _cause(error: BaseException) -> str:
    reason = getattr(error, "reason", None)
    return str(reason or error)
