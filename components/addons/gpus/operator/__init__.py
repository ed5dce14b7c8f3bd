"""NVIDIA's GPU Operator: what its chart is given, by theme, from the cluster's facts and the pools.

`plan` composes; `values` says who owns what; `partitions` cuts cards; `drivers` decides how the driver is upgraded;
`metrics` what is measured. Sources: GPU Operator v26.7.0, deployments/gpu-operator/values.yaml and templates;
"NVIDIA GPU Operator with Amazon EKS", "with Google GKE"; Amazon EKS user guide, "Manage NVIDIA GPU devices".
"""
