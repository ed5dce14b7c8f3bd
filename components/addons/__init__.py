"""The controllers inside the cluster: one module per add-on, and the component that installs any of them."""
