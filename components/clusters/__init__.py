"""Clusters: one module or package per kind, all with the contract of `cluster`."""
