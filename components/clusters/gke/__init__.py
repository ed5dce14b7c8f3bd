"""Google Kubernetes Engine: a private, VPC-native Standard cluster with its network, keys and identities.

Modules without a cloud SDK decide (addresses, networks, maintenance, zones, facts, control_plane); the components
(`network`, `encryption`, `iam`, `gke_cluster`) carry out what they decided.
"""
