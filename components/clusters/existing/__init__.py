"""Clusters that somebody else builds: facts are declared and verified, nodes labelled, and nothing is created."""
