"""The kubeconfig of a GKE cluster: no token in it, but the command that fetches one for whoever uses it."""

import json


def kubeconfig(cluster: str, endpoint: str, certificate_authority: str | None) -> str:
    """The kubeconfig, as JSON.

    endpoint: the API server's address, or its name at Google.
    certificate_authority: its PEM in base64, as Google Cloud gives it; None for the name, whose certificate is one that
        every machine trusts.

    Source: kubernetes/cloud-provider-gcp, cmd/gke-gcloud-auth-plugin: it answers in v1beta1 only, with the caller's own
    credentials.
    """
    command = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "gke-gcloud-auth-plugin",
        "installHint": "Install gke-gcloud-auth-plugin: gcloud components install gke-gcloud-auth-plugin",
        "interactiveMode": "Never",
        "provideClusterInfo": True,
    }
    server = {"server": f"https://{endpoint}"}
    if certificate_authority:
        server["certificate-authority-data"] = certificate_authority
    return json.dumps({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": cluster, "cluster": server}],
        "users": [{"name": cluster, "user": {"exec": command}}],
        "contexts": [{"name": cluster, "context": {"cluster": cluster, "user": cluster}}],
        "current-context": cluster,
    })  # fmt: skip
