"""The proofs of kubelanes, tier by tier."""
