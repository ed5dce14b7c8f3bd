"""Proofs with the real engine that need no cluster: seconds each."""
