"""What the chart of a hosted controller left in the cluster, as the controller's supervisor needs it."""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

import urllib3
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from .hosted import Access, HostedController

T = TypeVar("T")

_load: Any = config  # the client has no types of its own

NOT_NOW = (ApiException, urllib3.exceptions.HTTPError)
"""What a request may raise while the API server is away or refuses."""

_TIMEOUT = 10


@dataclass(frozen=True, slots=True)
class Token:
    """A service account's token.

    value: the token itself.
    lifetime: seconds that it is valid for, from when it was issued.
    """

    value: str
    lifetime: int


class Chart:
    """A chart's objects, read and written as the administrator."""

    def __init__(self, controller: HostedController, kubeconfig: Path) -> None:
        self._controller = controller
        self._namespace = controller.namespace
        api = _load.new_client_from_config(str(kubeconfig))
        self._core: Any = client.CoreV1Api(api)
        self._crds: Any = client.ApiextensionsV1Api(api)
        self._authorization: Any = client.AuthorizationV1Api(api)

    def configuration(self) -> str | None:
        """The controller's configuration; None while the chart is not installed."""
        name = self._controller.config_map
        found = _or_none(self._core.read_namespaced_config_map, name, self._namespace, _request_timeout=_TIMEOUT)
        data: dict[str, str] = (found and found.data) or {}
        return data.get(self._controller.config_key)

    def wanting(self) -> Iterator[str]:
        """What the controller could not do without, and what is not there yet."""
        for name in self._controller.crds:
            crd = _or_none(self._crds.read_custom_resource_definition, name, _request_timeout=_TIMEOUT)
            conditions: list[Any] = (crd and crd.status and crd.status.conditions) or []
            if not any(c.type == "Established" and c.status == "True" for c in conditions):
                yield f"CustomResourceDefinition {name}"
        account = self._controller.service_account
        read = self._core.read_namespaced_service_account
        if _or_none(read, account, self._namespace, _request_timeout=_TIMEOUT) is None:
            yield f"ServiceAccount {self._namespace}/{account}"
        yield from (f"permission to {a.verb} {a.resource}" for a in self._controller.access if not self._may(a))

    def token(self) -> Token:
        """A new token of the chart's service account."""
        request = client.AuthenticationV1TokenRequest(
            spec=client.V1TokenRequestSpec(audiences=[], expiration_seconds=3600)
        )
        account = self._controller.service_account
        status = self._core.create_namespaced_service_account_token(
            account, self._namespace, request, _request_timeout=_TIMEOUT
        ).status
        # The API server may grant another time than the hour that it was asked for.
        lifetime = (status.expiration_timestamp - datetime.now(UTC)).total_seconds()
        return Token(value=status.token, lifetime=int(lifetime))

    def keep_certificate(self, files: dict[str, bytes]) -> None:
        """Puts the serving certificate of its webhooks into the Secret that the chart's Deployment would mount."""
        if self._controller.webhooks is None:
            raise ValueError(f"{self._controller.name} has no webhooks to serve with a certificate")
        wanted = {name: base64.b64encode(content).decode() for name, content in files.items()}
        name = self._controller.webhooks.secret
        read = self._core.read_namespaced_secret
        found = _or_none(read, name, self._namespace, _request_timeout=_TIMEOUT)
        body = {"metadata": {"name": name}, "data": wanted}
        if found is None:
            self._core.create_namespaced_secret(self._namespace, body, _request_timeout=_TIMEOUT)
        elif found.data != wanted:
            self._core.patch_namespaced_secret(name, self._namespace, body, _request_timeout=_TIMEOUT)

    def _may(self, access: Access) -> bool:
        user = f"system:serviceaccount:{self._namespace}:{self._controller.service_account}"
        attributes = client.V1ResourceAttributes(
            verb=access.verb,
            resource=access.resource,
            group=access.group,
            namespace=self._namespace if access.namespaced else None,
        )
        review = client.V1SubjectAccessReview(
            spec=client.V1SubjectAccessReviewSpec(user=user, resource_attributes=attributes)
        )
        answer = self._authorization.create_subject_access_review(review, _request_timeout=_TIMEOUT)
        return bool(answer.status.allowed)


def _or_none(read: Callable[..., T], *arguments: str, **options: int) -> T | None:
    """What ``read`` returns; None where there is no such object."""
    try:
        return read(*arguments, **options)
    except ApiException as error:
        if _status(error) == HTTPStatus.NOT_FOUND:
            return None
        raise


def _status(error: Any) -> int | None:  # noqa: ANN401 - the client has no types of its own
    return error.status
