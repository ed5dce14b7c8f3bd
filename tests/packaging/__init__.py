"""Proofs that the folder ``components`` is the library ``kubelanes`` too."""
