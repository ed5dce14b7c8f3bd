"""A chart for a controller that runs outside the cluster: the same objects, less those that would run it inside.

`rehost` is the rule. As a program (``python rehost.py --webhooks URL --ca-bundle PEM64``) this file is Helm's
post-renderer: YAML in, YAML out. It is started by its path, so it imports nothing of the package.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

try:
    from yaml import CSafeDumper as Dumper
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML without libyaml does the same, slower
    from yaml import SafeDumper as Dumper
    from yaml import SafeLoader as Loader

Manifest = Mapping[str, Any]

RUNS_INSIDE = frozenset({
    ("apps", "Deployment"),
    ("", "Service"),
    ("policy", "PodDisruptionBudget"),
    ("apiregistration.k8s.io", "APIService"),
    ("cert-manager.io", "Certificate"),
    ("cert-manager.io", "Issuer"),
})  # fmt: skip
"""API group and kind of what only makes sense where the controller is a pod."""


def rehost(manifests: Iterable[Manifest], webhooks: str, ca_bundle: str) -> Iterator[Manifest]:
    """What of ``manifests`` is installed where the controller runs outside the cluster.

    webhooks: the base URL at which the API server reaches the controller's webhooks.
    ca_bundle: the authority that signed its certificate, base64 of PEM.

    Every client of the controller's Service, in webhook configurations and CRD conversions, calls ``webhooks`` instead.
    """
    return (_redirected(each, webhooks, ca_bundle) for each in manifests if _group_kind(each) not in RUNS_INSIDE)


def _group_kind(manifest: Manifest) -> tuple[str, str]:
    group, _, version = manifest["apiVersion"].rpartition("/")
    return (group if version else ""), manifest["kind"]


def _redirected(value: Any, webhooks: str, ca_bundle: str) -> Any:  # noqa: ANN401 - any part of a manifest
    match value:
        case {"clientConfig": {"service": {"path": path}}}:
            return {**value, "clientConfig": {"url": f"{webhooks}{path}", "caBundle": ca_bundle}}
        case {"kind": "MutatingWebhookConfiguration" | "ValidatingWebhookConfiguration", "webhooks": hooks}:
            return {**value, "webhooks": [_redirected(hook, webhooks, ca_bundle) for hook in hooks]}
        case {"kind": "CustomResourceDefinition", "spec": {"conversion": {"webhook": webhook} as conversion} as spec}:
            conversion = {**conversion, "webhook": _redirected(webhook, webhooks, ca_bundle)}
            return {**value, "spec": {**spec, "conversion": conversion}}
        case _:
            return value


def main() -> None:
    """Helm's post-renderer: rehosts the manifests on standard input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--webhooks", required=True)
    parser.add_argument("--ca-bundle", required=True)
    arguments = parser.parse_args()
    manifests = (each for each in yaml.load_all(sys.stdin, Loader=Loader) if each)
    yaml.dump_all(rehost(manifests, arguments.webhooks, arguments.ca_bundle), sys.stdout, Dumper=Dumper)


if __name__ == "__main__":
    main()
