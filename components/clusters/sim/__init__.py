"""The sim: a real control plane on this machine, with simulated nodes."""
