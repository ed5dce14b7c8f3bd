"""Amazon EKS: the cluster, its network and its identities. Planners here need no SDK; components need pulumi-aws."""
