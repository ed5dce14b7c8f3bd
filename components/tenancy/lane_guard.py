"""What keeps the pods of tenants to the lane that counts them, as the API server enforces it.

A quota of GPUs holds for one lane and knows a pod's lane by its PriorityClass. Without this a pod would be counted in
one lane and run in another: past the queue, by its priority in the place of others' jobs, and on whole cards where the
quota it has is of turns.
"""

import json

from ..objects import Manifest, manifest
from ..pools.plan import LANE_LABEL
from ..settings.pools import Lane
from .plan import TENANT_LABEL
from .priorities import PRIORITY_CLASSES

API = "admissionregistration.k8s.io/v1"
"""The group and version of the policy."""
NAME = "kubelanes-lanes"


def lane_policy() -> list[Manifest]:
    """The policy, and what puts it in force in the namespaces of tenants; where it cannot be evaluated nothing passes.

    - No pod tolerates the taint of a lane other than the one of its PriorityClass.
    - No pod names its node: the taints by which lanes are kept apart are the scheduler's to honour, and a pod that
      names its node passes it by. Source: kubernetes.io, "Assigning Pods to Nodes", ``nodeName``.
    """
    spec = {
        "failurePolicy": "Fail",
        "matchConstraints": {
            "namespaceSelector": {"matchExpressions": [{"key": TENANT_LABEL, "operator": "Exists"}]},
            "resourceRules": [
                {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE", "UPDATE"]}
            ],
        },
        # One that is there already must be able to go, and to be given labels.
        "matchConditions": [
            {"name": "new-spec", "expression": "request.operation == 'CREATE' || object.spec != oldObject.spec"}
        ],
        "variables": [
            {"name": "lane", "expression": f"{_LANES}[?object.spec.?priorityClassName.orValue('')].orValue('')"},
            {"name": "astray", "expression": _ASTRAY},
        ],
        "validations": [
            {
                "expression": "variables.lane == '' || size(variables.astray) == 0",
                "messageExpression": "'under the PriorityClass ' + object.spec.priorityClassName + ' a pod is counted "
                "in the lane ' + variables.lane + ', and this one tolerates the taint of ' + "
                "variables.astray.join(', ') + '. Remove that toleration, or name the PriorityClass of that lane'",
            },
            {
                "expression": "request.operation != 'CREATE' || object.spec.?nodeName.orValue('') == ''",
                "message": "nodeName passes the scheduler by, and with it the taints of the lanes. Use a nodeSelector",
            },
        ],
    }
    binding = {"policyName": NAME, "validationActions": ["Deny"]}
    return [
        manifest(API, "ValidatingAdmissionPolicy", NAME, spec=spec),
        manifest(API, "ValidatingAdmissionPolicyBinding", NAME, spec=binding),
    ]


_LANES = json.dumps({each.name: lane.value for lane, each in PRIORITY_CLASSES.items()})
_TOLERATES = (
    f"t.?key.orValue('') in ['', '{LANE_LABEL}'] && t.?effect.orValue('') in ['', 'NoSchedule'] && "
    "(t.?operator.orValue('') == 'Exists' || t.?value.orValue('') == lane)"
)
_TAINTED = json.dumps([lane.value for lane in Lane if lane is not Lane.PLATFORM])
_ASTRAY = (
    f"{_TAINTED}.filter(lane, lane != variables.lane && object.spec.?tolerations.orValue([]).exists(t, {_TOLERATES}))"
)
