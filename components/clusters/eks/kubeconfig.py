"""How an EKS cluster is reached: a kubeconfig that holds no credential, only the command that gets one."""

import json


def kubeconfig(name: str, region: str, endpoint: str, certificate_authority: str) -> str:
    """The kubeconfig of a cluster, as JSON; whoever uses it proves who they are through the AWS CLI.

    endpoint: the API server's URL. certificate_authority: its PEM in base64, as EKS gives it.

    Source: EKS user guide, "Connect kubectl to an EKS cluster by creating a kubeconfig file".
    """
    command = {
        "apiVersion": "client.authentication.k8s.io/v1beta1",
        "command": "aws",
        "args": ["eks", "get-token", "--cluster-name", name, "--region", region, "--output", "json"],
        "installHint": "Install the AWS CLI, version 2.",
        "interactiveMode": "Never",
    }
    server = {"server": endpoint, "certificate-authority-data": certificate_authority}
    return json.dumps({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": name, "cluster": server}],
        "users": [{"name": name, "user": {"exec": command}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": name}}],
        "current-context": name,
    })  # fmt: skip
