"""Node pools: from the stack file to cloud-neutral plans, and from these to nodes."""
