"""What the tiers share: waiting, talking to a cluster, driving the real engine."""
