"""What the API server itself refuses, whoever asks, so that each GPU keeps its one advertiser.

`pods` says the same of manifests in Python; a test holds both to one table of cases.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from ....clusters.facts import ClusterFacts
from ....objects import Manifest, Object, manifest
from ....pools.claims import DRIVER
from ....pools.gke_accelerators import NO_PLUGIN
from ....pools.plan import PoolPlan
from ....settings.settings import Settings
from ..dra_driver import NAMESPACE
from ..served import claimed, nvidia
from .pods import DEVICE_PLUGINS, NOT_NVIDIAS, PLUGIN_SOCKETS

API = "admissionregistration.k8s.io/v1"
SLICES = "kubelanes-resource-slices"
PLUGINS = "kubelanes-device-plugins"

PUBLISHER = f"system:serviceaccount:{NAMESPACE}:dra-driver-nvidia-gpu-service-account-kubeletplugin"
"""Whom NVIDIA's DRA driver publishes as. The chart has a policy of its own that binds the driver to its node; in v0.5.0
it names the account without ``-kubeletplugin``, as which nothing runs. Source: its templates
validatingadmissionpolicy.yaml and rbac-kubeletplugin.yaml."""
_OURS = ("operator", "image")
"""Whose device plugin the platform, or the node image that it chose, brings; beside another's there may be a DRA driver
of that other for nodes that are not the platform's."""
_NODE = "request.userInfo.?extra[?'authentication.kubernetes.io/node-name'][?0].orValue('')"
"""The node that a service account's token is bound to. Source: kubernetes.io, "Managing Service Accounts"."""


def plan_advertiser_guard(
    _settings: Settings, facts: ClusterFacts, pools: Sequence[PoolPlan], _mirror: Path
) -> tuple[Object, ...]:
    """The policies for a cluster with NVIDIA's cards.

    Where DRA serves no pool nobody publishes cards, unless somebody else serves the cards of that cluster.
    """
    cards = nvidia(pools)
    if served := claimed(cards):
        return tuple(map(Object, (*slice_policy([PUBLISHER]), *plugin_policy(served))))
    ours = bool(cards) and facts.device_plugin in _OURS
    return tuple(map(Object, slice_policy([]))) if ours else ()


def slice_policy(publishers: Sequence[str]) -> list[Manifest]:
    """Only ``publishers`` say which cards there are, and each only those of the node that it runs on."""
    known = f"request.userInfo.username in {json.dumps(list(publishers))}"
    return _policy(
        SLICES,
        {"apiGroups": ["resource.k8s.io"], "apiVersions": ["*"], "resources": ["resourceslices"]},
        conditions={"nvidias-cards": f"object.spec.driver == '{DRIVER}'"},
        validations=[
            {
                "expression": known,
                "messageExpression": f"request.userInfo.username + ' is not the DRA driver, and says in the name of "
                f"{DRIVER} which cards there are: the scheduler would hand out cards that somebody else hands out'",
            },
            {
                "expression": f"!({known}) || object.spec.?nodeName.orValue('') == {_NODE}",
                "messageExpression": f"'the DRA driver on node \"' + {_NODE} + '\" may not say which cards node \"' + "
                "object.spec.?nodeName.orValue('') + '\" has'",
            },
        ],
    )


def plugin_policy(pools: Sequence[PoolPlan]) -> list[Manifest]:
    """No device plugin for NVIDIA's cards lands on ``pools``, whose cards DRA hands out."""
    return _policy(
        PLUGINS,
        {"apiGroups": ["apps"], "apiVersions": ["*"], "resources": ["daemonsets"]},
        conditions={
            # One that is there already must be able to go, and to be given labels.
            "new-pods": "request.operation == 'CREATE' || object.spec.template.spec != oldObject.spec.template.spec",
            "device-plugin": _IS_PLUGIN,
        },
        variables={
            "pod": "object.spec.template.spec",
            "pools": f"[{', '.join(_pool(pool) for pool in pools)}]",
            "hit": f"variables.pools.filter(pool, {_MAY_LAND}).map(pool, pool.name)",
        },
        validations=[
            {
                "expression": "size(variables.hit) == 0",
                "messageExpression": "'this device plugin would run on the pools ' + variables.hit.join(', ') + ', "
                "whose cards DRA hands out, and would hand each out a second time. Keep it away from them by a node "
                "selector or an affinity'",
            }
        ],
    )


