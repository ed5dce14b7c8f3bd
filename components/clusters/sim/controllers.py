"""The controllers that a sim can host, by name."""

from collections.abc import Mapping

from .hosted import Access, HostedController

KUEUE = HostedController(
    name="kueue",
    namespace="kueue-system",
    service_account="kueue-controller-manager",
    config_map="kueue-manager-config",
    config_key="controller_manager_config.yaml",
    command=("{binary}", "--config={config}", "--kubeconfig={kubeconfig}", "--zap-log-level=2"),
    overrides={
        "namespace": "{namespace}",
        "health": {"healthProbeBindAddress": "127.0.0.1:{health}"},
        "metrics": {"bindAddress": "127.0.0.1:{metrics}"},
        "webhook": {"host": "127.0.0.1", "port": "{webhook}", "certDir": "{certificates}"},
        "leaderElection": {"leaderElect": False},
        # Its aggregated API server listens on all addresses and wants a certificate under /visibility.
        "featureGates": {"VisibilityOnDemand": False},
    },
    webhook_service="kueue-webhook-service",
    webhook_secret="kueue-webhook-server-cert",  # noqa: S106 - the name of a Secret
    authority="kueue-ca",
    crds=(
        "clusterqueues.kueue.x-k8s.io",
        "cohorts.kueue.x-k8s.io",
        "localqueues.kueue.x-k8s.io",
        "resourceflavors.kueue.x-k8s.io",
        "workloads.kueue.x-k8s.io",
    ),
    # Without them its certificate bootstrap fails and then waits forever (sigs.k8s.io/kueue pkg/util/cert, 0.19).
    access=(
        Access(verb="update", resource="secrets", namespaced=True),
        Access(verb="list", resource="workloads", group="kueue.x-k8s.io"),
        Access(verb="list", resource="customresourcedefinitions", group="apiextensions.k8s.io"),
        Access(verb="list", resource="mutatingwebhookconfigurations", group="admissionregistration.k8s.io"),
    ),
)

CONTROLLERS: Mapping[str, HostedController] = {row.name: row for row in (KUEUE,)}
"""Every row; a sim hosts those that its settings name."""
