"""What makes the accelerators of a cluster's nodes usable. `plan` lists the parts, `stack` installs them.

`operator` is NVIDIA's GPU Operator; `nvidia_device_plugin`, `dcgm_exporter` and `gke_driver_installer` do parts of its
work where it is not wanted; `plugin_configs` says how the device plugin of either shares cards; `dra_driver` hands out
cards as devices, and `admin_access` lets those who run the platform look at them; `vendor_plugins` are the device
plugins of other vendors; `advertising` keeps each card from being handed out by two; `dra_example` simulates cards.
`served` says which pools each of them is for.
"""