_IMAGES = "|".join(sorted(DEVICE_PLUGINS))
_IS_PLUGIN = (
    f"object.spec.template.spec.containers.exists(c, c.?image.orValue('').matches('(^|/)({_IMAGES})([:@].*)?$') && "
    f"!c.?image.orValue('').contains('{NOT_NVIDIAS}')) && "
    "object.spec.template.spec.?volumes.orValue([]).exists("
    f"v, v.?hostPath.?path.orValue('').startsWith('{PLUGIN_SOCKETS}'))"
)
_SELECTED = (
    "variables.pod.?nodeSelector.orValue({}).all("
    "key, !(key in pool.labels) || pool.labels[key] == variables.pod.nodeSelector[key])"
)
_REQUIRED = "variables.pod.?affinity.?nodeAffinity.?requiredDuringSchedulingIgnoredDuringExecution"
_MATCHES = (
    "e.operator == 'In' ? !(e.key in pool.labels) || pool.labels[e.key] in e.values : "
    "e.operator == 'NotIn' ? !(e.key in pool.labels) || !(pool.labels[e.key] in e.values) : "
    "e.operator == 'DoesNotExist' ? !(e.key in pool.labels) : true"
)
_AFFINE = (
    f"(!{_REQUIRED}.hasValue() || {_REQUIRED}.value().nodeSelectorTerms.exists("
    f"term, term.?matchExpressions.orValue([]).all(e, {_MATCHES})))"
)
_TOLERATES = (
    "(t.?effect.orValue('') == '' || t.?effect.orValue('') == taint.effect) && "
    "(t.?key.orValue('') == '' || t.?key.orValue('') == taint.key) && "
    "(t.?operator.orValue('') == 'Exists' || t.?key.orValue('') != '' && t.?value.orValue('') == taint.value)"
)
_TOLERATED = f"pool.taints.all(taint, variables.pod.?tolerations.orValue([]).exists(t, {_TOLERATES}))"
_MAY_LAND = f"{_SELECTED} && {_AFFINE} && {_TOLERATED}"
"""`pods.may_land` of a pool, in CEL."""


def _pool(pool: PoolPlan) -> str:
    """A pool as CEL writes it. By the first label GKE's own device plugin keeps away, on clusters that have it."""
    taints = ", ".join(
        f"{{'key': {json.dumps(t.key)}, 'value': {json.dumps(t.value)}, 'effect': {json.dumps(t.effect)}}}"
        for t in pool.taints
        if t.effect != "PreferNoSchedule"
    )
    labels = json.dumps({**NO_PLUGIN, **pool.labels})
    return f"{{'name': dyn({json.dumps(pool.name)}), 'labels': dyn({labels}), 'taints': dyn([{taints}])}}"


def _policy(
    name: str,
    resources: Mapping[str, Sequence[str]],
    *,
    conditions: Mapping[str, str],
    validations: Sequence[Mapping[str, str]],
    variables: Mapping[str, str] | None = None,
) -> list[Manifest]:
    """A policy and what puts it in force: everywhere, and where it cannot be evaluated nothing passes."""
    spec = {
        "failurePolicy": "Fail",
        "matchConstraints": {"resourceRules": [{**resources, "operations": ["CREATE", "UPDATE"]}]},
        "matchConditions": [{"name": key, "expression": text} for key, text in conditions.items()],
        "variables": [{"name": key, "expression": text} for key, text in (variables or {}).items()],
        "validations": list(validations),
    }
    return [
        manifest(API, "ValidatingAdmissionPolicy", name, spec=spec),
        manifest(
            API,
            "ValidatingAdmissionPolicyBinding",
            name,
            spec={"policyName": name, "validationActions": ["Deny"]},
        ),
    ]
