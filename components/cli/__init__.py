"""The command ``kubelanes``: what a stack takes and costs, and whether machine and account are ready for it."""
