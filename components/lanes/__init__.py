"""Lanes: the workloads of tenants, each with what its role needs by default."""
