"""Set-up: builds the pinned tools, makes the Python environment, and drives Pulumi. Standard library only."""
