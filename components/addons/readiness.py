"""Waiting until a controller's webhooks answer: what needs them is not created a moment too early."""

import json
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import pulumi
import yaml
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from ..clusters.api import Api, ApiError
from .plan import Probe

_PAUSE = 0.5
"""Seconds between two tries."""
_STEADY = 3.0
"""Seconds on end that a controller has to answer for once it was told something new: at first the old one answers."""


class NotReadyError(Exception):
    """The webhook did not answer in time; the text says what was tried last and where to look."""


class WebhookReady(Resource, module="addons", name="WebhookReady"):
    """Exists from the moment at which the API server and a controller's webhook agree on a probe object."""

    def __init__(
        self,
        name: str,
        *,
        controller: str,
        kubeconfig: pulumi.Input[str],
        probe: Probe,
        look_at: pulumi.Input[str],
        generation: pulumi.Input[str],
        timeout: float = 180,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Waits.

        controller: whose webhook it is, for messages.
        look_at: where its log is, for messages.
        generation: when this changes, the controller may have restarted: the probe is repeated.
        timeout: seconds until NotReadyError.
        """
        inputs = {
            "controller": controller,
            "kubeconfig": pulumi.Output.secret(kubeconfig),
            "plural": probe.plural,
            "manifest": json.dumps(probe.manifest, sort_keys=True),
            "look_at": look_at,
            "generation": generation,
            "timeout": timeout,
        }
        super().__init__(_Waiter(), name, inputs, opts)


class _Waiter(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        wait(props)
        return CreateResult(id_=props["controller"], outs=props)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        # One that does not answer is gone: the next update waits for it again.
        return ReadResult(id_=id_ if refusal(props) is None else "", outs=props)

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        # How the cluster is reached says nothing about whether the controller is ready.
        return DiffResult(changes=any(_olds.get(key) != _news[key] for key in ("generation", "plural", "manifest")))

    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        wait(_news, _STEADY)
        return UpdateResult(outs=_news)


def wait(props: Mapping[str, Any], steady: float = 0) -> None:
    """Returns when the probe was judged, at every try of ``steady`` seconds.

    props: the inputs of `WebhookReady`.
    Raises NotReadyError after ``props["timeout"]`` seconds.
    """
    deadline = time.monotonic() + props["timeout"]
    answering_since: float | None = None
    while True:
        why, now = refusal(props), time.monotonic()
        answering_since = None if why else (answering_since or now)
        if answering_since is not None and now >= answering_since + steady:
            return
        if now > deadline:
            raise NotReadyError(
                f"{props['controller']} did not answer within {props['timeout']:g} s, so nothing that needs it was "
                f"created. The last try: {why}. See {props['look_at']}, then run `pulumi up` again."
            )
        time.sleep(_PAUSE)


def refusal(props: Mapping[str, Any]) -> str | None:
    """Why the probe could not be judged; None when it was: admitted, there already, or denied by the webhook itself."""
    manifest = json.loads(props["manifest"])
    try:
        with Api(yaml.safe_load(props["kubeconfig"])) as api:
            api.post(f"/apis/{manifest['apiVersion']}/{props['plural']}", manifest, dryRun="All")
    except ApiError as refused:
        return None if refused.status == HTTPStatus.CONFLICT or "denied the request" in str(refused) else str(refused)
    return None
