"""The controllers that a sim can host, by name."""

from collections.abc import Mapping

from .hosted import Access, HostedController, Webhooks

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
    webhooks=Webhooks(
        service="kueue-webhook-service",
        secret="kueue-webhook-server-cert",  # noqa: S106 - the name of a Secret
        authority="kueue-ca",
    ),
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

KARPENTER = HostedController(
    name="karpenter",
    namespace="kube-system",
    service_account="karpenter",
    # It has no configuration but its environment: the file is the list of machines that its KWOK provider knows.
    config_map="karpenter-instance-types",
    config_key="instance-types.json",
    config_format="json",
    command=("{binary}",),
    environment={
        "KUBECONFIG": "{kubeconfig}",
        "INSTANCE_TYPES_FILE_PATH": "{config}",
        "SYSTEM_NAMESPACE": "{namespace}",
        "METRICS_PORT": "{metrics}",
        "HEALTH_PROBE_PORT": "{health}",
        "DISABLE_LEADER_ELECTION": "true",
        "LOG_LEVEL": "info",
        "FEATURE_GATES": "ReservedCapacity=false",  # the KWOK provider knows no reservations
    },
    crds=(
        "nodeclaims.karpenter.sh",
        "nodeoverlays.karpenter.sh",
        "nodepools.karpenter.sh",
        "kwoknodeclasses.karpenter.kwok.sh",
    ),
    # What it lists at its start: without a permission it ends, and is started again later and later.
    access=(
        Access(verb="list", resource="nodeclaims", group="karpenter.sh"),
        Access(verb="list", resource="kwoknodeclasses", group="karpenter.kwok.sh"),
        Access(verb="create", resource="nodes"),
    ),
)

CONTROLLERS: Mapping[str, HostedController] = {row.name: row for row in (KARPENTER, KUEUE)}
"""Every row; a sim hosts those that its settings name."""
