"""Facts that stand once, each with its source: accelerators, the machine types that carry them, and the charts."""
