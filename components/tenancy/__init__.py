"""Tenants: namespaces with quota, limits, isolation and access."""
