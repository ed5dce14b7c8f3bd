"""Clusters in containers on this machine, through the ``kind`` executable."""
