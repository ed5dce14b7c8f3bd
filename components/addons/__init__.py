"""The controllers inside the cluster: one module per add-on, and the component that installs any of them (`addon`).

`gpus` is what makes accelerators usable, `networks` what gives pods the fast networks between nodes.
"""
