"""What gives pods the fast networks of their nodes: EFA, GKE's GPUDirect networks, InfiniBand.

What a pod asks for to use one is `pools.fabric`.
"""
