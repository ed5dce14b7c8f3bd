"""What a stack takes and costs, said before anything of it exists: pure, from settings and tables alone."""
